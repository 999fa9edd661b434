// Cuts standard input into lines and hands them on as soon as they are there. Holds one line of bounded length and what
// one read gave; a longer line is passed over and reported as such.
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
    private static let readSize = 256 << 10
    /// Enough posts for some full batches, few enough that both workers get some of a short input.
    private static let mostLines = 64

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Where the line begins that is being looked for, and how far it was looked for.
    private var start = 0
    private var scanned = 0
    private var isPassingOver = false
    private var isAtEnd = false
    private var chunks = 0
    private var lines = 0

    init(descriptor: Int32 = STDIN_FILENO) { self.descriptor = descriptor }

    /// Blocks until there is at least one line; nil at the end.
    /// - Throws: what went wrong with reading.
    mutating func next() throws(POSIXFailure) -> LineChunk? {
        var found: [LineChunk.Line] = []
        while true {
            while found.count < Self.mostLines, let line = takeLine() { found.append(line) }
            if !found.isEmpty || isAtEnd { break }
            try fill()
        }
        if found.isEmpty { return nil }
        defer {
            chunks += 1
            lines += found.count
        }
        return LineChunk(number: chunks, firstLine: lines + 1, lines: found)
    }

    private mutating func takeLine() -> LineChunk.Line? {
        while let end = buffer[scanned...].firstIndex(of: 0x0A) {
            defer {
                start = end + 1
                scanned = start
            }
            return finishLine(end)
        }
        scanned = buffer.count
        if isAtEnd {
            guard start < buffer.count || isPassingOver else { return nil }
            defer { start = buffer.count }
            return finishLine(buffer.count)
        }
        if buffer.count - start > Self.longestLine {
            isPassingOver = true
            start = buffer.count
        }
        return nil
    }

    private mutating func finishLine(_ end: Int) -> LineChunk.Line {
        defer { isPassingOver = false }
        return isPassingOver || end - start > Self.longestLine ? .tooLong : .whole(Array(buffer[start..<end]))
    }

    private mutating func fill() throws(POSIXFailure) {
        buffer.removeFirst(start)
        scanned -= start
        start = 0
        let before = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: Self.readSize))
        var count: Int
        repeat {
            count = buffer.withUnsafeMutableBytes { bytes in
                read(descriptor, bytes.baseAddress.map { $0 + before }, Self.readSize)
            }
        } while count < 0 && errno == EINTR
        let fault = errno
        buffer.removeLast(Self.readSize - max(count, 0))
        if count < 0 { throw POSIXFailure(code: fault) }
        if count == 0 { isAtEnd = true }
    }
}

/// What the operating system said of a read or a write.
struct POSIXFailure: Error, CustomStringConvertible {
    let code: Int32
    var description: String { String(cString: strerror(code)) }
}
