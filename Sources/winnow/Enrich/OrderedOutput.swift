// Writes what the workers have finished, in the order of the input. Shared by all workers; whoever brings the next
// chunk writes it and what waited for it, so that a slow reader of the output slows everybody down.
import Foundation
import StreamPipeline
import Synchronization

final class OrderedOutput: Sendable {
    enum Ending: Equatable {
        /// Nobody reads the output any more.
        case readerGone
        /// The output cannot be written: a full disk, say.
        case failed(code: Int32)
    }

    private struct State: Sendable {
        var next = 0
        var waiting: [Int: [UInt8]] = [:]
        var errors = 0
        var ending: Ending?
    }

    private let descriptor: Int32
    private let state = Mutex(State())
    /// One element for each chunk that may be under way: bounds what waits here.
    private let permits: BlockingQueue<Bool>

    init(descriptor: Int32 = STDOUT_FILENO, chunksUnderWay: Int) {
        self.descriptor = descriptor
        permits = BlockingQueue(name: "enrich permits", capacity: chunksUnderWay)
        for _ in 0..<chunksUnderWay { permits.send(true) }
    }

    /// Blocks until another chunk may be read; false when the output has ended.
    func waitForRoom() -> Bool {
        guard permits.receive() != nil else { return false }
        return ending == nil
    }

    var ending: Ending? { state.withLock { $0.ending } }
    /// Lines that could not be read, of all chunks so far.
    var errorCount: Int { state.withLock { $0.errors } }

    /// Takes the finished lines of chunk `number`; each number once.
    func put(_ bytes: [UInt8], number: Int, errors: Int) {
        let written = state.withLock { state -> Int in
            state.errors += errors
            state.waiting[number] = bytes
            var written = 0
            while let bytes = state.waiting.removeValue(forKey: state.next) {
                if state.ending == nil { state.ending = write(bytes) }
                state.next += 1
                written += 1
            }
            return written
        }
        // There is room: each of these chunks took a permit before it was read.
        for _ in 0..<written { permits.send(true) }
    }

    private func write(_ bytes: [UInt8]) -> Ending? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE {
                return .readerGone
            } else if errno != EINTR {
                return .failed(code: errno)
            }
        }
        return nil
    }
}
