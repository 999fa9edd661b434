// Waiting for a socket with a deadline, and for the interrupt signal at the same time. Keeps no state.
internal import CLibPQ
internal import Foundation

enum SocketWait {
    enum Outcome {
        case ready(Int16)
        case interrupted
        case timedOut
    }

    static func wait(
        _ socket: Int32, for events: Int16, until deadline: ContinuousClock.Instant, interrupt: InterruptSignal
    ) -> Outcome {
        var descriptors = [
            pollfd(fd: socket, events: events, revents: 0),
            pollfd(fd: interrupt.readEnd, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let left = (deadline - .now).wholeMilliseconds
            if left <= 0 { return .timedOut }
            let count = poll(&descriptors, nfds_t(descriptors.count), Int32(clamping: left + 1))
            if count < 0, errno == EINTR { continue }
            if descriptors[1].revents != 0 { return .interrupted }
            if count == 0 { return .timedOut }
            // Errors and hang-ups count as readable: reading finds out what happened.
            let hangUp = Int16(POLLERR) | Int16(POLLHUP) | Int16(POLLNVAL)
            let seen = descriptors[0].revents
            return .ready(seen & hangUp != 0 ? seen | Int16(POLLIN) : seen)
        }
    }
}

/// C strings for a call that takes a list ended by a null pointer.
final class CStringList {
    let pointers: UnsafeMutablePointer<UnsafePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        pointers = .allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() {
            (pointers + index).initialize(to: UnsafePointer(strdup(string)))
        }
        (pointers + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { free(UnsafeMutableRawPointer(mutating: pointers[index])) }
        pointers.deinitialize(count: count + 1)
        pointers.deallocate()
    }
}
