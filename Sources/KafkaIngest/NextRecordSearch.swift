// Looks at the first record at or after an offset, of several partitions in one go: for how long has it waited, or does
// nothing wait although the offsets go on? With a client that lives as long as the question and joins no group.
import CRdKafka
package import Posts
package import StreamCore

package enum NextRecord: Hashable, Sendable {
    /// The time is Kafka's; nil where the record carries none.
    case record(offset: Int64, timestamp: Timestamp?)
    /// There is no record: what is left below `end` are transaction markers and aborted transactions.
    case nothing(end: Int64)
}

package enum NextRecordSearch {
    /// Blocks within the request deadline. Partitions that have not answered by then, or lie out of range, are missing.
    package static func find(
        _ configuration: KafkaSourceConfiguration, from offsets: [TopicPartition: Int64]
    ) throws(SourceFailure) -> [TopicPartition: NextRecord] {
        guard !offsets.isEmpty else { return [:] }
        var properties = try configuration.inquiryProperties()
        // The broker gives one whole batch at least: more is not wanted.
        properties["fetch.message.max.bytes"] = "1024"
        let client = try SearchClient(properties)
        let list = TopicPartitionList(offsets.keys.sorted()) { offsets[$0] }
        let code = KafkaErrorCode(rd_kafka_assign(client.pointer, list.pointer))
        guard code == .none else { throw SourceFailure(code, doing: "Looking at the first record that waits") }
        var found: [TopicPartition: NextRecord] = [:]
        var topics = TopicNames()
        let deadline = ContinuousClock.now + configuration.requestDeadline
        while found.count < offsets.count, ContinuousClock.now < deadline {
            guard let message = rd_kafka_consumer_poll(client.pointer, 50) else { continue }
            defer { rd_kafka_message_destroy(message) }
            guard let partition = topics.partition(of: message), found[partition] == nil else { continue }
            switch KafkaErrorCode(message.pointee.err) {
            case .none:
                let record = SourceRecord(copying: message, partition: partition)
                found[partition] = .record(offset: record.position.offset, timestamp: record.timestamp)
            case .partitionEnd: found[partition] = .nothing(end: message.pointee.offset)
            default: continue
            }
            // The rest of this partition is of no interest.
            let answered = TopicPartitionList([partition])
            rd_kafka_pause_partitions(client.pointer, answered.pointer)
        }
        return found
    }
}

/// The owner of the asking client.
private struct SearchClient: ~Copyable {
    let pointer: OpaquePointer

    init(_ properties: KafkaProperties) throws(SourceFailure) {
        let settings = try RdKafkaConfiguration(properties)
        settings.silence()
        pointer = try settings.makeClient(RD_KAFKA_CONSUMER)
        rd_kafka_poll_set_consumer(pointer)
        RdKafkaLibrary.serveTokensInBackground(pointer)
    }

    deinit {
        rd_kafka_assign(pointer, nil)
        rd_kafka_destroy_flags(pointer, Int32(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE))
    }
}
