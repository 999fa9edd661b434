// What the learned mask sees of a token besides its embedding: cheap marks of form and place. Computed the same way in
// training and in the stream; the order of the values is part of a model's format.
package import Tokenization

package enum MaskFeatures {
    /// Values a token, in this order. A new one is a new model format.
    package static let names = [
        "rules_noise", "link", "handle", "hashtag", "pictograph", "punctuation", "digit", "capitals", "seen_before",
        "after_noise", "before_noise", "nearness_to_start", "nearness_to_end", "noise_share",
    ]
    package static let count = names.count
    /// Columns that others read.
    static let link = 1
    static let handle = 2

    /// (tokens, count), row-major; the specials' rows are zero.
    package static func values(_ tokenized: TokenizedText, text: String) -> [Float] {
        let limit = tokenized.codePointsReached
        var scalars: [UInt32] = []
        scalars.reserveCapacity(limit)
        for scalar in text.unicodeScalars.prefix(limit) { scalars.append(scalar.value) }
        let chunks = Chunks(scalars)
        let dropped = NoiseRules.dropped(tokenized, text: text)
        let tokens = tokenized.tokens
        var values = [Float](repeating: 0, count: tokens.count * count)
        var seen: Set<ArraySlice<UInt32>> = []
        let words = Float(max(1, (tokens.map(\.word).max() ?? 0) + 1))
        var index = 0
        while index < tokens.count {
            var end = index + 1
            while end < tokens.count, tokens[end].word == tokens[index].word, !tokens[end].isSpecial { end += 1 }
            defer { index = end }
            let first = tokens[index]
            if first.isSpecial { continue }
            let range = Int(first.start)..<max(Int(first.start) + 1, Int(tokens[end - 1].end))
            let scalar = scalars[range.lowerBound]
            let chunk = Int(chunks.ofScalar[range.lowerBound])
            var row = [Float](repeating: 0, count: count)
            switch chunks.forms[chunk] {
            case .link: row[link] = 1
            case .handle: row[handle] = 1
            case .hashtag: row[3] = 1
            case .words: break
            }
            row[4] = isPictograph(scalar) ? 1 : 0
            row[5] = scalar < 0x80 && !Ascii.isWord(scalar) || (0x2010...0x205E).contains(scalar) ? 1 : 0
            row[6] = (0x30...0x39).contains(scalar) ? 1 : 0
            row[7] = isCapitals(scalars[range]) ? 1 : 0
            let folded = scalars[range].map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
            row[8] = seen.insert(folded[...]).inserted ? 0 : 1
            row[9] = chunk > 0 && chunks.forms[chunk - 1] != .words ? 1 : 0
            row[10] = chunk + 1 < chunks.forms.count && chunks.forms[chunk + 1] != .words ? 1 : 0
            row[11] = 1 / (1 + Float(first.word))
            row[12] = 1 / (words - Float(first.word))
            row[13] = chunks.noiseShare
            for token in index..<end {
                row[0] = dropped[token] ? 1 : 0
                for column in 0..<count { values[token * count + column] = row[column] }
            }
        }
        return values
    }

    private static func isPictograph(_ scalar: UInt32) -> Bool {
        (0x2190...0x23FF).contains(scalar) || (0x2600...0x27BF).contains(scalar) || (0x2B00...0x2BFF).contains(scalar)
            || (0x1F000...0x1FFFF).contains(scalar)
    }

    private static func isCapitals(_ word: ArraySlice<UInt32>) -> Bool {
        word.count > 1 && word.allSatisfy { (0x41...0x5A).contains($0) }
    }
}

/// A text cut at white space, each part with its form.
private struct Chunks {
    enum Form: UInt8 {
        case words, link, handle, hashtag
    }

    private(set) var forms: [Form] = []
    /// The chunk of each scalar; white space belongs to the chunk before it.
    private(set) var ofScalar: [Int32]
    let noiseShare: Float

    init(_ scalars: [UInt32]) {
        ofScalar = [Int32](repeating: 0, count: max(1, scalars.count))
        var start = 0
        var noise = 0
        while start < scalars.count {
            var end = start
            while end < scalars.count, !Ascii.isSpace(scalars[end]) { end += 1 }
            var next = end
            while next < scalars.count, Ascii.isSpace(scalars[next]) { next += 1 }
            if end > start || forms.isEmpty {
                forms.append(Self.form(scalars[start..<end]))
                if forms.last != .words { noise += 1 }
            }
            for index in start..<next { ofScalar[index] = Int32(forms.count - 1) }
            start = next
        }
        if forms.isEmpty { forms = [.words] }
        noiseShare = Float(noise) / Float(forms.count)
    }

    private static func form(_ chunk: ArraySlice<UInt32>) -> Form {
        guard let first = chunk.first, chunk.count > 1 else { return .words }
        if first == 0x40 || first == 0xFF20 { return .handle }
        if first == 0x23 || first == 0xFF03 { return .hashtag }
        let opening = chunk.prefix(4).map { $0 | 0x20 }
        if opening.elementsEqual([0x77, 0x77, 0x77, 0x2E | 0x20]) { return .link }
        let slashes = chunk.indices.dropLast(2).contains { index in
            chunk[index] == 0x3A && chunk[index + 1] == 0x2F && chunk[index + 2] == 0x2F
        }
        return slashes ? .link : .words
    }
}
