// Which tokens the encoder reads. The policies are the ablation's axis. Pure: the same text gives the same decision on
// every instance. Whole words only.
package import Posts
package import Tokenization

package enum MaskPolicy: Sendable {
    /// Everything is read.
    case none
    /// What is noise by its form: see `NoiseRules`.
    case rules
    /// This share of the words, chosen by a hash of the text: what a mask of that size costs without knowledge.
    case random(keptShare: Float)
    /// In each text as many tokens as the learned mask drops there, of words chosen by chance: the comparison that differs in
    /// nothing but the choice.
    case randomLike(LearnedMask)
    /// What a trained scorer gives little chance to matter.
    case learned(LearnedMask)

    package func apply(to tokenized: TokenizedText, text: String) -> MaskedText {
        switch self {
        case .none: MaskedText(tokenized, isDropped: nil)
        case .rules: MaskedText(tokenized, isDropped: NoiseRules.dropped(tokenized, text: text))
        case .random(let share):
            MaskedText(tokenized, isDropped: RandomMask.dropped(tokenized, text: text, keptShare: share))
        case .randomLike(let mask):
            MaskedText(
                tokenized,
                isDropped: RandomMask.dropped(
                    tokenized, text: text, count: mask.dropped(tokenized, text: text).count { $0 }))
        case .learned(let mask):
            MaskedText(tokenized, isDropped: mask.dropped(tokenized, text: text))
        }
    }
}

extension MaskPolicy: CustomStringConvertible {
    package var description: String {
        switch self {
        case .none: "none"
        case .rules: "rules"
        case .random(let share): "random (\(share) kept)"
        case .randomLike(let mask): "random (as many tokens as learned at threshold \(mask.threshold))"
        case .learned(let mask): "learned (threshold \(mask.threshold))"
        }
    }
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

    /// `isDropped` has one element a token; nil drops nothing. What was cut off counts as not read.
    package init(_ tokenized: TokenizedText, isDropped: [Bool]?) {
        let tokens = tokenized.tokens
        let textTokens = tokens.count - 2
        let total = textTokens + tokenized.estimatedCutTokens
        func share(_ read: Int) -> Float { total == 0 ? 1 : Float(read) / Float(total) }
        guard let isDropped, isDropped.contains(true) else {
            let dropped = tokenized.cut.map { [$0] } ?? []
            self.init(kept: nil, summary: MaskSummary(keptShare: share(textTokens), dropped: dropped))
            return
        }
        var kept: [Int32] = []
        kept.reserveCapacity(tokens.count)
        var spans: [CodePointSpan] = []
        var open: (start: Int, end: Int)?
        for (index, token) in tokens.enumerated() {
            if isDropped[index] {
                open = (open?.start ?? Int(token.start), max(open?.end ?? 0, Int(token.end)))
                continue
            }
            kept.append(Int32(index))
            guard !token.isSpecial, let (start, end) = open else { continue }
            spans.append(CodePointSpan(start: start, length: end - start))
            open = nil
        }
        if let cut = tokenized.cut {
            open = (open?.start ?? cut.start, cut.end)
        }
        if let (start, end) = open { spans.append(CodePointSpan(start: start, length: end - start)) }
        self.init(kept: kept, summary: MaskSummary(keptShare: share(kept.count - 2), dropped: spans))
    }
}
