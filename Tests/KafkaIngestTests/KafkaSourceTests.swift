// The source against librdkafka's mock cluster: records as they are, starts and seeks, flow, faults of the broker.
import Foundation
import KafkaIngest
import Posts
import StreamCore
import Testing

@Suite struct KafkaSourceTests {
    let broker: DevelopmentBroker
    let producer: KafkaProducer
    let posts = (0..<3).map { TopicPartition(topic: "posts", partition: Int32($0)) }

    init() throws {
        broker = try DevelopmentBroker(topics: [.init(name: "posts", partitionCount: 3)])
        producer = try KafkaProducer(brokers: broker.bootstrapServers)
    }

    @Test func deliversEachRecordOnceInOrderFromTheStartOffset() async throws {
        for partition in posts { try fill(producer, partition, count: 500) }
        let probe = try SourceProbe(brokers: broker.bootstrapServers, topics: ["posts"], group: "g") { probe, event in
            guard case .assigned(let partitions) = event else { return }
            for partition in partitions { probe.start(partition, at: Int64(partition.partition) * 100) }
        }
        #expect(await probe.wait { $0.records.count >= 500 + 400 + 300 })
        #expect(await probe.close())
        let state = probe.snapshot
        for partition in posts {
            #expect(state.offsets(of: partition) == Array(Int64(partition.partition) * 100..<500))
        }
        #expect(state.assignedEvents == [posts])
        #expect(state.eventsAfterClosed == 0)
        #expect(state.lost.isEmpty)
    }

    @Test func nothingArrivesBeforeTheStart() async throws {
        try fill(producer, posts[0], count: 100)
        let probe = try SourceProbe(brokers: broker.bootstrapServers, topics: ["posts"], group: "g")
        #expect(await probe.wait { !$0.assigned.isEmpty })
        #expect(await !probe.wait(1.5) { !$0.records.isEmpty })
        probe.start(posts[0], at: 40)
        #expect(await probe.wait { $0.records.count == 60 })
        #expect(await probe.close())
        #expect(probe.snapshot.offsets(of: posts[0]) == Array(40..<100))
    }

    @Test func recordsArriveAsTheyWereSent() async throws {
        let large = [UInt8]((0..<900_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        let sent: [(key: [UInt8]?, value: [UInt8]?)] = [
            (nil, nil), (bytes("k"), nil), (nil, []), ([], []), (bytes("k"), bytes("v")), (nil, large),
            (bytes("\u{0}"), [0, 0xFF, 0xFE]),
        ]
        for record in sent { try producer.send(topic: "posts", partition: 1, key: record.key, value: record.value) }
        #expect(producer.flush(within: .seconds(10)))
        let probe = try SourceProbe(
            brokers: broker.bootstrapServers, topics: ["posts"], group: "g", onEvent: claimAtZero)
        #expect(await probe.wait { $0.records.count == sent.count })
        let records = probe.snapshot.records
        for (record, expected) in zip(records, sent) {
            #expect(record.value == expected.value)
            #expect(record.key == expected.key)
        }
        #expect(await probe.close())
    }

    @Test func followsSeveralTopicsAndAPattern() async throws {
        try broker.createTopic(.init(name: "wide", partitionCount: 8))
        try broker.createTopic(.init(name: "feed-a", partitionCount: 2))
        try broker.createTopic(.init(name: "feed-b", partitionCount: 2))
        try broker.createTopic(.init(name: "other", partitionCount: 2))
        var expected = Set((0..<8).map { TopicPartition(topic: "wide", partition: Int32($0)) })
        for topic in ["feed-a", "feed-b"] {
            expected.formUnion((0..<2).map { TopicPartition(topic: topic, partition: Int32($0)) })
        }
        for partition in expected { try fill(producer, partition, count: 20) }
        let probe = try SourceProbe(
            brokers: broker.bootstrapServers, topics: ["wide", "^feed-.*"], group: "g", onEvent: claimAtZero)
        #expect(await probe.wait { $0.records.count == 12 * 20 })
        #expect(probe.snapshot.assigned == expected)
        for partition in expected { #expect(probe.snapshot.offsets(of: partition) == Array(0..<20)) }
        #expect(await probe.close())
    }

    @Test func answersQuestionsAboutTheCluster() async throws {
        try fill(producer, posts[1], count: 30)
        let probe = try SourceProbe(brokers: broker.bootstrapServers, topics: ["posts"], group: "g")
        #expect(try probe.source.clusterIdentifier().hasPrefix("mockCluster"))
        #expect(try probe.source.bounds(of: posts[1]) == PartitionBounds(low: 0, high: 30))
        #expect(try probe.source.bounds(of: posts[0]) == PartitionBounds(low: 0, high: 0))
        #expect(try probe.source.partitions(ofTopic: "posts") == [0, 1, 2])
        #expect(try probe.source.committedOffset(of: posts[1]) == nil)
        #expect(await probe.wait { $0.assigned.count == 3 })
        try fill(producer, posts[2], count: 12)
        #expect(try probe.source.bounds(of: posts[2]).high == 12)
        #expect(await probe.wait(1) { _ in false } == false)
        #expect(await probe.close())
    }

    @Test func questionsHaveABound() async throws {
        let configuration = KafkaSourceConfiguration(
            brokers: "127.0.0.1:1", topics: ["posts"], group: "g", requestDeadline: .milliseconds(700))
        let inquiry = try KafkaInquiry(configuration)
        let began = ContinuousClock.now
        for _ in 0..<2 {
            let failure = #expect(throws: SourceFailure.self) { try inquiry.bounds(of: posts[0]) }
            #expect(failure?.isRetriable == true)
            #expect(throws: SourceFailure.self) { try inquiry.clusterIdentifier() }
            #expect(throws: SourceFailure.self) { try inquiry.committedOffset(of: posts[0]) }
            #expect(throws: SourceFailure.self) { try inquiry.partitions(ofTopic: "posts") }
        }
        #expect(ContinuousClock.now - began < .seconds(40), "a busy machine adds to the bounds")
    }

    @Test func survivesErrorsOfTheBroker() async throws {
        for partition in posts { try fill(producer, partition, count: 300) }
        let probe = try SourceProbe(
            brokers: broker.bootstrapServers, topics: ["posts"], group: "g", onEvent: claimAtZero)
        #expect(await probe.wait { !$0.records.isEmpty })
        // Not leader, request timed out, unknown server error, not enough replicas: all for fetches.
        broker.failRequests(apiKey: 1, with: [6, 7, -1, 6].map { KafkaErrorCode(rawValue: $0) })
        for partition in posts { try fill(producer, partition, count: 300, from: 300) }
        #expect(await probe.wait { $0.records.count >= 1_800 })
        for partition in posts { #expect(probe.snapshot.offsets(of: partition) == Array(0..<600)) }
        #expect(await probe.close())
    }

    @Test func goesOnAfterTheBrokerWasAway() async throws {
        for partition in posts { try fill(producer, partition, count: 100) }
        let probe = try SourceProbe(
            brokers: broker.bootstrapServers, topics: ["posts"], group: "g",
            properties: ["reconnect.backoff.max.ms": "500"], onEvent: claimAtZero)
        #expect(await probe.wait { $0.records.count == 300 })
        broker.setDown()
        #expect(await probe.wait { !$0.notices.isEmpty })
        broker.setUp()
        for partition in posts { try fill(producer, partition, count: 100, from: 100) }
        #expect(await probe.wait { $0.records.count >= 600 })
        for partition in posts { #expect(probe.snapshot.offsets(of: partition) == Array(0..<200)) }
        #expect(probe.snapshot.failures.isEmpty)
        #expect(await probe.close())
    }
}
