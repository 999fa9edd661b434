// SIGINT and SIGTERM for commands that run until they are told to stop: the first asks, the second insists. It
// installs the handlers and calls back; what stopping means is the command's business.
import Dispatch
import Foundation
import Synchronization

/// Sendable: the sources are made in `init` and only cancelled afterwards, which Dispatch allows from any thread.
final class TerminationSignal: @unchecked Sendable {
    private static let signals = [SIGINT, SIGTERM]
    private let sources: [any DispatchSourceSignal]

    /// From here on the two signals no longer end the process by themselves.
    /// - Parameters:
    ///   - onFirst: Called once, off the main thread, with the signal's number: begin to stop.
    ///   - onSecond: Called once, at the next signal: stop at once.
    init(onFirst: @escaping @Sendable (Int32) -> Void, onSecond: @escaping @Sendable (Int32) -> Void) {
        let counter = SignalCounter()
        sources = Self.signals.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
            source.setEventHandler {
                switch counter.next() {
                case 1: onFirst(number)
                case 2: onSecond(number)
                default: break
                }
            }
            source.activate()
            return source
        }
    }

    /// Gives the signals their default effect back.
    func cancel() {
        for source in sources { source.cancel() }
        for number in Self.signals { signal(number, SIG_DFL) }
    }

    deinit { cancel() }
}

private final class SignalCounter: Sendable {
    private let count = Atomic<Int>(0)
    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

/// Tells threads that wait or work that it is time to end.
/// Sendable by `condition`: `isSet` is read and written under its lock only.
final class StopFlag: @unchecked Sendable {
    private let condition = NSCondition()
    private var isSet = false

    func set() {
        condition.lock()
        isSet = true
        condition.broadcast()
        condition.unlock()
    }

    var isStopped: Bool {
        condition.lock()
        defer { condition.unlock() }
        return isSet
    }

    /// Waits until the flag is set.
    func wait() {
        condition.lock()
        while !isSet { condition.wait() }
        condition.unlock()
    }

    /// Waits until the flag is set or the time has come; true where the flag is set.
    func wait(until deadline: Date) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while !isSet {
            guard condition.wait(until: deadline) else { break }
        }
        return isSet
    }
}
