// Collects the characters of one word, cuts it into pieces, and gathers the tokens. Lives for one text.
import Posts

struct PieceBuilder {
    private let vocabulary: Vocabulary
    private let longestWord: Int
    private let maximumTokens: Int

    private var tokens: [Token] = []
    private(set) var isFull = false
    private var cutStart: Int32?
    private var wordCount: Int32 = 0

    /// The normalised word in UTF-8, and for each byte the code point of the original it came from.
    private var bytes: [UInt8] = []
    private var sources: [Int32] = []
    private var characters = 0
    private var wordStart: Int32 = 0
    private var wordEnd: Int32 = 0
    /// Hashes of the prefixes of what is left of the word; kept to save an allocation a word.
    private var prefixes: [UInt64] = []

    init(tokenizer: WordPieceTokenizer, longestWord: Int, byteCount: Int) {
        vocabulary = tokenizer.vocabulary
        self.longestWord = longestWord
        maximumTokens = tokenizer.maximumTokens
        tokens.reserveCapacity(min(maximumTokens, byteCount / 3 + 8))
        bytes.reserveCapacity(64)
        sources.reserveCapacity(64)
        prefixes.reserveCapacity(64)
        tokens.append(Token(id: vocabulary.classification, start: 0, end: 0, word: -1))
    }

    @inline(__always)
    mutating func append(_ scalar: UInt32, from point: Int32) {
        if characters == 0 { wordStart = point }
        wordEnd = point + 1
        characters += 1
        // An over-long word becomes one unknown piece: its characters are not needed.
        guard characters <= longestWord else { return }
        if scalar < 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: scalar))
            sources.append(point)
            return
        }
        let count = scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
        let lead: UInt32 = count == 2 ? 0xC0 : count == 3 ? 0xE0 : 0xF0
        for index in (0..<count).reversed() {
            let part = scalar >> UInt32(6 * index)
            bytes.append(UInt8(truncatingIfNeeded: index == count - 1 ? part | lead : part & 0x3F | 0x80))
            sources.append(point)
        }
    }

    /// A removed accent still belongs to the word before it.
    mutating func extendWord(over point: Int32) {
        if characters > 0, wordEnd == point { wordEnd = point + 1 }
    }

    mutating func finishWord() {
        guard characters > 0 else { return }
        if !isFull {
            let before = tokens.count
            if characters > longestWord || !cutIntoPieces() {
                tokens.removeSubrange(before...)
                isFull = tokens.count >= maximumTokens - 1
                if isFull {
                    cutStart = wordStart
                } else {
                    add(id: vocabulary.unknown, start: wordStart, end: wordEnd)
                }
            }
            keepWithinMaximum()
            wordCount += 1
        }
        characters = 0
        bytes.removeAll(keepingCapacity: true)
        sources.removeAll(keepingCapacity: true)
    }

    private mutating func add(id: Int32, start: Int32, end: Int32) {
        tokens.append(Token(id: id, start: start, end: end, word: wordCount))
    }

    /// Pieces beyond the maximum go, even in the middle of a word: what the original does.
    private mutating func keepWithinMaximum() {
        let room = maximumTokens - 1
        if tokens.count > room {
            cutStart = tokens[room].start
            tokens.removeSubrange(room...)
            isFull = true
        }
    }

    /// The longest piece first, then the longest continuation, and so on. False where a rest matches nothing.
    private mutating func cutIntoPieces() -> Bool {
        var start = 0
        while start < bytes.count {
            let continues = start > 0
            var hash = continues ? Vocabulary.continuingSeed : Vocabulary.openingSeed
            let length = min(bytes.count - start, vocabulary.longestPiece)
            prefixes.removeAll(keepingCapacity: true)
            for index in start..<start + length {
                hash = Vocabulary.mix(hash, bytes[index])
                prefixes.append(hash)
            }
            guard let (id, end) = longestPiece(from: start, length: length, continues: continues) else { return false }
            let last = end == bytes.count
            add(id: id, start: sources[start], end: last ? wordEnd : sources[end - 1] + 1)
            start = end
        }
        return true
    }

    private func longestPiece(from start: Int, length: Int, continues: Bool) -> (id: Int32, end: Int)? {
        bytes.withUnsafeBufferPointer { all in
            var count = length
            while count > 0 {
                let piece = UnsafeBufferPointer(rebasing: all[start..<start + count])
                if let id = vocabulary.identifier(hash: prefixes[count - 1], continues: continues, bytes: piece) {
                    return (id, start + count)
                }
                count -= 1
            }
            return nil
        }
    }

    consuming func finish(codePointCount: Int) -> TokenizedText {
        let read = tokens.count - 1
        tokens.append(Token(id: vocabulary.separator, start: 0, end: 0, word: -1))
        guard let cutStart else {
            return TokenizedText(tokens: tokens, codePointCount: codePointCount, cut: nil, estimatedCutTokens: 0)
        }
        let cut = CodePointSpan(start: Int(cutStart), length: codePointCount - Int(cutStart))
        let estimate = max(1, read * cut.length / max(1, Int(cutStart)))
        return TokenizedText(tokens: tokens, codePointCount: codePointCount, cut: cut, estimatedCutTokens: estimate)
    }
}
