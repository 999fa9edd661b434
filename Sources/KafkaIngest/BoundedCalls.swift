// Runs blocking C calls on threads of their own, and lets the caller go at a deadline even where the call does not
// come back. The number of such threads is bounded: when all of them are stuck, further calls fail at once.
import Foundation
import StreamCore
import Synchronization

final class BoundedCalls: Sendable {
    private let limit: Int
    private let running = Mutex(0)

    init(limit: Int) { self.limit = limit }

    /// Runs `body` elsewhere and waits at most `deadline` for it. A body that is late goes on by itself; its result
    /// is dropped.
    func call<Value: Sendable>(
        _ doing: String, within deadline: Duration,
        _ body: @escaping @Sendable () -> Result<Value, SourceFailure>
    ) throws(SourceFailure) -> Value {
        let isAdmitted = running.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
        guard isAdmitted else {
            throw SourceFailure(
                code: "requests_stuck", detail: "\(doing) was not tried: \(limit) earlier requests have had no answer",
                isRetriable: true)
        }
        let outcome = Outcome<Value>()
        let thread = Thread { [self] in
            outcome.set(body())
            running.withLock { $0 -= 1 }
        }
        thread.name = "kafka-inquiry"
        thread.start()
        guard let result = outcome.wait(for: deadline) else {
            throw SourceFailure(
                code: KafkaErrorCode.timedOut.description, detail: "\(doing) had no answer within \(deadline)",
                isRetriable: true)
        }
        return try result.get()
    }
}

/// A result that one thread sets and another waits for.
/// Sendable by `condition`: `value` is read and written under its lock only.
private final class Outcome<Value: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var value: Result<Value, SourceFailure>?

    func set(_ result: Result<Value, SourceFailure>) {
        condition.lock()
        value = result
        condition.signal()
        condition.unlock()
    }

    func wait(for duration: Duration) -> Result<Value, SourceFailure>? {
        let limit = Date(timeIntervalSinceNow: duration / .seconds(1))
        condition.lock()
        defer { condition.unlock() }
        while value == nil {
            guard condition.wait(until: limit) else { break }
        }
        return value
    }
}
