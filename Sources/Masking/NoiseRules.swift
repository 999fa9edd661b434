// The rules' mask: drops what is noise by its form and leaves every word that could carry meaning.
//
// - web addresses, to the next white space
// - `RT @name:`, handles that open or close a post (whom it is sent to, not what it says), `via` before such a handle;
//   a handle inside a sentence stands for a name and stays
// - the `#` of a hashtag (its words stay) and what is left of HTML entities
// - the same punctuation mark or emoji again and again beyond the first, the same word beyond the second
//
// A text of which no word would be left is read whole: the heads then see what there is.
package import Tokenization

package enum NoiseRules {
    /// One element a token of `tokenized`.
    package static func dropped(_ tokenized: TokenizedText, text: String) -> [Bool] {
        let limit = tokenized.codePointsReached
        var scalars: [UInt32] = []
        scalars.reserveCapacity(limit)
        for scalar in text.unicodeScalars.prefix(limit) { scalars.append(scalar.value) }
        var noise = NoiseFinder(scalars: scalars)
        noise.findRanges()

        let tokens = tokenized.tokens
        var result = [Bool](repeating: false, count: tokens.count)
        for (index, token) in tokens.enumerated() where !token.isSpecial {
            result[index] = noise.isNoise[Int(token.start)]
        }
        dropRepetitions(tokens, scalars, &result)
        return keepsAWord(tokens, scalars, result) ? result : [Bool](repeating: false, count: tokens.count)
    }

    /// A letter or digit of any script, or a pictograph: something besides punctuation is left.
    private static func keepsAWord(_ tokens: [Token], _ scalars: [UInt32], _ dropped: [Bool]) -> Bool {
        tokens.indices.contains { index in
            guard !tokens[index].isSpecial, !dropped[index] else { return false }
            let scalar = scalars[Int(tokens[index].start)]
            return scalar >= 0x80 ? !(0x2000...0x206F).contains(scalar) : Ascii.isWord(scalar)
        }
    }

    private static func dropRepetitions(_ tokens: [Token], _ scalars: [UInt32], _ dropped: inout [Bool]) {
        var previous: Range<Int>?
        var repetitions = 0
        var index = 0
        while index < tokens.count {
            var end = index + 1
            while end < tokens.count, tokens[end].word == tokens[index].word, !tokens[end].isSpecial { end += 1 }
            defer { index = end }
            if tokens[index].isSpecial || dropped[index] { continue }
            let word = Int(tokens[index].start)..<Int(tokens[end - 1].end)
            if let last = previous, scalars[last].elementsEqual(scalars[word]) {
                repetitions += 1
                if repetitions >= mostOfAWord(scalars[word.lowerBound]) {
                    for piece in index..<end { dropped[piece] = true }
                }
            } else {
                repetitions = 0
                previous = word
            }
        }
    }

    /// How often a word with this first character may stand in a row: letters twice, marks and pictographs once.
    private static func mostOfAWord(_ scalar: UInt32) -> Int {
        if scalar < 0x80 { return Ascii.isWord(scalar) ? 2 : 1 }
        return marksAndPictographs.contains { $0.contains(scalar) } ? 1 : 2
    }

    /// General punctuation, arrows and technical symbols, dingbats, further arrows, emoji.
    private static let marksAndPictographs: [ClosedRange<UInt32>] = [
        0x2010...0x2049, 0x2190...0x23FF, 0x2600...0x27BF, 0x2B00...0x2BFF, 0x1F000...0x1FFFF,
    ]
}

enum Ascii {
    static func isWord(_ scalar: UInt32) -> Bool { isLetter(scalar) || (0x30...0x39).contains(scalar) }
    static func isLetter(_ scalar: UInt32) -> Bool { (0x61...0x7A).contains(scalar | 0x20) }
    static func isSpace(_ scalar: UInt32) -> Bool {
        scalar <= 0x20 || scalar == 0xA0 || scalar == 0x3000 || scalar == 0x2028
    }
}
