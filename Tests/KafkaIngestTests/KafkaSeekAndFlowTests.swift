// Seeks under load and pauses under a small budget: what the receiver sees is the log, whatever librdkafka had
// prefetched.
import Foundation
import KafkaIngest
import Posts
import StreamCore
import Synchronization
import Testing

@Suite struct KafkaSeekAndFlowTests {
    let broker: DevelopmentBroker
    let posts = (0..<2).map { TopicPartition(topic: "posts", partition: Int32($0)) }

    init() throws {
        broker = try DevelopmentBroker(topics: [.init(name: "posts", partitionCount: 2)])
        let producer = try KafkaProducer(brokers: broker.bootstrapServers)
        for partition in posts { try fill(producer, partition, count: 5_000) }
    }

    /// Under each tag the records begin with the offset that was asked for and follow one another without a gap: a
    /// stale record of an earlier position would be one.
    @Test(arguments: 0..<3) func seeksBackAndForthUnderLoad(seed: UInt64) async throws {
        let probe = try SourceProbe(brokers: broker.bootstrapServers, topics: ["posts"], group: "g\(seed)")
        #expect(await probe.wait { $0.assigned.count == 2 })
        var random = SeededRandom(seed: seed)
        var starts: [UInt64: Int64] = [:]
        for tag in UInt64(1)...60 {
            let offset = Int64.random(in: 0..<5_000, using: &random)
            starts[tag] = offset
            for partition in posts { probe.start(partition, at: offset, tag: tag) }
            let enough = Int.random(in: 0...400, using: &random)
            let before = probe.snapshot.records.count
            // Some seeks come at once after the one before, others after records have arrived.
            _ = await probe.wait(0.3) { $0.records.count >= before + enough }
            if tag % 7 == 0 { probe.source.send(.stopFetching(posts[0])) }
        }
        starts[1_000] = 0
        for partition in posts { probe.start(partition, at: 0, tag: 1_000) }
        #expect(await probe.wait { state in state.records.filter { $0.tag.number == 1_000 }.count >= 10_000 })
        #expect(await probe.close())
        let records = probe.snapshot.records
        for partition in posts {
            var lastTag: UInt64 = 0
            var expected: Int64 = -1
            for record in records where record.partition == partition {
                if record.tag.number != lastTag {
                    #expect(record.tag.number > lastTag, "tags never go back")
                    lastTag = record.tag.number
                    expected = try #require(starts[lastTag])
                }
                guard record.offset == expected else {
                    Issue.record("\(partition) gave \(record.offset) where \(expected) was due under tag \(lastTag)")
                    return
                }
                expected += 1
            }
            #expect(expected == 5_000)
        }
    }

    /// A receiver that is slower than the feed: never more in flight than the mark, nothing lost, nothing twice.
    @Test(arguments: [false, true]) func staysWithinASmallBudget(byPartition: Bool) async throws {
        let mark = 300
        let limits = FlowLimits(
            totalBytes: FlowMark(low: 1 << 20, high: 8 << 20),
            totalRecords: byPartition ? FlowMark(low: 100_000, high: 1_000_000) : FlowMark(low: 100, high: mark),
            partitionBytes: FlowMark(low: 1 << 20, high: 8 << 20),
            partitionRecords: byPartition ? FlowMark(low: 50, high: mark / 2) : FlowMark(low: 100_000, high: 1_000_000))
        let worker = SlowReceiver()
        let probe = try SourceProbe(
            brokers: broker.bootstrapServers, topics: ["posts"], group: "flow\(byPartition)", limits: limits
        ) { probe, event in
            switch event {
            case .assigned(let partitions): for partition in partitions { probe.start(partition, at: 0) }
            case .record(let record, _): worker.take(record, flow: probe.flow)
            default: break
            }
        }
        #expect(await probe.wait { $0.records.count >= 10_000 })
        for partition in posts { #expect(probe.snapshot.offsets(of: partition) == Array(0..<5_000)) }
        #expect(worker.highest <= mark)
        #expect(worker.highest >= mark / 3, "the budget was used")
        worker.finish()
        #expect(await probe.close())
        #expect(probe.flow.total == FlowShare())
    }

    /// A position that the broker no longer has, or does not have yet, is told, and the partition can be started anew.
    @Test(arguments: ["range", "cooperative-sticky"])
    func tellsOfAnOffsetOutOfRangeAndStartsAnew(strategy: String) async throws {
        let probe = try SourceProbe(
            brokers: broker.bootstrapServers, topics: ["posts"], group: strategy,
            properties: ["partition.assignment.strategy": strategy])
        #expect(await probe.wait { $0.assigned.count == 2 })
        probe.start(posts[0], at: 0, tag: 1)
        probe.start(posts[1], at: 9_999_999, tag: 1)
        #expect(await probe.wait { $0.lost == [[posts[1]]] })
        #expect(await probe.wait { $0.assignedEvents.last == [posts[1]] })
        #expect(probe.snapshot.notices.contains { $0.code == "offset_out_of_range" })
        probe.start(posts[1], at: 4_000, tag: 2)
        #expect(await probe.wait { $0.records.count >= 6_000 })
        #expect(probe.snapshot.offsets(of: posts[0]) == Array(0..<5_000))
        #expect(probe.snapshot.offsets(of: posts[1]) == Array(4_000..<5_000))
        // The restart has left the group alone.
        #expect(probe.snapshot.revoked.isEmpty)
        #expect(await probe.close())
    }

    @Test func tellsTheEndsOfPausedPartitionsToo() async throws {
        let probe = try SourceProbe(
            brokers: broker.bootstrapServers, topics: ["posts"], group: "ends",
            properties: ["statistics.interval.ms": "500"])
        #expect(await probe.wait { $0.assigned.count == 2 })
        #expect(try probe.source.bounds(of: posts[0]).high == 5_000)
        #expect(probe.source.highWatermarks()[posts[0]] == 5_000)
        // Nothing is fetched: only asking brings the other one.
        #expect(try await eventually { probe.source.highWatermarks()[posts[1]] == 5_000 })
        #expect(try await eventually { probe.source.statistics().connectedBrokers == 1 })
        #expect(await probe.close())
    }
}

/// Takes records on a thread of its own, one after another, and returns their share.
/// Sendable by `condition`: all stored variables are read and written under its lock.
private final class SlowReceiver: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: [(partition: TopicPartition, bytes: Int)] = []
    private var isFinished = false
    private var flow: FlowGauge?
    private(set) var highest = 0

    init() {
        Thread { [self] in run() }.start()
    }

    func take(_ record: SourceRecord, flow: FlowGauge) {
        let total = flow.total.records
        condition.lock()
        self.flow = flow
        highest = max(highest, total)
        waiting.append((record.position.topicPartition, record.byteCount))
        condition.signal()
        condition.unlock()
    }

    func finish() {
        condition.lock()
        isFinished = true
        while !waiting.isEmpty { condition.wait() }
        condition.unlock()
    }

    private func run() {
        while true {
            condition.lock()
            while waiting.isEmpty && !isFinished { condition.wait() }
            let next = waiting.isEmpty ? nil : waiting.removeFirst()
            let flow = flow
            condition.broadcast()
            condition.unlock()
            guard let next, let flow else { return }
            flow.release(next.partition, records: 1, bytes: next.bytes)
        }
    }
}
