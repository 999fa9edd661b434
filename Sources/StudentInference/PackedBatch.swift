// The tokens of several posts, one after another without padding: what the encoder reads. A value that is used again.
package import Tokenization

package struct PackedBatch: Sendable {
    /// Token ids of all sequences (T).
    package private(set) var ids: [Int32] = []
    /// Position of each token in its unmasked sequence (T).
    package private(set) var positions: [Int32] = []
    /// First row of each sequence, and T at the end: sequence i is rows starts[i]..<starts[i + 1].
    package private(set) var starts: [Int] = [0]

    package init() {}

    package var tokenCount: Int { ids.count }
    package var sequenceCount: Int { starts.count - 1 }
    package func rows(_ sequence: Int) -> Range<Int> { starts[sequence]..<starts[sequence + 1] }

    /// Appends the tokens at `kept` (ascending indices); nil keeps all. A kept token keeps its position.
    package mutating func append(_ tokens: [Token], kept: [Int32]? = nil) {
        if let kept {
            for index in kept {
                ids.append(tokens[Int(index)].id)
                positions.append(index)
            }
        } else {
            for (index, token) in tokens.enumerated() {
                ids.append(token.id)
                positions.append(Int32(index))
            }
        }
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
