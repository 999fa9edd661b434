// How far behind: what the poll thread learns on its way, what is made of it, and what a broker shows of the record that waits.
import KafkaIngest
import Posts
import StreamCore
import Testing

private let one = TopicPartition(topic: "posts", partition: 0)
private let two = TopicPartition(topic: "posts", partition: 1)

private func seconds(_ number: Int64) -> Timestamp { Timestamp(microseconds: number * 1_000_000) }

@Suite struct PartitionLagTests {
    private func lag(
        at nextOffset: Int64, delivered: Timestamp? = nil, reading: PartitionReading? = nil
    ) -> PartitionLag {
        PartitionLag(nextOffset: nextOffset, lastDelivered: delivered, highWatermark: 10, reading: reading, now: seconds(100))
    }

    @Test func countsToTheEndAndFromTheLastDelivery() {
        #expect(lag(at: 4, delivered: seconds(70)).messages == 6)
        #expect(lag(at: 4, delivered: seconds(70)).seconds == 30)
        #expect(lag(at: 10, delivered: seconds(70)) == lag(at: 10))
        #expect(lag(at: 10).seconds == 0)
        #expect(lag(at: 12).messages == 0, "the end may be known a little late")
        #expect(lag(at: 4, delivered: seconds(101)).seconds == 0, "clocks differ")
    }

    /// Right after the first claim of a partition nobody has delivered anything: the first record read tells the age.
    @Test func agesFromTheFirstRecordBeforeAnyDelivery() {
        #expect(lag(at: 4).seconds == nil)
        var readings = PartitionReadings()
        readings.began(one)
        #expect(lag(at: 4, reading: readings.values[one]).seconds == nil)
        _ = readings.read(one, timestamp: seconds(60))
        #expect(lag(at: 4, reading: readings.values[one]).seconds == 40)
        #expect(lag(at: 4, delivered: seconds(70), reading: readings.values[one]).seconds == 30)
    }

    /// A transaction's marker takes an offset and is no record.
    @Test func markersAtTheEndAreNoLag() {
        var readings = PartitionReadings()
        readings.began(one)
        let isNews = readings.reachedEnd(one, expected: 9, end: 10)
        #expect(isNews)
        #expect(lag(at: 9, delivered: seconds(1), reading: readings.values[one]).messages == 0)
        #expect(lag(at: 9, delivered: seconds(1), reading: readings.values[one]).seconds == 0)
        #expect(lag(at: 8, delivered: seconds(1), reading: readings.values[one]).messages == 2, "a record waits before them")
    }
}

@Suite struct PartitionReadingsTests {
    @Test func tellsChangesOnly() {
        var readings = PartitionReadings()
        let unknown = readings.read(one, timestamp: seconds(1))
        readings.began(one)
        let reads = [1, 2].map { readings.read(one, timestamp: seconds($0)) }
        #expect(!unknown && reads == [true, false])
        #expect(readings.values[one]?.firstTimestamp == seconds(1))
        let ordinaryEnd = readings.reachedEnd(one, expected: 5, end: 5)
        let emptyEnds = [7, 7].map { readings.reachedEnd(one, expected: 5, end: $0) }
        #expect(!ordinaryEnd && emptyEnds == [true, false])
        #expect(readings.values[one]?.effectiveOffset(5) == 7)
        let readOn = readings.read(one, timestamp: seconds(3))
        #expect(readOn, "the end lies further on now")
        #expect(readings.values[one]?.effectiveOffset(5) == 5)
        #expect(readings.values[one]?.firstTimestamp == seconds(1))
    }

    @Test func aNewStartForgets() {
        var readings = PartitionReadings()
        for partition in [one, two] {
            readings.began(partition)
            _ = readings.read(partition, timestamp: seconds(1))
            _ = readings.reachedEnd(partition, expected: 5, end: 7)
        }
        readings.began(one)
        readings.removed(two)
        #expect(readings.values == [one: PartitionReading()])
        let goneAway = readings.reachedEnd(two, expected: 5, end: 7)
        let olderFetch = readings.reachedEnd(one, expected: 5, end: 4)
        #expect(!goneAway && !olderFetch)
    }
}

@Suite struct NextRecordTests {
    @Test func findsTheFirstRecordThatWaitsOrTheEnd() throws {
        let broker = try DevelopmentBroker(topics: [.init(name: "posts", partitionCount: 3)])
        let producer = try KafkaProducer(brokers: broker.bootstrapServers)
        for partition in [one, two] { try fill(producer, partition, count: 30) }
        let configuration = KafkaSourceConfiguration(brokers: broker.bootstrapServers, topics: ["posts"], group: "g")
        let three = TopicPartition(topic: "posts", partition: 2)
        let found = try NextRecordSearch.find(configuration, from: [one: 12, two: 30, three: 0])
        guard case .record(offset: 12, let timestamp?) = found[one] else {
            Issue.record("the record at 12 has a time: \(String(describing: found[one]))")
            return
        }
        #expect(timestamp > seconds(1_700_000_000))
        #expect(found[two] == .nothing(end: 30))
        #expect(found[three] == .nothing(end: 0))
        #expect(try NextRecordSearch.find(configuration, from: [:]) == [:])
    }

    /// What is out of range is left out, and the others are not held up for longer than the deadline.
    @Test func leavesOutWhatTheBrokerDoesNotHave() throws {
        let broker = try DevelopmentBroker(topics: [.init(name: "posts", partitionCount: 2)])
        try fill(KafkaProducer(brokers: broker.bootstrapServers), one, count: 5)
        let configuration = KafkaSourceConfiguration(
            brokers: broker.bootstrapServers, topics: ["posts"], group: "g", requestDeadline: .seconds(3))
        let found = try NextRecordSearch.find(configuration, from: [one: 2, two: 99])
        #expect(found.keys.sorted() == [one])
    }
}
