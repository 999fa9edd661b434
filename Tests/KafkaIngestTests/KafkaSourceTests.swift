// The source against librdkafka's mock cluster: records, starts and seeks, flow, hints, close.
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

    @Test func deliversEachRecordOnceInOrderFromTheStartOffset() throws {
        for partition in posts { try fill(producer, partition, count: 500) }
        let probe = try SourceProbe(brokers: broker.bootstrapServers, topics: ["posts"], group: "g") { probe, event in
            guard case .assigned(let partitions, let generation) = event else { return }
            for partition in partitions {
                probe.source.send(.startFetching(partition, offset: Int64(partition.partition) * 100, generation))
            }
        }
        #expect(probe.wait { $0.records.count >= 500 + 400 + 300 })
        #expect(probe.close())
        let state = probe.snapshot
        for partition in posts {
            #expect(state.offsets(of: partition) == Array(Int64(partition.partition) * 100..<500))
        }
        #expect(state.assignedEvents == [posts])
        #expect(state.eventsAfterClosed == 0)
        #expect(state.lost.isEmpty)
    }

    @Test func nothingArrivesBeforeTheStart() throws {
        try fill(producer, posts[0], count: 100)
        let probe = try SourceProbe(brokers: broker.bootstrapServers, topics: ["posts"], group: "g")
        #expect(probe.wait { !$0.assigned.isEmpty })
        #expect(!probe.wait(1.5) { !$0.records.isEmpty })
        probe.start(posts[0], at: 40)
        #expect(probe.wait { $0.records.count == 60 })
        #expect(probe.close())
        #expect(probe.snapshot.offsets(of: posts[0]) == Array(40..<100))
    }
}
