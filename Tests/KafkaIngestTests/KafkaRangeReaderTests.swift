// Fixed ranges of a topic, read beside a live group that must not notice.
import Foundation
import KafkaIngest
import Posts
import StreamCore
import Testing

@Suite struct KafkaRangeReaderTests {
    private static func place(_ partition: Int32) -> TopicPartition { TopicPartition(topic: "ranges", partition: partition) }

    private static func read(
        _ configuration: KafkaSourceConfiguration, _ ranges: [TopicPartition: Range<Int64>], atOnce limit: Int = 7
    ) throws -> (offsets: [TopicPartition: [Int64]], ended: Set<TopicPartition>) {
        let reader = try KafkaRangeReader(configuration, ranges: ranges)
        var offsets: [TopicPartition: [Int64]] = [:]
        var ended: Set<TopicPartition> = []
        let deadline = ContinuousClock.now + .seconds(20)
        while !reader.isAtEnd, ContinuousClock.now < deadline {
            let portion = try reader.next(records: limit, within: .milliseconds(200))
            #expect(portion.records.count <= limit)
            for record in portion.records {
                #expect(record.value == bytes("value \(record.position.offset)"))
                offsets[record.position.topicPartition, default: []].append(record.position.offset)
            }
            ended.formUnion(portion.ended)
        }
        return (offsets, ended)
    }

    @Test(.timeLimit(.minutes(1)))
    func everyRecordOfTheRangesAndNoOther() async throws {
        let broker = try DevelopmentBroker(topics: [.init(name: "ranges", partitionCount: 3)])
        let producer = try KafkaProducer(brokers: broker.bootstrapServers)
        for partition in Int32(0)..<2 { try fill(producer, Self.place(partition), count: 40) }
        let configuration = KafkaSourceConfiguration(
            brokers: broker.bootstrapServers, topics: ["ranges"], group: "live")
        let result = try await onOwnThread {
            Result {
                try Self.read(
                    configuration,
                    [Self.place(0): 5..<17, Self.place(1): 38..<60, Self.place(2): 3..<3])
            }
        }.get()
        #expect(result.offsets == [Self.place(0): Array(5..<17), Self.place(1): [38, 39]])
        // The second range reaches beyond the end of the partition: it ends there.
        #expect(result.ended == [Self.place(0), Self.place(1)])
    }

    @Test(.timeLimit(.minutes(1)))
    func aLiveGroupNoticesNothing() async throws {
        let broker = try DevelopmentBroker(topics: [.init(name: "ranges", partitionCount: 1)])
        let producer = try KafkaProducer(brokers: broker.bootstrapServers)
        try fill(producer, Self.place(0), count: 30)
        let probe = try SourceProbe(
            brokers: broker.bootstrapServers, topics: ["ranges"], group: "live", onEvent: claimAtZero)
        #expect(await probe.wait { $0.records.count == 30 })
        probe.source.send(.hint([Self.place(0): 12]))
        let configuration = KafkaSourceConfiguration(
            brokers: broker.bootstrapServers, topics: ["ranges"], group: "live")
        let inquiry = try KafkaInquiry(configuration)
        #expect(try await eventually(20) { try inquiry.committedOffset(of: Self.place(0)) == 12 })
        let result = try await onOwnThread { Result { try Self.read(configuration, [Self.place(0): 0..<30]) } }.get()
        #expect(result.offsets[Self.place(0)] == Array(0..<30))
        #expect(try await eventually(5) { try inquiry.committedOffset(of: Self.place(0)) == 12 })
        // The member kept its partition and goes on where it was.
        try fill(producer, Self.place(0), count: 1, from: 30)
        #expect(await probe.wait { $0.records.count == 31 })
        #expect(probe.snapshot.revoked.isEmpty && probe.snapshot.lost.isEmpty && probe.snapshot.assignedEvents.count == 1)
        #expect(await probe.close())
    }
}
