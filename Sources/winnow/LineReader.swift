// Reads lines ended by 0x0A from a file descriptor. Holds one line of bounded length and what one read gave; a longer line is
// passed over and reported as such. It neither decodes nor trims.
import Foundation

struct LineReader {
    enum Item {
        /// Without its 0x0A.
        case line([UInt8])
        /// A line over the bound: read to its end and dropped.
        case tooLong(byteCount: Int)
        /// Nothing came in the time that was given.
        case nothingYet
        case end
    }

    private static let readSize = 256 << 10

    private let descriptor: Int32
    private let maximumBytes: Int
    private var buffer: [UInt8] = []
    /// Where the line begins that is being looked for, and how far it was looked for.
    private var start = 0
    private var scanned = 0
    /// Bytes of this line that are gone already: it is over the bound.
    private var dropped = 0
    private var isAtEnd = false

    init(descriptor: Int32 = STDIN_FILENO, maximumBytes: Int) {
        self.descriptor = descriptor
        self.maximumBytes = maximumBytes
    }

    /// - Parameter milliseconds: how long to wait for input; nil waits for ever, and never answers `nothingYet`.
    /// - Throws: what went wrong with reading.
    mutating func next(waitingAtMost milliseconds: Int32? = nil) throws(POSIXFailure) -> Item {
        while true {
            if let item = held() { return item }
            if isAtEnd { return .end }
            if try !fill(waitingAtMost: milliseconds), milliseconds != nil { return .nothingYet }
        }
    }

    /// The next line that was read already; nil where more would have to be read, or nothing is left.
    mutating func held() -> Item? {
        if let end = buffer[scanned...].firstIndex(of: 0x0A) {
            defer {
                start = end + 1
                scanned = start
            }
            return finishLine(end)
        }
        scanned = buffer.count
        if isAtEnd {
            guard start < buffer.count || dropped > 0 else { return nil }
            defer { start = buffer.count }
            return finishLine(buffer.count)
        }
        if buffer.count - start > maximumBytes {
            dropped += buffer.count - start
            start = buffer.count
        }
        return nil
    }

    private mutating func finishLine(_ end: Int) -> Item {
        let byteCount = dropped + end - start
        dropped = 0
        return byteCount > maximumBytes ? .tooLong(byteCount: byteCount) : .line(Array(buffer[start..<end]))
    }

    /// False where nothing came in time.
    private mutating func fill(waitingAtMost milliseconds: Int32?) throws(POSIXFailure) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let ready = poll(&waiting, 1, milliseconds ?? -1)
        if ready == 0 || (ready < 0 && errno == EINTR) { return false }
        buffer.removeFirst(start)
        scanned -= start
        start = 0
        let before = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: Self.readSize))
        let count = buffer.withUnsafeMutableBytes { bytes in
            // The buffer is not empty: room was appended.
            read(descriptor, bytes.baseAddress.map { $0 + before }, Self.readSize)
        }
        let fault = errno
        buffer.removeLast(Self.readSize - max(count, 0))
        if count < 0 {
            if fault == EINTR || fault == EAGAIN { return false }
            throw POSIXFailure(code: fault)
        }
        isAtEnd = count == 0
        return true
    }
}
