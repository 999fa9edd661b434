// Copies a librdkafka message into a Swift value, and names its partition without making a string for each record.
import CRdKafka
import Posts

extension SourceRecord {
    init(copying message: UnsafePointer<rd_kafka_message_t>, partition: TopicPartition) {
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let milliseconds = rd_kafka_message_timestamp(message, &kind)
        let hasTime = kind != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && milliseconds >= 0
        self.init(
            position: SourcePosition(topicPartition: partition, offset: message.pointee.offset),
            timestamp: hasTime ? Timestamp(milliseconds: milliseconds) : nil,
            key: Self.bytes(message.pointee.key, count: message.pointee.key_len),
            value: Self.bytes(message.pointee.payload, count: message.pointee.len))
    }

    /// A null pointer is Kafka's null; an empty value has a pointer and no bytes.
    private static func bytes(_ start: UnsafeMutableRawPointer?, count: Int) -> [UInt8]? {
        guard let start else { return nil }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }
}

/// Topic names by the address of librdkafka's topic object. The name behind the address is compared each time, since an
/// address may come back for another topic.
struct TopicNames {
    private struct Entry {
        let bytes: [CChar]
        let name: String

        /// Compares up to and with the closing zero, and never reads past it.
        func matches(_ text: UnsafePointer<CChar>) -> Bool {
            for (index, byte) in bytes.enumerated() where text[index] != byte { return false }
            return true
        }
    }

    private var entries: [OpaquePointer: Entry] = [:]

    mutating func partition(of message: UnsafePointer<rd_kafka_message_t>) -> TopicPartition? {
        guard let topic = message.pointee.rkt, let text = rd_kafka_topic_name(topic) else { return nil }
        if let entry = entries[topic], entry.matches(text) {
            return TopicPartition(topic: entry.name, partition: message.pointee.partition)
        }
        let name = String(cString: text)
        entries[topic] = Entry(bytes: Array(name.utf8CString), name: name)
        return TopicPartition(topic: name, partition: message.pointee.partition)
    }
}
