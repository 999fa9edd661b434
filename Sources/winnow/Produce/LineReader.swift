// Reads lines ended by 0x0A from a file descriptor, with a bound on their length, and looks up now and then so that
// its caller can stop. It neither decodes nor trims.
import Foundation

struct LineReader {
    enum Item {
        /// Without its 0x0A.
        case line([UInt8])
        /// A line over the bound: read to its end and dropped.
        case tooLong(byteCount: Int)
        /// Nothing came for a fifth of a second.
        case nothingYet
        case end
    }

    struct ReadFailure: Error, CustomStringConvertible {
        let description: String
    }

    private static let chunkBytes = 1 << 16
    private static let pollMilliseconds: Int32 = 200

    private let descriptor: Int32
    private let maximumBytes: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var dropped = 0
    private var isAtEnd = false

    init(descriptor: Int32, maximumBytes: Int) {
        self.descriptor = descriptor
        self.maximumBytes = maximumBytes
    }

    mutating func next() throws(ReadFailure) -> Item {
        while true {
            if let newline = buffer[start...].firstIndex(of: 0x0A) {
                let line = buffer[start..<newline]
                start = newline + 1
                return finish(line)
            }
            if isAtEnd {
                guard start < buffer.count || dropped > 0 else { return .end }
                let line = buffer[start...]
                start = buffer.count
                return finish(line)
            }
            if buffer.count - start > maximumBytes {
                dropped += buffer.count - start
                start = buffer.count
            }
            if try !fill() { return .nothingYet }
        }
    }

    private mutating func finish(_ line: ArraySlice<UInt8>) -> Item {
        let total = dropped + line.count
        defer { dropped = 0 }
        return total > maximumBytes ? .tooLong(byteCount: total) : .line(Array(line))
    }

    /// False where nothing came in time.
    private mutating func fill() throws(ReadFailure) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let ready = poll(&waiting, 1, Self.pollMilliseconds)
        if ready == 0 || (ready < 0 && errno == EINTR) { return false }
        buffer.removeSubrange(..<start)
        start = 0
        let before = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: Self.chunkBytes))
        let count = buffer.withUnsafeMutableBytes { bytes in
            // The slice is not empty: a chunk was appended.
            read(descriptor, bytes.baseAddress.map { $0 + before }, Self.chunkBytes)
        }
        let code = errno
        buffer.removeSubrange((before + max(count, 0))...)
        if count > 0 { return true }
        if count == 0 {
            isAtEnd = true
            return true
        }
        if code == EINTR || code == EAGAIN { return false }
        throw ReadFailure(description: "Standard input could not be read: \(String(cString: strerror(code)))")
    }
}
