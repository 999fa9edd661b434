// BERT's tokenizer: clean, split at white space, punctuation and ideographs, then the longest word piece first.
// One pass over the UTF-8 bytes, no intermediate strings; each piece keeps its code points in the original text.
// It reads text only: names of specials such as "[SEP]" in a post are ordinary characters here.

package struct WordPieceTokenizer: Sendable {
    package let vocabulary: Vocabulary
    /// Uncased models: lower case, accents stripped.
    package let lowercases: Bool
    /// Most tokens of a text, the two specials included.
    package let maximumTokens: Int

    /// Words longer than this many characters are one unknown piece, as in the original.
    private static let longestWord = 100

    package init(vocabulary: Vocabulary, lowercases: Bool, maximumTokens: Int = 128) {
        precondition(maximumTokens >= 3)
        self.vocabulary = vocabulary
        self.lowercases = lowercases
        self.maximumTokens = maximumTokens
    }

    package func tokenize(_ text: String) -> TokenizedText {
        var text = text
        return text.withUTF8 { tokenize(utf8: $0) }
    }

    /// `utf8` is valid UTF-8.
    package func tokenize(utf8: UnsafeBufferPointer<UInt8>) -> TokenizedText {
        var builder = PieceBuilder(tokenizer: self, longestWord: Self.longestWord, byteCount: utf8.count)
        let classifier = ScalarClassifier.shared
        var index = 0
        var point: Int32 = 0
        while index < utf8.count, !builder.isFull {
            let (scalar, width) = Self.decode(utf8, at: index)
            index += width
            let entry = classifier.entry(scalar)
            switch entry.kind {
            case .letter: append(scalar, entry, at: point, to: &builder, classifier)
            case .space: builder.finishWord()
            case .control: break
            case .mark:
                if lowercases { builder.extendWord(over: point) } else { builder.append(scalar, from: point) }
            case .punctuation, .ideograph:
                builder.finishWord()
                append(scalar, entry, at: point, to: &builder, classifier)
                builder.finishWord()
            }
            point += 1
        }
        builder.finishWord()
        var codePoints = Int(point)
        while index < utf8.count {
            // Continuation bytes do not count.
            if utf8[index] & 0xC0 != 0x80 { codePoints += 1 }
            index += 1
        }
        return builder.finish(codePointCount: codePoints)
    }

    /// Tokens of words given one by one; the text is the words joined by single spaces.
    package func tokenize(words: [String]) -> PretokenizedText {
        let joined = words.joined(separator: " ")
        return PretokenizedText(words: words, joined: joined, text: tokenize(joined))
    }

    @inline(__always)
    private func append(
        _ scalar: UInt32, _ entry: ScalarClassifier.Entry, at point: Int32, to builder: inout PieceBuilder,
        _ classifier: ScalarClassifier
    ) {
        guard lowercases else { return builder.append(scalar, from: point) }
        if entry.mapsToSeveral {
            for part in classifier.targets(entry) { builder.append(part, from: point) }
        } else if entry.target != 0 {
            // A few letters decompose to a punctuation mark, which then stands alone like any other.
            let isMark = entry.kind == .letter && classifier.entry(entry.target).kind == .punctuation
            if isMark { builder.finishWord() }
            builder.append(entry.target, from: point)
            if isMark { builder.finishWord() }
        } else if let (leading, vowel, trailing) = ScalarClassifier.hangulParts(scalar) {
            builder.append(leading, from: point)
            builder.append(vowel, from: point)
            if let trailing { builder.append(trailing, from: point) }
        } else {
            builder.append(scalar, from: point)
        }
    }

    @inline(__always)
    private static func decode(_ utf8: UnsafeBufferPointer<UInt8>, at index: Int) -> (scalar: UInt32, width: Int) {
        let first = UInt32(utf8[index])
        if first < 0x80 { return (first, 1) }
        func next(_ offset: Int) -> UInt32 { index + offset < utf8.count ? UInt32(utf8[index + offset]) & 0x3F : 0 }
        if first < 0xE0 { return ((first & 0x1F) << 6 | next(1), 2) }
        if first < 0xF0 { return ((first & 0x0F) << 12 | next(1) << 6 | next(2), 3) }
        return (min((first & 0x07) << 18 | next(1) << 12 | next(2) << 6 | next(3), 0x10FFFF), 4)
    }
}
