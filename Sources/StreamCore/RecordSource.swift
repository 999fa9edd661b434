// The seam to Kafka. The pipeline and its simulation know these types only, never librdkafka.
package import Posts

/// Marks the records that follow one `startFetching`: whoever sent that command chose the tag, and drops what carries an
/// older one. Without it a record that was under way before a seek would look like a jump in the offsets.
package struct FetchTag: Hashable, Sendable {
    package let number: UInt64
    package init(number: UInt64) { self.number = number }
}

/// The broker's bounds of a partition: the first offset it still holds, and the offset after the last record.
package struct PartitionBounds: Hashable, Sendable {
    package let low: Int64
    package let high: Int64
    package init(low: Int64, high: Int64) {
        self.low = low
        self.high = high
    }
}

/// What the source tells. Delivered from the poll thread, in order; the receiver must not block.
package enum SourceEvent: Sendable {
    /// The group gave us these partitions. They are assigned already, and paused: nothing arrives before `startFetching`.
    case assigned([TopicPartition])
    /// The group wants these back. The group waits until `SourceCommand.release` or its own timeout.
    case revoking([TopicPartition])
    /// The group gave these to others already: nothing may be written for them any more.
    case lost([TopicPartition])
    case record(SourceRecord, FetchTag)
    /// Something worth a log line; the source goes on by itself.
    case notice(SourceNotice)
    /// The source cannot go on (fatal error of the client, authentication refused for good, …).
    case failed(SourceFailure)
    /// The last event: after `close`, or after `failed`.
    case closed
}

package struct SourceNotice: Sendable, Hashable {
    /// A bounded code, fit for a metric label.
    package let code: String
    /// One sentence without record content or secrets.
    package let detail: String
    package init(code: String, detail: String) {
        self.code = code
        self.detail = detail
    }
}

package struct SourceFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package let code: String
    package let detail: String
    package let isRetriable: Bool
    package init(code: String, detail: String, isRetriable: Bool) {
        self.code = code
        self.detail = detail
        self.isRetriable = isRetriable
    }
    package var description: String { "\(detail) (\(code))" }
}

/// What the pipeline asks of the source. Sending never blocks.
package enum SourceCommand: Sendable {
    /// Seek to `offset` and resume. Every record from here on carries the tag. Ignored where the partition is not assigned.
    case startFetching(TopicPartition, offset: Int64, FetchTag)
    /// Pause; what is still under way is dropped by its receiver.
    case stopFetching(TopicPartition)
    /// We have let go of partitions of a `revoking` event; once all of it are released the source completes the rebalance.
    case release([TopicPartition])
    /// Tell Kafka how far we are, for lag tools. Losing it loses nothing.
    case hint([TopicPartition: Int64])
    /// Leave the group and end. `closed` follows.
    case close
}

package protocol RecordSource: Sendable {
    /// Identity of the Kafka cluster, for `partition_progress`. Blocks; called off the poll thread.
    func clusterIdentifier() throws(SourceFailure) -> String
    /// Blocks within a bound of its own; called from the claim thread, for partitions assigned or not.
    func bounds(of partition: TopicPartition) throws(SourceFailure) -> PartitionBounds
    /// The group's offset in Kafka, nil where it has none. Blocks within a bound.
    func committedOffset(of partition: TopicPartition) throws(SourceFailure) -> Int64?
    /// All partitions of a topic as the broker has them now. Blocks within a bound.
    func partitions(ofTopic topic: String) throws(SourceFailure) -> [Int32]
    /// Never blocks, callable from any thread.
    func send(_ command: SourceCommand)
}
