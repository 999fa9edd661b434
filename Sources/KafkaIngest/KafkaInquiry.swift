// Asks the cluster for facts: its identity, bounds, committed offsets, partitions. It has a client of its own that
// never joins the group, so that a slow answer blocks neither the poll thread nor a rebalance.
import CRdKafka
package import Posts
package import StreamCore

package final class KafkaInquiry: Sendable {
    private let client: InquiryClient
    private let calls = BoundedCalls(limit: 8)
    private let deadline: Duration

    package init(_ configuration: KafkaSourceConfiguration) throws(SourceFailure) {
        client = try InquiryClient(configuration.inquiryProperties())
        deadline = configuration.requestDeadline
    }

    private var milliseconds: Int32 { Int32(clamping: Int64(deadline / .milliseconds(1))) }

    /// Blocks within the request deadline, like all of these.
    package func clusterIdentifier() throws(SourceFailure) -> String {
        let doing = "Asking Kafka for its cluster identity"
        let (client, milliseconds) = (client, milliseconds)
        return try calls.call(doing, within: deadline) {
            guard let text = rd_kafka_clusterid(client.pointer, milliseconds) else {
                return .failure(SourceFailure(.timedOut, doing: doing))
            }
            defer { rd_kafka_mem_free(client.pointer, text) }
            return .success(String(cString: text))
        }
    }

    package func bounds(of partition: TopicPartition) throws(SourceFailure) -> PartitionBounds {
        let doing = "Asking Kafka for the bounds of \(partition)"
        let (client, milliseconds) = (client, milliseconds)
        return try calls.call(doing, within: deadline) {
            var low: Int64 = -1
            var high: Int64 = -1
            let code = KafkaErrorCode(
                rd_kafka_query_watermark_offsets(
                    client.pointer, partition.topic, partition.partition, &low, &high, milliseconds))
            guard code == .none else { return .failure(SourceFailure(code, doing: doing)) }
            guard low >= 0, high >= low else { return .failure(SourceFailure(.noOffset, doing: doing)) }
            return .success(PartitionBounds(low: low, high: high))
        }
    }

    package func committedOffset(of partition: TopicPartition) throws(SourceFailure) -> Int64? {
        let doing = "Asking Kafka for the group's offset of \(partition)"
        let (client, milliseconds) = (client, milliseconds)
        return try calls.call(doing, within: deadline) {
            let list = TopicPartitionList([partition])
            let code = KafkaErrorCode(rd_kafka_committed(client.pointer, list.pointer, milliseconds))
            guard code == .none else { return .failure(SourceFailure(code, doing: doing)) }
            guard let entry = list.entries.first else { return .success(nil) }
            guard entry.error == .none else { return .failure(SourceFailure(entry.error, doing: doing)) }
            return .success(entry.offset >= 0 ? entry.offset : nil)
        }
    }

    package func partitions(ofTopic name: String) throws(SourceFailure) -> [Int32] {
        let doing = "Asking Kafka for the partitions of topic \(name)"
        let (client, milliseconds) = (client, milliseconds)
        return try calls.call(doing, within: deadline) {
            guard let topic = rd_kafka_topic_new(client.pointer, name, nil) else {
                return .failure(SourceFailure(KafkaErrorCode(rd_kafka_last_error()), doing: doing))
            }
            defer { rd_kafka_topic_destroy(topic) }
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let code = KafkaErrorCode(rd_kafka_metadata(client.pointer, 0, topic, &metadata, milliseconds))
            guard code == .none, let metadata else { return .failure(SourceFailure(code, doing: doing)) }
            defer { rd_kafka_metadata_destroy(metadata) }
            guard metadata.pointee.topic_cnt == 1, let found = metadata.pointee.topics?.pointee else {
                return .failure(SourceFailure(KafkaErrorCode(rawValue: 3), doing: doing))
            }
            let topicCode = KafkaErrorCode(found.err)
            guard topicCode == .none else { return .failure(SourceFailure(topicCode, doing: doing)) }
            return .success((0..<Int(found.partition_cnt)).compactMap { found.partitions?[$0].id }.sorted())
        }
    }

    /// The names of all topics the broker tells us of.
    package func topicNames() throws(SourceFailure) -> [String] {
        let doing = "Asking Kafka for its topics"
        let (client, milliseconds) = (client, milliseconds)
        return try calls.call(doing, within: deadline) {
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let code = KafkaErrorCode(rd_kafka_metadata(client.pointer, 1, nil, &metadata, milliseconds))
            guard code == .none, let metadata else { return .failure(SourceFailure(code, doing: doing)) }
            defer { rd_kafka_metadata_destroy(metadata) }
            let names = (0..<Int(metadata.pointee.topic_cnt)).compactMap { index in
                metadata.pointee.topics?[index].topic.map { String(cString: $0) }
            }
            return .success(names.sorted())
        }
    }

    /// The first offset of each partition whose record is not older than the time; partitions without such a record are
    /// missing.
    package func offsets(
        of partitions: [TopicPartition], at time: Timestamp
    ) throws(SourceFailure) -> [TopicPartition: Int64] {
        let doing = "Asking Kafka for the offsets of a time"
        let entries = try listOffsets(partitions, at: max(0, time.microseconds / 1_000), doing: doing)
        for entry in entries where entry.error != .none { throw SourceFailure(entry.error, doing: doing) }
        return Dictionary(entries.filter { $0.offset >= 0 }.map { ($0.partition, $0.offset) }) { $1 }
    }

    /// The end of each partition. Partitions without an answer are missing.
    func highWatermarks(of partitions: [TopicPartition]) throws(SourceFailure) -> [TopicPartition: Int64] {
        // Kafka's ListOffsets takes -1 for "the end" where a time is expected.
        let entries = try listOffsets(partitions, at: -1, doing: "Asking Kafka for the ends of the assigned partitions")
        let found = entries.filter { $0.error == .none && $0.offset >= 0 }
        return Dictionary(found.map { ($0.partition, $0.offset) }) { $1 }
    }

    /// One request for each leader.
    private func listOffsets(
        _ partitions: [TopicPartition], at time: Int64, doing: String
    ) throws(SourceFailure) -> [(partition: TopicPartition, offset: Int64, error: KafkaErrorCode)] {
        let (client, milliseconds) = (client, milliseconds)
        return try calls.call(doing, within: deadline) {
            let list = TopicPartitionList(partitions) { _ in time }
            let code = KafkaErrorCode(rd_kafka_offsets_for_times(client.pointer, list.pointer, milliseconds))
            guard code == .none else { return .failure(SourceFailure(code, doing: doing)) }
            return .success(list.entries)
        }
    }
}

/// Owner of the asking client. A class, so that a call that outlives its caller keeps the client alive.
/// Sendable: librdkafka's handles may be used from any thread, and the pointer never changes.
private final class InquiryClient: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ properties: KafkaProperties) throws(SourceFailure) {
        let settings = try RdKafkaConfiguration(properties)
        settings.silence()
        pointer = try settings.makeClient(RD_KAFKA_CONSUMER)
        RdKafkaLibrary.serveTokensInBackground(pointer)
    }

    deinit { rd_kafka_destroy_flags(pointer, Int32(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)) }
}
