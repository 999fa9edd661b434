// What the commands on the database ask of Kafka: where partitions begin and end. Opens its client at the first
// question.
import KafkaIngest
import PostgresDelivery
import Posts
import ServiceSettings
import StreamCore

final class BrokerBounds {
    private let settings: Settings
    private var inquiry: KafkaInquiry?
    /// The first failure: later questions are not asked, as each would wait for its deadline.
    private(set) var failure: SourceFailure?

    init(_ settings: Settings) { self.settings = settings }

    /// Nil where the broker cannot say; `failure` tells why.
    func bounds(of partition: TopicPartition) -> PartitionBounds? {
        guard failure == nil else { return nil }
        do throws(SourceFailure) {
            let client: KafkaInquiry
            if let inquiry { client = inquiry } else { client = try KafkaInquiry(configuration) }
            inquiry = client
            return try client.bounds(of: partition)
        } catch {
            failure = error
            return nil
        }
    }

    /// Where the brokers stand, seen from the offsets that are due. Partitions with offsets left are looked into: the first
    /// record there says for how long it has waited, and without one nothing waits.
    func standings(of due: [TopicPartition: Int64]) -> [TopicPartition: StatusReport.BrokerStanding] {
        var ends: [TopicPartition: Int64] = [:]
        for partition in due.keys.sorted() { ends[partition] = bounds(of: partition)?.high }
        let behind = due.filter { partition, offset in ends[partition].map { $0 > offset } ?? false }
        var first: [TopicPartition: NextRecord] = [:]
        if failure == nil {
            do throws(SourceFailure) { first = try NextRecordSearch.find(configuration, from: behind) } catch { failure = error }
        }
        return ends.reduce(into: [:]) { standings, end in
            standings[end.key] =
                switch first[end.key] {
                case .record(_, let time): .init(highWatermark: end.value, oldestWaiting: time)
                case .nothing(let empty): .init(highWatermark: end.value, emptyBelow: empty)
                case nil: .init(highWatermark: end.value)
                }
        }
    }

    private var configuration: KafkaSourceConfiguration {
        KafkaSourceConfiguration(
            brokers: settings.kafka.bootstrapList, topics: settings.kafka.topics, group: settings.kafka.group,
            properties: KafkaProperties(settings.kafka.properties.mapValues(\.text)), requestDeadline: .seconds(5))
    }
}
