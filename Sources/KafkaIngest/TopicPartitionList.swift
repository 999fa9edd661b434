// The owner of a librdkafka partition list, and its conversion to and from Swift values. Internal to this module.
import CRdKafka
import Posts

struct TopicPartitionList: ~Copyable {
    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    /// - Parameter offset: The offset of each entry; librdkafka's INVALID where none is given.
    init(_ partitions: some Collection<TopicPartition>, offset: (TopicPartition) -> Int64? = { _ in nil }) {
        // librdkafka ends the process itself where memory is exhausted, so that a list is always given.
        pointer = rd_kafka_topic_partition_list_new(Int32(partitions.count))
        for partition in partitions {
            let entry = rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.partition)
            if let offset = offset(partition) { entry?.pointee.offset = offset }
        }
    }

    deinit { rd_kafka_topic_partition_list_destroy(pointer) }

    /// The entries of a list that belongs to somebody else.
    static func entries(
        of list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
    ) -> [(partition: TopicPartition, offset: Int64, error: KafkaErrorCode)] {
        guard let list else { return [] }
        return (0..<Int(list.pointee.cnt)).compactMap { index in
            guard let topic = list.pointee.elems[index].topic else { return nil }
            let entry = list.pointee.elems[index]
            return (
                TopicPartition(topic: String(cString: topic), partition: entry.partition), entry.offset,
                KafkaErrorCode(entry.err)
            )
        }
    }

    var entries: [(partition: TopicPartition, offset: Int64, error: KafkaErrorCode)] { Self.entries(of: pointer) }
}
