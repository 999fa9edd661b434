// Reads fixed ranges of partitions, outside of any consumer group: it names no group, joins none and commits nothing, so
// that no live group notices it. Used by one thread.
import CRdKafka
package import Posts
package import StreamCore

package final class KafkaRangeReader {
    /// What one call found.
    package struct Portion: Sendable {
        package var records: [SourceRecord] = []
        /// Partitions whose range has ended: nothing more comes of them.
        package var ended: [TopicPartition] = []
    }

    private static let eventsAtOnce = 1_000
    private let client: RangeClient
    private var ends: [TopicPartition: Int64]
    private var names = TopicNames()

    /// - Parameter ranges: Half open; empty ones are ended before they begin and are not reported.
    package init(
        _ configuration: KafkaSourceConfiguration, ranges: [TopicPartition: Range<Int64>]
    ) throws(SourceFailure) {
        client = try RangeClient(configuration.rangeProperties())
        ends = ranges.filter { !$0.value.isEmpty }.mapValues(\.upperBound)
        for (partition, range) in ranges where !range.isEmpty {
            try client.start(partition, at: range.lowerBound)
        }
    }

    package var isAtEnd: Bool { ends.isEmpty }

    /// Blocks until something has come or the time is over; then takes what is there, up to the limits.
    package func next(
        records limit: Int, bytes: Int = 16 << 20, within timeout: Duration
    ) throws(SourceFailure) -> Portion {
        var portion = Portion()
        var byteCount = 0
        var wait = Int32(clamping: Int64(timeout / .milliseconds(1)))
        while !isAtEnd, portion.records.count < limit, byteCount < bytes {
            guard let message = rd_kafka_consume_queue(client.queue, wait) else { break }
            wait = 0
            defer { rd_kafka_message_destroy(message) }
            guard let partition = names.partition(of: message), let end = ends[partition] else { continue }
            let code = KafkaErrorCode(message.pointee.err)
            if code == KafkaErrorCode(RD_KAFKA_RESP_ERR__PARTITION_EOF) {
                // The partition holds less than the range asked for: markers or compaction took the last offsets.
                finish(partition, &portion)
            } else if code != .none {
                throw SourceFailure(code, doing: "Reading \(partition)")
            } else if message.pointee.offset >= end {
                finish(partition, &portion)
            } else {
                let record = SourceRecord(copying: message, partition: partition)
                portion.records.append(record)
                byteCount += record.byteCount
                if record.position.offset == end - 1 { finish(partition, &portion) }
            }
        }
        return portion
    }

    private func finish(_ partition: TopicPartition, _ portion: inout Portion) {
        ends[partition] = nil
        portion.ended.append(partition)
        client.stop(partition)
    }
}

extension KafkaSourceConfiguration {
    /// Without the group: what names none cannot move one.
    func rangeProperties() throws(SourceFailure) -> KafkaProperties {
        var result = try inquiryProperties()
        result["group.id"] = nil
        result["enable.partition.eof"] = "true"
        result["auto.commit.enable"] = "false"
        // librdkafka holds no more than this of records that were not asked for yet.
        result["queued.max.messages.kbytes"] = "16384"
        return result
    }
}

/// Owner of the client, its queue and the topics that are being read. Used by one thread.
private final class RangeClient {
    private let client: OpaquePointer
    let queue: OpaquePointer
    private var topics: [String: OpaquePointer] = [:]
    private var reading: Set<TopicPartition> = []

    init(_ properties: KafkaProperties) throws(SourceFailure) {
        let settings = try RdKafkaConfiguration(properties)
        settings.silence()
        client = try settings.makeClient(RD_KAFKA_CONSUMER)
        RdKafkaLibrary.serveTokensInBackground(client)
        queue = rd_kafka_queue_new(client)
    }

    /// Stopping waits for librdkafka's own thread, not for a broker.
    deinit {
        for partition in reading { stop(partition) }
        rd_kafka_queue_destroy(queue)
        for topic in topics.values { rd_kafka_topic_destroy(topic) }
        rd_kafka_destroy_flags(client, Int32(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE))
    }

    func start(_ partition: TopicPartition, at offset: Int64) throws(SourceFailure) {
        let doing = "Beginning to read \(partition)"
        guard let topic = topics[partition.topic] ?? rd_kafka_topic_new(client, partition.topic, nil) else {
            throw SourceFailure(KafkaErrorCode(rd_kafka_last_error()), doing: doing)
        }
        topics[partition.topic] = topic
        guard rd_kafka_consume_start_queue(topic, partition.partition, offset, queue) == 0 else {
            throw SourceFailure(KafkaErrorCode(rd_kafka_last_error()), doing: doing)
        }
        reading.insert(partition)
    }

    func stop(_ partition: TopicPartition) {
        guard reading.remove(partition) != nil, let topic = topics[partition.topic] else { return }
        rd_kafka_consume_stop(topic, partition.partition)
    }
}
