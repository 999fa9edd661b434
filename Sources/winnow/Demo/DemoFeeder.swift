// Sends the synthetic feed to the broker at a given rate, on a thread of its own, and remembers what the database must come
// to. Holds back when the stream is far behind: the development broker drops its oldest records beyond 5 MiB each.
import Foundation
import KafkaIngest
import Posts
import StreamCore
import Synchronization
import SyntheticFeed

final class DemoFeeder: Sendable {
    struct Plan: Sendable {
        var topic: String
        var eventsPerSecond: Int
        var seed: UInt64
        /// Nil: until stopped.
        var posts: Int?
        var duration: Duration?
    }

    struct Progress: Sendable {
        var sent = 0
        var posts = 0
        /// Records by the outcome each of them must have.
        var expected: [String: Int] = [:]
        var isFinished = false
        var failure: SourceFailure?
    }

    /// How far behind the stream may be before the feed waits, in seconds of feed and in records. A slow machine then
    /// sees a slower feed and no growing pile, and the development broker never drops what was not read.
    private static let backlogSeconds = 4
    private static let backlogRecords = 6_000

    private let producer: KafkaProducer
    private let plan: Plan
    private let stop = StopFlag()
    private let progressBox = Mutex(Progress())
    private let finishedByStream = Atomic<Int>(0)

    init(brokers: String, plan: Plan) throws(SourceFailure) {
        producer = try KafkaProducer(brokers: brokers)
        self.plan = plan
    }

    var progress: Progress { progressBox.withLock { $0 } }

    /// How many records the stream is through with; holds the feed back where that is too few.
    func noteFinished(_ count: Int) { finishedByStream.store(count, ordering: .relaxed) }

    func start() {
        let thread = Thread { [self] in feed() }
        thread.name = "demo-feed"
        thread.start()
    }

    func requestStop() { stop.set() }

    private func feed() {
        var feed = SyntheticFeed(seed: plan.seed)
        let began = ContinuousClock.now
        let backlogLimit = min(Self.backlogRecords, max(200, Self.backlogSeconds * plan.eventsPerSecond))
        var sent = 0
        var posts = 0
        do throws(SourceFailure) {
            while !stop.isStopped, !isDone(posts: posts, since: began) {
                let due = Int((ContinuousClock.now - began) / .seconds(1) * Double(plan.eventsPerSecond)) + 1
                let room = backlogLimit - (sent - finishedByStream.load(ordering: .relaxed))
                var batch = min(due - sent, room, 500)
                while batch > 0, !isDone(posts: posts, since: began) {
                    let event = feed.next(at: Timestamp(microseconds: Self.wallClock()))
                    try producer.send(topic: plan.topic, key: Array(event.key.utf8), value: event.document)
                    sent += 1
                    batch -= 1
                    if event.kind == .post { posts += 1 }
                    note(event)
                }
                _ = stop.wait(until: Date(timeIntervalSinceNow: 0.02))
            }
        } catch {
            progressBox.withLock { $0.failure = error }
        }
        let isFlushed = producer.flush(within: .seconds(10))
        progressBox.withLock { progress in
            if !isFlushed || producer.counts.failed > 0, progress.failure == nil {
                progress.failure =
                    producer.lastFailure
                    ?? SourceFailure(
                        code: "demo_feed", detail: "The development broker did not take all records in time",
                        isRetriable: false)
            }
            progress.isFinished = true
        }
    }

    private func isDone(posts: Int, since began: ContinuousClock.Instant) -> Bool {
        if let limit = plan.posts { return posts >= limit }
        if let duration = plan.duration { return ContinuousClock.now - began >= duration }
        return false
    }

    private func note(_ event: SyntheticEvent) {
        progressBox.withLock { progress in
            progress.sent += 1
            if event.kind == .post { progress.posts += 1 }
            progress.expected[event.kind.expectedOutcome, default: 0] += 1
        }
    }

    private static func wallClock() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000) }
}
