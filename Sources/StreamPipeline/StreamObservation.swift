// What the engine tells of its work. Drives log lines and metrics; holds no record content.
package import Posts
package import StreamCore

package enum StreamStage: String, Sendable, CaseIterable {
    case prepare, enrich, deliver, claim, resolve
}

package enum StreamObservation: Sendable {
    case notice(StreamNotice)
    case source(SourceNotice)
    /// One call of a stage, and how many records it was for.
    case stage(StreamStage, took: Duration, records: Int)
    case microBatch(posts: Int, tokens: Int, BatchCloseReason)
    /// Seconds from Kafka's timestamp to COMMIT, one number a record.
    case committedAges([Double])
    /// How far each partition of a committed delivery is: the next offset, and the time of its last record.
    case committedThrough([TopicPartition: (nextOffset: Int64, lastTimestamp: Timestamp?)])
    /// The offsets that Kafka is told.
    case hinted([TopicPartition: Int64])
    /// Records between poll and COMMIT.
    case inFlight(records: Int)
}
