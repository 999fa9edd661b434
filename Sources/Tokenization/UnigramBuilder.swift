// Collects the normalised characters of one part (a mark of space and what follows it), cuts it into the most probable
// pieces, and gathers the tokens. Lives for one text.
import Posts

struct UnigramBuilder {
    private let vocabulary: UnigramVocabulary
    private let maximumTokens: Int

    private var tokens: [Token] = []
    private(set) var isFull = false
    private var cutStart: Int32?

    /// The part in UTF-8, and for each byte the code points of the original it came from.
    private var bytes: [UInt8] = []
    private var starts: [Int32] = []
    private var ends: [Int32] = []
    private var lastWasSpace = false
    private var isAtStart = true
    private var path: [Step] = []
    private var words = WordCutter()

    private struct Step {
        var score: Double
        var start: Int32
        var id: Int32
    }

    /// U+2581, which stands for a space.
    static let spaceMark: [UInt8] = [0xE2, 0x96, 0x81]

    init(vocabulary: UnigramVocabulary, maximumTokens: Int, byteCount: Int) {
        self.vocabulary = vocabulary
        self.maximumTokens = maximumTokens
        tokens.reserveCapacity(min(maximumTokens, byteCount / 3 + 8))
        tokens.append(Token(id: vocabulary.opening, start: 0, end: 0, word: -1))
    }

    @inline(__always)
    static func width(_ lead: UInt8) -> Int { lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4 }

    mutating func append(_ character: [UInt8], from start: Int32, to end: Int32) {
        character.withUnsafeBufferPointer { append($0, 0..<$0.count, from: start, to: end) }
    }

    /// One character, `all[range]`.
    @inline(__always)
    mutating func append(
        _ all: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, from start: Int32, to end: Int32
    ) {
        let isSpace = range.count == 1 && all[range.lowerBound] == 0x20
        // Several spaces are one.
        if isSpace, lastWasSpace { return }
        lastWasSpace = isSpace
        if isSpace || range.count == 3 && all[range].elementsEqual(Self.spaceMark) {
            finishPart()
            appendBytes(Self.spaceMark, start, end)
        } else {
            if isAtStart { appendBytes(Self.spaceMark, start, start) }
            for index in range {
                bytes.append(all[index])
                starts.append(start)
                ends.append(end)
            }
        }
        isAtStart = false
    }

    /// A removed character still belongs to what stands directly before it.
    mutating func extend(from start: Int32, to end: Int32) {
        guard let last = ends.last, last == start, bytes.count > Self.spaceMark.count else { return }
        var index = ends.count - 1
        while index >= 0, ends[index] == last {
            ends[index] = end
            index -= 1
        }
    }

    private mutating func appendBytes(_ mark: [UInt8], _ start: Int32, _ end: Int32) {
        for byte in mark {
            bytes.append(byte)
            starts.append(start)
            ends.append(end)
        }
    }

    /// The Viterbi pass: the best way to every byte where a character ends, then back from the last.
    mutating func finishPart() {
        guard !bytes.isEmpty else { return }
        defer {
            bytes.removeAll(keepingCapacity: true)
            starts.removeAll(keepingCapacity: true)
            ends.removeAll(keepingCapacity: true)
        }
        guard !isFull else { return }
        path.removeAll(keepingCapacity: true)
        path.append(Step(score: 0, start: 0, id: -1))
        for _ in bytes { path.append(Step(score: 0, start: -1, id: -1)) }
        let vocabulary = vocabulary
        bytes.withUnsafeBufferPointer { bytes in
            path.withUnsafeMutableBufferPointer { path in
                var start = 0
                while start < bytes.count {
                    let character = min(start + Self.width(bytes[start]), bytes.count)
                    let here = path[start].score
                    var hasOwnPiece = false
                    vocabulary.matches(bytes, from: start) { id, score, end in
                        let candidate = score + here
                        if path[end].start < 0 || candidate > path[end].score {
                            path[end] = Step(score: candidate, start: Int32(start), id: id)
                        }
                        if end == character { hasOwnPiece = true }
                    }
                    if !hasOwnPiece {
                        let candidate = vocabulary.unknownScore + here
                        if path[character].start < 0 || candidate > path[character].score {
                            path[character] = Step(score: candidate, start: Int32(start), id: vocabulary.unknown)
                        }
                    }
                    start = character
                }
            }
        }
        addPieces()
    }

    /// Turns the path into tokens; neighbouring unknown characters are one token.
    private mutating func addPieces() {
        var pieces: [(id: Int32, range: Range<Int>)] = []
        var end = bytes.count
        while end > 0 {
            let step = path[end]
            let start = Int(step.start)
            if step.id == vocabulary.unknown, let last = pieces.last, last.id == vocabulary.unknown {
                pieces[pieces.count - 1].range = start..<last.range.upperBound
            } else {
                pieces.append((step.id, start..<end))
            }
            end = start
        }
        for (id, range) in pieces.reversed() {
            let hasMark = bytes[range].starts(with: Self.spaceMark)
            let content = hasMark ? range.dropFirst(Self.spaceMark.count) : range
            let shown = content.isEmpty ? range : content
            let (start, end) = (starts[shown.lowerBound], ends[shown.upperBound - 1])
            guard tokens.count < maximumTokens - 1 else {
                cutStart = start
                isFull = true
                return
            }
            let word = words.word(opens: hasMark, bytes[content])
            tokens.append(Token(id: id, start: start, end: end, word: word))
        }
    }

    consuming func finish(codePointCount: Int) -> TokenizedText {
        let read = tokens.count - 1
        tokens.append(Token(id: vocabulary.closing, start: 0, end: 0, word: -1))
        guard let cutStart else {
            return TokenizedText(tokens: tokens, codePointCount: codePointCount, cut: nil, estimatedCutTokens: 0)
        }
        let cut = CodePointSpan(start: Int(cutStart), length: codePointCount - Int(cutStart))
        let estimate = max(1, read * cut.length / max(1, Int(cutStart)))
        return TokenizedText(tokens: tokens, codePointCount: codePointCount, cut: cut, estimatedCutTokens: estimate)
    }
}
