// The producer on the mock cluster: nothing is lost without being counted.
import Foundation
import KafkaIngest
import Posts
import StreamCore
import Testing

@Suite struct KafkaProducerTests {
    let broker: DevelopmentBroker

    init() throws {
        broker = try DevelopmentBroker(topics: [.init(name: "posts", partitionCount: 4)])
    }

    @Test func countsEachRecordAndKeepsKeysTogether() async throws {
        let producer = try KafkaProducer(brokers: broker.bootstrapServers, inFlightLimit: 100)
        #expect(try producer.partitionCount(ofTopic: "posts") == 4)
        for number in 0..<2_000 {
            try producer.send(topic: "posts", key: bytes("key \(number % 50)"), value: bytes("\(number)"))
            #expect(producer.counts.inFlight <= 100)
        }
        #expect(producer.flush(within: .seconds(20)))
        #expect(producer.counts.acknowledged == 2_000)
        let probe = try SourceProbe(
            brokers: broker.bootstrapServers, topics: ["posts"], group: "g", onEvent: claimAtZero)
        #expect(await probe.wait { $0.records.count == 2_000 })
        #expect(await probe.close())
        var places: [[UInt8]: Set<TopicPartition>] = [:]
        for record in probe.snapshot.records { places[record.key ?? [], default: []].insert(record.partition) }
        #expect(places.count == 50)
        #expect(places.values.allSatisfy { $0.count == 1 })
        #expect(Set(probe.snapshot.records.map(\.partition)).count == 4)
    }

    @Test func aRecordTheBrokerNeverTookIsCountedAsFailed() async throws {
        let producer = try KafkaProducer(
            brokers: broker.bootstrapServers,
            properties: KafkaProperties(["message.timeout.ms": "5000", "enable.idempotence": "false"]))
        try producer.send(topic: "posts", partition: 0, value: bytes("taken"))
        #expect(producer.flush(within: .seconds(60)))
        broker.setDown()
        for _ in 0..<10 { try producer.send(topic: "posts", partition: 0, value: bytes("never")) }
        let isSettled = await onOwnThread { producer.flush(within: .seconds(60)) }
        #expect(isSettled)
        #expect(producer.counts.acknowledged == 1)
        #expect(producer.counts.failed == 10)
        let failure = try #require(producer.lastFailure)
        #expect(!failure.detail.contains("never"))
        broker.setUp()
    }

    @Test func aRecordThatIsTooLargeIsRefusedAndNotCounted() throws {
        let producer = try KafkaProducer(
            brokers: broker.bootstrapServers, properties: KafkaProperties(["message.max.bytes": "10000"]))
        let failure = #expect(throws: SourceFailure.self) {
            try producer.send(topic: "posts", partition: 0, value: [UInt8](repeating: 65, count: 20_000))
        }
        #expect(failure?.code == "MSG_SIZE_TOO_LARGE")
        #expect(producer.counts.accepted == 0)
        #expect(producer.flush(within: .seconds(1)))
    }
}
