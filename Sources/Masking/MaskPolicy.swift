// Which tokens the encoder reads. The policies are the ablation: none, rules, random, learned.
package import Posts

package enum MaskPolicy: Sendable, Hashable {
    /// Everything is read.
    case none
    /// A seeded choice: each word is kept with this probability, decided by the text alone.
    case random(keptShare: Float)
}

/// The mask's decision about one text.
package struct MaskedText: Sendable {
    /// Indices of the tokens that are read, ascending; the specials are always among them. nil: all.
    package let kept: [Int32]?
    package let summary: MaskSummary

    package init(kept: [Int32]?, summary: MaskSummary) {
        self.kept = kept
        self.summary = summary
    }
}
