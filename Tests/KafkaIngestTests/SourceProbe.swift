// A receiver for tests: starts a `KafkaSource`, records what it tells, and lets a test wait for a condition with a
// deadline. It can claim by itself, as the pipeline would, from offsets that the test names.
import Foundation
import KafkaIngest
import Posts
import StreamCore
import Synchronization
import Testing

/// Sendable by `condition`: all stored variables are read and written under its lock.
final class SourceProbe: @unchecked Sendable {
    struct Received: Sendable {
        let partition: TopicPartition
        let offset: Int64
        let tag: FetchTag
        let key: [UInt8]?
        let value: [UInt8]?
    }

    struct State: Sendable {
        var assigned: Set<TopicPartition> = []
        var assignedEvents: [[TopicPartition]] = []
        var revoked: [[TopicPartition]] = []
        var lost: [[TopicPartition]] = []
        var notices: [SourceNotice] = []
        var failures: [SourceFailure] = []
        var records: [Received] = []
        var isClosed = false
        var eventsAfterClosed = 0

        /// Records that were received at least once: a rebalance in between reads some again.
        var distinctCount: Int { Set(records.map { [Int64($0.partition.partition), $0.offset] }).count }

        func offsets(of partition: TopicPartition) -> [Int64] {
            records.filter { $0.partition == partition }.map(\.offset)
        }
    }

    private let condition = NSCondition()
    private var state = State()
    let source: KafkaSource
    let flow: FlowGauge

    /// - Parameter onEvent: Runs on the poll thread after the event was recorded.
    init(
        brokers: String, topics: [String], group: String, properties: [String: String] = [:],
        limits: FlowLimits = FlowLimits(bytes: 64 << 20, records: 1_000_000),
        revokeDeadline: Duration = .seconds(3),
        onEvent: @escaping @Sendable (SourceProbe, SourceEvent) -> Void = { _, _ in }
    ) throws {
        var all = properties
        // The shortest: the mock cluster makes rebalances wait for nearly as long.
        if all["session.timeout.ms"] == nil { all["session.timeout.ms"] = "6000" }
        if all["heartbeat.interval.ms"] == nil { all["heartbeat.interval.ms"] = "200" }
        let configuration = KafkaSourceConfiguration(
            brokers: brokers, topics: topics, group: group, properties: KafkaProperties(all),
            revokeDeadline: revokeDeadline)
        flow = FlowGauge(limits: limits)
        let reference = ProbeReference()
        source = try KafkaSource(configuration: configuration, flow: flow) { event in
            guard let probe = reference.probe else { return }
            probe.take(event)
            onEvent(probe, event)
        }
        reference.set(self)
        source.start()
    }

    private func take(_ event: SourceEvent) {
        condition.lock()
        defer {
            condition.broadcast()
            condition.unlock()
        }
        if state.isClosed { state.eventsAfterClosed += 1 }
        switch event {
        case .assigned(let partitions):
            state.assignedEvents.append(partitions)
            state.assigned.formUnion(partitions)
        case .revoking(let partitions):
            state.revoked.append(partitions)
        case .lost(let partitions):
            state.lost.append(partitions)
            state.assigned.subtract(partitions)
        case .record(let record, let tag):
            state.records.append(
                Received(
                    partition: record.position.topicPartition, offset: record.position.offset, tag: tag,
                    key: record.key, value: record.value))
        case .notice(let notice): state.notices.append(notice)
        case .failed(let failure): state.failures.append(failure)
        case .closed: state.isClosed = true
        }
    }

    var snapshot: State {
        condition.lock()
        defer { condition.unlock() }
        return state
    }

    /// Releases as the pipeline would, and forgets.
    func release(_ partitions: [TopicPartition]) {
        condition.lock()
        state.assigned.subtract(partitions)
        condition.unlock()
        source.send(.release(partitions))
    }

    func start(_ partition: TopicPartition, at offset: Int64, tag: UInt64 = 1) {
        source.send(.startFetching(partition, offset: offset, FetchTag(number: tag)))
    }

    /// Waits until the state fulfils a condition; false at the deadline. Waits on a thread of its own, so that tests
    /// that wait do not keep others from running.
    func wait(_ seconds: Double = 60, until isFulfilled: @escaping @Sendable (State) -> Bool) async -> Bool {
        await onOwnThread { self.block(seconds, until: isFulfilled) }
    }

    private func block(_ seconds: Double, until isFulfilled: (State) -> Bool) -> Bool {
        let limit = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while !isFulfilled(state) {
            guard condition.wait(until: limit) else { return isFulfilled(state) }
        }
        return true
    }

    @discardableResult
    func close(_ seconds: Double = 60) async -> Bool {
        source.send(.close)
        return await wait(seconds) { $0.isClosed }
    }
}

func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread { continuation.resume(returning: body()) }.start()
    }
}

/// Asks again and again until the answer is true; false at the deadline.
func eventually(_ seconds: Double = 60, _ isTrue: @escaping @Sendable () throws -> Bool) async throws -> Bool {
    let result: Result<Bool, any Error> = await onOwnThread {
        Result {
            let limit = Date(timeIntervalSinceNow: seconds)
            let pause = NSCondition()
            while Date() < limit {
                if try isTrue() { return true }
                pause.lock()
                _ = pause.wait(until: Date(timeIntervalSinceNow: 0.05))
                pause.unlock()
            }
            return false
        }
    }
    return try result.get()
}

/// Lets the source's closure find its probe without keeping it alive.
private final class ProbeReference: Sendable {
    private struct Weak { weak var probe: SourceProbe? }
    private let value = Mutex(Weak())

    var probe: SourceProbe? { value.withLock { $0.probe } }
    func set(_ probe: SourceProbe) { value.withLock { $0.probe = probe } }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// Fills a partition with `count` small records and waits for their acknowledgement.
func fill(_ producer: KafkaProducer, _ partition: TopicPartition, count: Int, from first: Int = 0) throws {
    for number in first..<(first + count) {
        try producer.send(topic: partition.topic, partition: partition.partition, value: bytes("value \(number)"))
    }
    #expect(producer.flush(within: .seconds(60)), "the broker acknowledges everything")
}

/// Claims everything at offset 0 at once and releases at once.
let claimAtZero: @Sendable (SourceProbe, SourceEvent) -> Void = { probe, event in
    switch event {
    case .assigned(let partitions): for partition in partitions { probe.start(partition, at: 0) }
    case .revoking(let partitions): probe.release(partitions)
    default: break
    }
}
