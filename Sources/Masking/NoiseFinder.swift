// Finds the stretches of a text that are noise by their form, chunk by chunk (a chunk: what stands between white
// space). Works on Unicode scalars; knows no tokens.

struct NoiseFinder {
    private let scalars: [UInt32]
    /// One element a scalar.
    private(set) var isNoise: [Bool]
    private var chunks: [Range<Int>] = []

    private static let webPrefixes = [
        "http://", "https://", "www.", "pic.twitter.com/", "t.co/", "bit.ly/", "youtu.be/",
    ].map { $0.unicodeScalars.map(\.value) }
    private static let htmlEntities = ["amp;", "lt;", "gt;", "quot;", "nbsp;"].map { $0.unicodeScalars.map(\.value) }

    init(scalars: [UInt32]) {
        self.scalars = scalars
        isNoise = [Bool](repeating: false, count: scalars.count)
    }

    mutating func findRanges() {
        splitIntoChunks()
        for chunk in chunks {
            markWebAddress(chunk)
            markHashes(chunk)
            markHtmlEntities(chunk)
        }
        markRetweetPrefixes()
        markOuterHandles()
    }

    private mutating func splitIntoChunks() {
        var start: Int?
        for (index, scalar) in scalars.enumerated() {
            if Ascii.isSpace(scalar) {
                if let first = start { chunks.append(first..<index) }
                start = nil
            } else if start == nil {
                start = index
            }
        }
        if let first = start { chunks.append(first..<scalars.count) }
    }

    private mutating func mark(_ range: Range<Int>) {
        for index in range { isNoise[index] = true }
    }

    private func matches(_ pattern: [UInt32], at start: Int, in chunk: Range<Int>) -> Bool {
        guard start + pattern.count <= chunk.upperBound else { return false }
        for (offset, expected) in pattern.enumerated() {
            let scalar = scalars[start + offset]
            if (Ascii.isLetter(scalar) ? scalar | 0x20 : scalar) != expected { return false }
        }
        return true
    }

    /// From the address to the end of the chunk; the address opens the chunk or follows something that is no letter.
    private mutating func markWebAddress(_ chunk: Range<Int>) {
        for start in chunk where start == chunk.lowerBound || !Ascii.isWord(scalars[start - 1]) {
            let scalar = scalars[start] | 0x20
            guard Ascii.isLetter(scalar) else { continue }
            let room = chunk.upperBound - start
            if Self.webPrefixes.contains(where: { room > $0.count && matches($0, at: start, in: chunk) }) {
                return mark(start..<chunk.upperBound)
            }
        }
    }

    private mutating func markHashes(_ chunk: Range<Int>) {
        for index in chunk.dropLast() where scalars[index] == 0x23 || scalars[index] == 0xFF03 {
            let next = scalars[index + 1]
            if Ascii.isWord(next) || next >= 0x80 || next == 0x5F { isNoise[index] = true }
        }
    }

    /// `&amp;` keeps its `&`, which is what was meant; the others go whole.
    private mutating func markHtmlEntities(_ chunk: Range<Int>) {
        for index in chunk where scalars[index] == 0x26 {
            for (number, entity) in Self.htmlEntities.enumerated() where matches(entity, at: index + 1, in: chunk) {
                mark((number == 0 ? index + 1 : index)..<index + 1 + entity.count)
            }
        }
    }

    /// The end of a handle (`@name`, `@name@server.example`) that opens the chunk, nil where none does.
    private func handleEnd(_ chunk: Range<Int>) -> Int? {
        let first = chunk.lowerBound
        let opens = scalars[first] == 0x40 || scalars[first] == 0xFF20
        guard opens, chunk.count > 1, isHandle(scalars[first + 1]) else { return nil }
        var end = first + 1
        while end < chunk.upperBound {
            let joins = scalars[end] == 0x2E || scalars[end] == 0x40 || scalars[end] == 0x2D
            if joins, end + 1 < chunk.upperBound, isHandle(scalars[end + 1]) {
                end += 1
            } else if !isHandle(scalars[end]) {
                break
            }
            end += 1
        }
        return end
    }

    private func isHandle(_ scalar: UInt32) -> Bool { Ascii.isWord(scalar) || scalar == 0x5F }

    /// True where nothing but punctuation follows the handle in its chunk.
    private func isHandleChunk(_ chunk: Range<Int>) -> Bool {
        guard let end = handleEnd(chunk) else { return false }
        return (end..<chunk.upperBound).allSatisfy { scalars[$0] < 0x80 && !Ascii.isWord(scalars[$0]) }
    }

    private func isWord(_ chunk: Range<Int>, _ word: String) -> Bool {
        let pattern = word.unicodeScalars.map(\.value)
        return chunk.count == pattern.count && matches(pattern, at: chunk.lowerBound, in: chunk)
    }

    private mutating func markRetweetPrefixes() {
        for (word, handle) in zip(chunks, chunks.dropFirst()) where isHandleChunk(handle) && isWord(word, "rt") {
            mark(word)
            mark(handle)
        }
    }

    private mutating func markOuterHandles() {
        for chunk in chunks {
            if isAllNoise(chunk) { continue }
            guard isHandleChunk(chunk) else { break }
            mark(chunk)
        }
        var last = chunks.count - 1
        while last >= 0 {
            let chunk = chunks[last]
            if isAllNoise(chunk) {
                last -= 1
            } else if isHandleChunk(chunk) {
                mark(chunk)
                last -= 1
                if last >= 0, isWord(chunks[last], "via") { mark(chunks[last]) }
            } else {
                break
            }
        }
    }

    private func isAllNoise(_ chunk: Range<Int>) -> Bool { chunk.allSatisfy { isNoise[$0] } }
}
