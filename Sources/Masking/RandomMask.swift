// A mask without knowledge: a given share of the words, drawn by a hash of the text, so that every run draws alike.
package import Tokenization

package enum RandomMask {
    /// One element a token. At least one word is kept.
    package static func dropped(_ tokenized: TokenizedText, text: String, keptShare: Float) -> [Bool] {
        let tokens = tokenized.tokens
        let words = Int((tokens.map(\.word).max() ?? -1) + 1)
        guard words > 0 else { return [] }
        let keptCount = max(1, min(words, Int((keptShare * Float(words)).rounded())))
        var keeps = [Bool](repeating: false, count: words)
        for word in ranked(words, text).prefix(keptCount) { keeps[word] = true }
        return tokens.map { !$0.isSpecial && !keeps[Int($0.word)] }
    }

    /// As many tokens as `count`, in whole words: words in the drawn order go while they fit, so that at most the last ones are
    /// missing where every word left is longer than what is still to go. At least one word is kept.
    package static func dropped(_ tokenized: TokenizedText, text: String, count: Int) -> [Bool] {
        let tokens = tokenized.tokens
        let words = Int((tokens.map(\.word).max() ?? -1) + 1)
        var lengths = [Int](repeating: 0, count: words)
        for token in tokens where !token.isSpecial { lengths[Int(token.word)] += 1 }
        var drops = [Bool](repeating: false, count: words)
        var (left, kept) = (count, words)
        for word in ranked(words, text) where lengths[word] <= left && kept > 1 {
            drops[word] = true
            left -= lengths[word]
            kept -= 1
        }
        return tokens.map { !$0.isSpecial && drops[Int($0.word)] }
    }

    /// All words in the order that the text's hash draws.
    private static func ranked(_ words: Int, _ text: String) -> [Int] {
        var seed: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { seed = (seed ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return (0..<words).sorted { draw(seed, $0) < draw(seed, $1) }
    }

    /// SplitMix64 of the seed and the word's ordinal.
    private static func draw(_ seed: UInt64, _ word: Int) -> UInt64 {
        var state = seed &+ UInt64(word + 1) &* 0x9E37_79B9_7F4A_7C15
        state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
        return state ^ (state >> 31)
    }
}
