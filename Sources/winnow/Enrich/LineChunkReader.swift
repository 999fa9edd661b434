// Puts lines together that belong to one piece of work, and hands them on as soon as they are there.
import Foundation

/// Some lines that follow one another.
struct LineChunk: Sendable {
    /// Counts chunks from 0.
    let number: Int
    /// The number of the first line, from 1.
    let firstLine: Int
    let lines: [Line]

    enum Line: Sendable {
        case whole([UInt8])
        /// Longer than is read.
        case tooLong
    }
}

struct LineChunkReader {
    /// A feed's events have some kilobytes; Kafka's own limit is a mebibyte.
    static let longestLine = 1 << 20
    /// Enough posts for some full batches, few enough that both workers get some of a short input.
    private static let mostLines = 64

    private var reader: LineReader
    private var chunks = 0
    private var lines = 0

    init(descriptor: Int32 = STDIN_FILENO) { reader = LineReader(descriptor: descriptor, maximumBytes: Self.longestLine) }

    /// Blocks until there is at least one line; nil at the end. Takes no more than what one read gave.
    /// - Throws: what went wrong with reading.
    mutating func next() throws(POSIXFailure) -> LineChunk? {
        var found: [LineChunk.Line] = []
        var item = try reader.next()
        while let line = Self.line(of: item) {
            found.append(line)
            guard found.count < Self.mostLines, let held = reader.held() else { break }
            item = held
        }
        if found.isEmpty { return nil }
        defer {
            chunks += 1
            lines += found.count
        }
        return LineChunk(number: chunks, firstLine: lines + 1, lines: found)
    }

    private static func line(of item: LineReader.Item) -> LineChunk.Line? {
        switch item {
        case .line(let bytes): .whole(bytes)
        case .tooLong: .tooLong
        case .nothingYet, .end: nil
        }
    }
}
