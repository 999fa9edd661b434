// Reads a file of lines through a descriptor that is not moved, in bounded memory, and knows where each line lies and where the
// last whole one ends.
import Foundation

struct LogLineReader {
    private static let readSize = 1 << 18

    private let descriptor: Int32
    private let longestLine: Int
    private var buffer: [UInt8] = []
    /// Where in `buffer` the next line begins, and how far it was looked for.
    private var start = 0
    private var scanned = 0
    private var isAtEnd = false
    /// Bytes of the file that were read, and those up to the last line's end.
    private(set) var end = 0
    private(set) var wholeEnd = 0

    init(descriptor: Int32, longestLine: Int) {
        self.descriptor = descriptor
        self.longestLine = longestLine
    }

    /// The next line that has an end, without it; nil after the last.
    mutating func next(path: String) throws(AnswerLogFault) -> (bytes: Data, offset: Int)? {
        while true {
            if let newline = buffer[scanned...].firstIndex(of: 0x0A) {
                let line = Data(buffer[start..<newline])
                let offset = wholeEnd
                wholeEnd += line.count + 1
                start = newline + 1
                scanned = start
                return (line, offset)
            }
            if isAtEnd { return nil }
            guard buffer.count - start <= longestLine else {
                throw AnswerLogFault(
                    "\(path) has a line longer than any answer: it is no file of answers; name another --output.")
            }
            try fill(path)
        }
    }

    private mutating func fill(_ path: String) throws(AnswerLogFault) {
        buffer.removeFirst(start)
        start = 0
        scanned = buffer.count
        let position = off_t(end)
        var chunk = [UInt8](repeating: 0, count: Self.readSize)
        let count = pread(descriptor, &chunk, Self.readSize, position)
        buffer.append(contentsOf: chunk[..<max(0, count)])
        if count < 0 { throw AnswerLogFault("\(path) cannot be read: \(String(cString: strerror(errno))).") }
        if count == 0 { isAtEnd = true }
        end += count
    }
}
