// What the network learns from: a tokenised text and, for each head that knows something about it, the right
// answers. Values; made by ExampleSource, read by the workers.

/// The right answer for one row of a head's scores.
package enum TrainingGoal: Sendable, Equatable {
    case label(Int)
    /// Any of these labels (bit i for label i): for data whose labels are coarser than the head's. At most 64
    /// labels.
    case anyOf(UInt64)
    /// A probability for each label, such as a teacher's.
    case distribution([Float])
    /// A teacher's probabilities, softened by a temperature that the student's scores are divided by as well. The loss is
    /// multiplied by the square of the temperature, so that its gradients keep their size.
    case softened([Float], temperature: Float)
}

/// The answers for one head. A head that reads the whole text has one row; one that reads tokens has a row a word.
package struct HeadTarget: Sendable, Equatable {
    /// Index into the network's heads.
    package let head: Int
    /// The tokens (index within the sequence) that the rows are read from; empty for a head that reads the whole
    /// text.
    package let tokens: [Int]
    package let goals: [TrainingGoal]
    /// Factor on each row's loss.
    package let weight: Float

    package init(head: Int, tokens: [Int], goals: [TrainingGoal], weight: Float) {
        precondition(tokens.isEmpty ? goals.count == 1 : goals.count == tokens.count, "a goal for each row")
        self.head = head
        self.tokens = tokens
        self.goals = goals
        self.weight = weight
    }
}

/// What is known of a word's worth to the mask.
package enum MaskGoal: UInt8, Sendable {
    case unknown
    /// Part of an entity.
    case keep
    /// Noise that was put in.
    case drop
    /// Inside, and beside, what a person marked as carrying the label.
    case rationale, besides
}

/// What the mask's scorer reads of an unmasked text, one element a token.
package struct MaskInputs: Sendable {
    /// Number of each token's unit (MaskUnits), -1 for the specials.
    package let words: [Int32]
    /// (tokens, MaskFeatures.count)
    package let features: [Float]
    package let goals: [MaskGoal]
    /// Whether the encoder reads the text through the gates.
    package let isGated: Bool

    package init(words: [Int32], features: [Float], goals: [MaskGoal], isGated: Bool) {
        precondition(words.count == goals.count, "a goal for each token")
        self.words = words
        self.features = features
        self.goals = goals
        self.isGated = isGated
    }
}

package struct TrainingExample: Sendable {
    package let ids: [Int32]
    package let positions: [Int32]
    package let targets: [HeadTarget]
    package let mask: MaskInputs?
    /// In masked-language training the places to guess.
    package let hidden: [HiddenPiece]
    /// What a local teacher reads of it; nil: the same tokens.
    package let reading: TeacherReading?

    package init(
        ids: [Int32], positions: [Int32], targets: [HeadTarget], mask: MaskInputs? = nil, hidden: [HiddenPiece] = [],
        reading: TeacherReading? = nil
    ) {
        self.ids = ids
        self.positions = positions
        self.targets = targets
        self.mask = mask
        self.hidden = hidden
        self.reading = reading
    }
}
