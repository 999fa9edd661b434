// SentencePiece's Unigram tokenizer as XLM-R uses it: normalise by a character map, cut before every space, then the
// most probable pieces of each part. Each piece keeps its code points in the original text. It reads text only: names of
// specials such as "<mask>" in a post are ordinary characters here.

package struct UnigramTokenizer: Sendable {
    package let vocabulary: UnigramVocabulary
    /// Most tokens of a text, the two specials included.
    package let maximumTokens: Int
    private let map: CharacterMap

    /// A grapheme of at most this many bytes is looked up as a whole, as in the original.
    private static let longestGrapheme = 5

    init(vocabulary: UnigramVocabulary, map: CharacterMap, maximumTokens: Int) {
        precondition(maximumTokens >= 3)
        self.vocabulary = vocabulary
        self.map = map
        self.maximumTokens = maximumTokens
    }

    package func tokenize(_ text: String) -> TokenizedText {
        var text = text
        text.makeContiguousUTF8()
        var builder = UnigramBuilder(vocabulary: vocabulary, maximumTokens: maximumTokens, byteCount: text.utf8.count)
        var index = text.startIndex
        var byte = 0
        var point: Int32 = 0
        while index < text.endIndex, !builder.isFull {
            let next = text.index(after: index)
            let end = byte + text.utf8.distance(from: index, to: next)
            text.utf8.withContiguousStorageIfAvailable { utf8 in
                append(utf8, byte..<end, at: &point, to: &builder)
            }
            (index, byte) = (next, end)
        }
        builder.finishPart()
        let rest = index < text.endIndex ? text.unicodeScalars[index...].count : 0
        return builder.finish(codePointCount: Int(point) + rest)
    }

    /// One grapheme: replaced as a whole where the map knows it, else scalar by scalar.
    @inline(__always)
    private func append(
        _ utf8: UnsafeBufferPointer<UInt8>, _ grapheme: Range<Int>, at point: inout Int32,
        to builder: inout UnigramBuilder
    ) {
        let first = point
        if grapheme.count <= Self.longestGrapheme, let replacement = map.find(utf8, grapheme) {
            for index in grapheme where utf8[index] & 0xC0 != 0x80 { point += 1 }
            append(replacement, from: first, to: point, &builder)
            return
        }
        var start = grapheme.lowerBound
        while start < grapheme.upperBound {
            let end = min(start + UnigramBuilder.width(utf8[start]), grapheme.upperBound)
            if grapheme.count > Self.longestGrapheme || end - start < grapheme.count,
                let replacement = map.find(utf8, start..<end)
            {
                append(replacement, from: point, to: point + 1, &builder)
            } else {
                builder.append(utf8, start..<end, from: point, to: point + 1)
            }
            point += 1
            start = end
        }
    }

    private func append(
        _ replacement: Range<Int>, from start: Int32, to end: Int32, _ builder: inout UnigramBuilder
    ) {
        if replacement.isEmpty { return builder.extend(from: start, to: end) }
        var index = replacement.lowerBound
        while index < replacement.upperBound {
            let next = min(index + UnigramBuilder.width(map.replacement(index)), replacement.upperBound)
            builder.append((index..<next).map(map.replacement), from: start, to: end)
            index = next
        }
    }
}
