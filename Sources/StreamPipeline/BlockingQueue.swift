// A bounded queue between threads that may block: the only place where threads of the pipeline wait for each other. No task of
// the cooperative pool ever waits here.
internal import DequeModule
import Glibc

/// A first-in first-out queue with a name and a capacity.
///
/// `@unchecked Sendable` is safe: every access to the mutable state is between lock and unlock of `mutex`, which, like
/// `condition`, lives at a fixed address from `init` to `deinit`.
package final class BlockingQueue<Element: Sendable>: @unchecked Sendable {
    package let name: String
    package let capacity: Int
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var elements: Deque<Element> = []
    private var isClosed = false

    package init(name: String, capacity: Int) {
        precondition(capacity > 0, "a queue holds at least one element")
        self.name = name
        self.capacity = capacity
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // Deadlines must not move when somebody sets the clock.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Never blocks. Traps when the queue is full: whoever sends has proved that there is room (each queue says how).
    /// What is sent after `close` is dropped.
    package func send(_ element: Element) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !isClosed else { return }
        precondition(elements.count < capacity, "queue \(name) holds more than its \(capacity) elements")
        elements.append(element)
        pthread_cond_signal(condition)
    }

    /// Blocks until there is an element; nil once the queue is closed and empty.
    package func receive() -> Element? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while elements.isEmpty, !isClosed { pthread_cond_wait(condition, mutex) }
        return elements.popFirst()
    }

    /// Blocks until there is at least one element, or until the time is over, and takes up to `limit`.
    /// - Parameter timeout: nil waits for ever.
    package func receiveAll(limit: Int, timeout: Duration?) -> [Element] {
        let deadline = timeout.map { Self.monotonic(after: $0) }
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while elements.isEmpty, !isClosed {
            guard var deadline else {
                pthread_cond_wait(condition, mutex)
                continue
            }
            if pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT { break }
        }
        let count = min(limit, elements.count)
        let taken = Array(elements.prefix(count))
        elements.removeFirst(count)
        return taken
    }

    /// Wakes every receiver; what is in the queue can still be received.
    package func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    private static func monotonic(after duration: Duration) -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let parts = max(duration, .zero).components
        time.tv_sec += Int(min(parts.seconds, 1_000_000))
        time.tv_nsec += Int(parts.attoseconds / 1_000_000_000)
        if time.tv_nsec >= 1_000_000_000 {
            time.tv_nsec -= 1_000_000_000
            time.tv_sec += 1
        }
        return time
    }
}
