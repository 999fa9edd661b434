// Asks for the ends of the assigned partitions every few seconds, on a thread of its own: a paused partition is not
// fetched, and its lag would stand still just when it matters.
import Foundation
import StreamCore

/// Sendable by `condition`: `isStopped` and `isStarted` are read and written under its lock only.
final class WatermarkWatch: @unchecked Sendable {
    private static let interval = 5.0

    private let inquiry: KafkaInquiry
    private let statistics: StatisticsBox
    private let condition = NSCondition()
    private var isStarted = false
    private var isStopped = false

    init(inquiry: KafkaInquiry, statistics: StatisticsBox) {
        self.inquiry = inquiry
        self.statistics = statistics
    }

    /// The first call starts the thread; others do nothing.
    func start() {
        condition.lock()
        defer { condition.unlock() }
        guard !isStarted else { return }
        isStarted = true
        let thread = Thread { [self] in
            while waitForNextTurn() { ask() }
        }
        thread.name = "kafka-watermarks"
        thread.start()
    }

    func stop() {
        condition.lock()
        isStopped = true
        condition.signal()
        condition.unlock()
    }

    private func waitForNextTurn() -> Bool {
        let limit = Date(timeIntervalSinceNow: Self.interval)
        condition.lock()
        defer { condition.unlock() }
        while !isStopped {
            guard condition.wait(until: limit) else { break }
        }
        return !isStopped
    }

    private func ask() {
        let partitions = statistics.assigned
        guard !partitions.isEmpty else { return }
        // No answer is no news: the next turn asks again, and the poll thread tells of broken connections.
        guard let offsets = try? inquiry.highWatermarks(of: partitions.sorted()) else { return }
        statistics.setHighWatermarks(offsets.filter { statistics.assigned.contains($0.key) })
    }
}
