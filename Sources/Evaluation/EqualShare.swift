// The share of words a random mask has to keep so that the encoder reads as many tokens as another mask leaves: only at an equal
// share does a comparison with chance mean anything. Tokenises and masks; runs no encoder.
package import Masking
package import StudentInference
internal import Tokenization

package enum EqualShare {
    /// The share of all texts' tokens that the policy leaves.
    package static func kept(_ texts: [String], _ policy: MaskPolicy, student: Student) -> Double {
        kept(tokenized(texts, student), policy)
    }

    /// For `MaskPolicy.random`: words to keep, so that the kept share of tokens comes as near as it can to what `policy` leaves.
    /// The kept share grows with the words kept, so bisection finds it.
    package static func randomShare(like policy: MaskPolicy, _ texts: [String], student: Student) -> Float {
        let texts = tokenized(texts, student)
        let goal = kept(texts, policy)
        var (low, high): (Float, Float) = (0, 1)
        for _ in 0..<14 {
            let middle = (low + high) / 2
            if kept(texts, .random(keptShare: middle)) < goal { low = middle } else { high = middle }
        }
        func distance(_ share: Float) -> Double { abs(kept(texts, .random(keptShare: share)) - goal) }
        return distance(low) < distance(high) ? low : high
    }

    private typealias Tokenized = (text: String, tokens: TokenizedText)

    private static func tokenized(_ texts: [String], _ student: Student) -> [Tokenized] {
        texts.map { ($0, student.tokenizer.tokenize($0)) }
    }

    private static func kept(_ texts: [Tokenized], _ policy: MaskPolicy) -> Double {
        var kept = KeptTokens()
        for (text, tokens) in texts {
            let read = policy.apply(to: tokens, text: text).kept?.count ?? tokens.tokens.count
            kept.add(kept: read - 2, of: tokens.tokens.count - 2)
        }
        return kept.share
    }
}
