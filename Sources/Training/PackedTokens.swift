// A batch of token sequences laid behind one another without padding.
// A value made for each share of a batch; it knows tokens and positions, not texts.

package struct PackedTokens: Sendable {
    /// Vocabulary indices, one for each token of the batch.
    package private(set) var ids: [Int32] = []
    /// Position of each token in its own text; of one read through a mask, among what is left.
    package private(set) var positions: [Int32] = []
    /// First token of each sequence, and the number of tokens as the last element.
    package private(set) var starts: [Int] = [0]

    package init() {}

    package mutating func append(ids: [Int32], positions: [Int32]) {
        precondition(ids.count == positions.count && !ids.isEmpty, "a sequence needs tokens, each with a position")
        self.ids += ids
        self.positions += positions
        starts.append(self.ids.count)
    }

    package var tokenCount: Int { ids.count }
    package var sequenceCount: Int { starts.count - 1 }
    package func range(_ sequence: Int) -> Range<Int> { starts[sequence]..<starts[sequence + 1] }
}
