// What the commands on the database ask of Kafka: where partitions begin and end. Opens its client at the first
// question.
import KafkaIngest
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

    private var configuration: KafkaSourceConfiguration {
        KafkaSourceConfiguration(
            brokers: settings.kafka.bootstrapList, topics: settings.kafka.topics, group: settings.kafka.group,
            properties: KafkaProperties(settings.kafka.properties.mapValues(\.text)), requestDeadline: .seconds(5))
    }
}
