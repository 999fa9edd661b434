// The seam to PostgreSQL.
package import Posts

/// Where a partition starts that the database has never seen, and what is known of the broker's side.
package struct ClaimRequest: Sendable {
    package let topicPartition: TopicPartition
    package let clusterIdentifier: String
    package let bounds: PartitionBounds
    /// Start of *every* partition the topic has now, as numbers: the first claim of a topic stores them all at once, so that
    /// a partition that is not among them later is known to be new and starts at its beginning.
    package let startOffsets: [Int32: Int64]

    package init(
        topicPartition: TopicPartition, clusterIdentifier: String, bounds: PartitionBounds,
        startOffsets: [Int32: Int64]
    ) {
        self.topicPartition = topicPartition
        self.clusterIdentifier = clusterIdentifier
        self.bounds = bounds
        self.startOffsets = startOffsets
    }
}

/// Why a partition cannot move until somebody decides.
package enum PositionFault: Hashable, Sendable {
    /// The stored position lies beyond the end of the partition: the topic was truncated or made anew.
    case aboveHighWatermark(stored: Int64, high: Int64)
    /// The rows of this topic were read from another Kafka cluster.
    case otherCluster(stored: String, now: String)
}

package enum ClaimResult: Sendable {
    /// Where the stored position was below the broker's low watermark the gap is counted already, and `nextOffset` is the
    /// low watermark.
    case claimed(PartitionClaim)
    case blocked(PositionFault)
    case failed(DatabaseFailure)
}

/// A connection to the database, used by one thread at a time. All calls block, each within the timeouts of the settings.
package protocol ResultSink: AnyObject {
    /// Counter + 1, a fresh token, read `next_offset`; one short transaction.
    func claim(_ request: ClaimRequest) -> ClaimResult
    /// Whether these partitions have rows in the database, so that start offsets need not be asked of the broker.
    func knowsTopic(_ topic: String, clusterIdentifier: String) throws(DatabaseFailure) -> Bool
    /// Stages, locks, merges, moves offsets and counts, commits.
    func deliver(_ delivery: Delivery) -> DeliveryResult
    /// After `unknownCommit`: waits for the old backend by locking the progress rows on a new connection.
    func resolve(_ delivery: Delivery) -> ResolutionResult
    /// Does an empty transaction through all tables of a delivery succeed?
    func probe() -> DatabaseFailure?
    /// Notes in a transaction of its own that `offset` is about to be tried alone; false where the claim is not ours any more.
    func markSuspect(_ claim: PartitionClaim, offset: Int64) throws(DatabaseFailure) -> Bool
    /// Lets go cleanly: the next owner counts no crash. Does nothing where the claim is not ours any more.
    func release(_ claim: PartitionClaim) throws(DatabaseFailure)
}

package protocol ResultSinkProvider: Sendable {
    associatedtype Sink: ResultSink
    /// One connection, owned by the calling thread. Connects lazily: never blocks here.
    func makeSink(name: String) -> Sink
    /// Breaks every running call off from another thread (PQcancel, then socket shutdown): used when the time to stop is over.
    func interruptAll()
}
