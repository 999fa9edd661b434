// The tokens of several posts, one after another without padding: what the encoder reads. A value that is used again.
package import Tokenization

package struct PackedBatch: Sendable {
    /// Token ids of all sequences (T).
    package private(set) var ids: [Int32] = []
    /// Position of each token among those of its sequence that are read (T).
    package private(set) var positions: [Int32] = []
    /// First row of each sequence, and T at the end: sequence i is rows starts[i]..<starts[i + 1].
    package private(set) var starts: [Int] = [0]

    package init() {}

    package var tokenCount: Int { ids.count }
    package var sequenceCount: Int { starts.count - 1 }
    package func rows(_ sequence: Int) -> Range<Int> { starts[sequence]..<starts[sequence + 1] }

    /// Appends the tokens at `kept` (ascending indices); nil keeps all. Positions count what is kept, so that a post whose
    /// noise is not read is the post without it (decision 0204).
    package mutating func append(_ tokens: [Token], kept: [Int32]? = nil) {
        if let kept {
            ids.append(contentsOf: kept.lazy.map { tokens[Int($0)].id })
        } else {
            ids.append(contentsOf: tokens.lazy.map(\.id))
        }
        positions.append(contentsOf: 0..<Int32(ids.count - positions.count))
        starts.append(ids.count)
    }

    package mutating func append(ids: [Int32], positions: [Int32]) {
        precondition(ids.count == positions.count)
        self.ids += ids
        self.positions += positions
        starts.append(self.ids.count)
    }

    package mutating func removeAll() {
        ids.removeAll(keepingCapacity: true)
        positions.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        starts.append(0)
    }
}
