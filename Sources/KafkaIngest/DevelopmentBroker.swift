// A broker for development, demonstrations and tests: librdkafka's mock cluster inside our process. It keeps records
// in memory only and is no broker for production.
import CRdKafka
package import StreamCore

package final class DevelopmentBroker: Sendable {
    /// What the mock cluster keeps of each partition: beyond either it drops the oldest records without a word.
    package static let retainedBytesPerPartition = 5 << 20
    package static let retainedMessagesPerPartition = 100_000
    /// What a topic gets that nobody created.
    package static let defaultPartitionCount = 4

    package struct Topic: Hashable, Sendable {
        package let name: String
        package let partitionCount: Int32

        package init(name: String, partitionCount: Int32) {
            self.name = name
            self.partitionCount = partitionCount
        }
    }

    let cluster: MockCluster

    /// Starts listening on a free port of 127.0.0.1 for each of `brokerCount` brokers, and creates the topics.
    package init(topics: [Topic] = [], brokerCount: Int32 = 1) throws(SourceFailure) {
        cluster = try MockCluster(brokerCount: brokerCount)
        for topic in topics { try createTopic(topic) }
    }

    /// `host:port,...`, valid as long as this object lives.
    package var bootstrapServers: String { cluster.bootstrapServers }

    /// One replica for each partition. Throws where the topic exists.
    package func createTopic(_ topic: Topic) throws(SourceFailure) {
        guard topic.partitionCount > 0, !topic.name.isEmpty else {
            throw SourceFailure(
                code: "configuration",
                detail: "A topic of the development broker needs a name and at least one partition",
                isRetriable: false)
        }
        let code = KafkaErrorCode(
            rd_kafka_mock_topic_create(cluster.pointer, topic.name, topic.partitionCount, 1))
        if code != .none { throw SourceFailure(code, doing: "Creating topic \(topic.name) on the development broker") }
    }

    // MARK: Faults, for tests

    /// Closes a broker's connections and refuses new ones, until `setUp`.
    package func setDown(broker: Int32 = 1) { rd_kafka_mock_broker_set_down(cluster.pointer, broker) }
    package func setUp(broker: Int32 = 1) { rd_kafka_mock_broker_set_up(cluster.pointer, broker) }

    /// The next requests of this kind (Kafka's API key) are answered with these errors, one each.
    package func failRequests(apiKey: Int16, with codes: [KafkaErrorCode]) {
        let errors = codes.map { rd_kafka_resp_err_t(rawValue: numericCast($0.rawValue)) }
        errors.withUnsafeBufferPointer { buffer in
            rd_kafka_mock_push_request_errors_array(cluster.pointer, apiKey, buffer.count, buffer.baseAddress)
        }
    }

    /// How long each answer of a broker takes.
    package func setRoundTrip(milliseconds: Int32, broker: Int32 = 1) {
        rd_kafka_mock_broker_set_rtt(cluster.pointer, broker, milliseconds)
    }
}

/// Owner of the mock cluster and of the client that hosts it.
/// Sendable: the mock API takes its own lock in each call, and the pointers never change.
final class MockCluster: @unchecked Sendable {
    private let host: OpaquePointer
    let pointer: OpaquePointer

    init(brokerCount: Int32) throws(SourceFailure) {
        let settings = try RdKafkaConfiguration(KafkaProperties(["client.id": "winnow-broker"]))
        settings.silence()
        let host = try settings.makeClient(RD_KAFKA_PRODUCER)
        guard let cluster = rd_kafka_mock_cluster_new(host, brokerCount) else {
            rd_kafka_destroy(host)
            throw SourceFailure(
                code: "development_broker",
                detail: "The development broker could not listen on 127.0.0.1: check limits on open files and ports",
                isRetriable: false)
        }
        self.host = host
        pointer = cluster
    }

    deinit {
        rd_kafka_mock_cluster_destroy(pointer)
        rd_kafka_destroy(host)
    }

    var bootstrapServers: String {
        guard let text = rd_kafka_mock_cluster_bootstraps(pointer) else { return "" }
        return String(cString: text)
    }
}
