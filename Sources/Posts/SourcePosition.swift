// Where a record lies in Kafka. Pure values: nothing here talks to a broker.

/// One partition of one topic.
package struct TopicPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let topic: String
    package let partition: Int32

    package init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    package static func < (left: TopicPartition, right: TopicPartition) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }

    package var description: String { "\(topic)/\(partition)" }
}

/// The place of one record: a partition and the record's offset in it.
package struct SourcePosition: Hashable, Sendable, CustomStringConvertible {
    package let topicPartition: TopicPartition
    package let offset: Int64

    package init(topicPartition: TopicPartition, offset: Int64) {
        self.topicPartition = topicPartition
        self.offset = offset
    }

    package var description: String { "\(topicPartition)@\(offset)" }
}
