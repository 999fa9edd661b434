// The language of `StreamMachine`: what it is told, what it asks for, what it reports. Values only.
package import Posts

/// Names one record of one fetch of one partition, for as long as it is in flight.
package struct RecordReference: Hashable, Sendable {
    package let topicPartition: TopicPartition
    package let tag: FetchTag
    package let sequence: Int
}

/// Names a task given to a worker.
package struct TaskNumber: Hashable, Sendable {
    package let number: UInt64
}

/// What the claim of a partition came to, with all that can go wrong on the way to it.
package enum ClaimOutcome: Sendable {
    case claimed(PartitionClaim)
    case blocked(PositionFault)
    case databaseFailed(DatabaseFailure)
    case sourceFailed(SourceFailure)
}

/// A prepared record, seen from the machine: it only needs to know whether the student must read it.
package enum PreparedPayload<Payload: Sendable>: Sendable {
    case post(Payload, tokenCount: Int)
    case done(Payload)
}

package enum SuspectMark: Sendable {
    case marked
    case notMine
    case failed(DatabaseFailure)
}

package enum StreamEvent<Payload: Sendable>: Sendable {
    case assigned([TopicPartition])
    case revoking([TopicPartition])
    case lost([TopicPartition])
    case record(TopicPartition, FetchTag, offset: Int64, byteCount: Int, Payload)
    case claimFinished(TopicPartition, FetchTag, ClaimOutcome)
    case prepared(TaskNumber, [PreparedPayload<Payload>])
    case enriched(TaskNumber, [Payload])
    case delivered(lane: Int, DeliveryResult)
    case resolved(lane: Int, ResolutionResult)
    case probed(lane: Int, DatabaseFailure?)
    case suspectMarked(TopicPartition, FetchTag, SuspectMark)
    /// The database knows that the partition was let go, or could not be told.
    case letGo(TopicPartition, FetchTag)
    case sourceFailed(SourceFailure)
    case sourceClosed
    /// Drain all and end.
    case stop
}

/// The part of a delivery that belongs to one partition; the caller turns payloads into deliverable records.
package struct LaneSlice<Payload: Sendable>: Sendable {
    package let claim: PartitionClaim
    package let tag: FetchTag
    package let expectedOffset: Int64
    package let newOffset: Int64
    package let records: [(offset: Int64, payload: Payload)]
}

package enum StreamAction<Payload: Sendable>: Sendable {
    case claim(TopicPartition, FetchTag)
    case startFetching(TopicPartition, offset: Int64, FetchTag)
    case stopFetching(TopicPartition)
    /// Nothing of these is in flight any more: the rebalance may go on.
    case releaseToSource([TopicPartition])
    /// This much of the flow budget is free again.
    case releaseFlow(TopicPartition, records: Int, bytes: Int)
    case prepare(TaskNumber, [Payload])
    case enrich(TaskNumber, [Payload], BatchCloseReason)
    case deliver(lane: Int, [LaneSlice<Payload>])
    /// Find out what became of the lane's last delivery.
    case resolve(lane: Int)
    case probe(lane: Int)
    case markSuspect(PartitionClaim, FetchTag, offset: Int64)
    case letGo(PartitionClaim, FetchTag)
    case hint([TopicPartition: Int64])
    case closeSource
    case notice(StreamNotice)
    /// The last action: every partition is drained or given up, the source is closed.
    case finished(StreamEnding)
}

/// How the stream ended.
package struct StreamEnding: Sendable, Hashable {
    /// Nil after a stop that was asked for.
    package var failure: StreamFailure?
    /// Records that were polled and had no outcome yet: the next owner reads them again.
    package var abandonedRecords = 0
    package init() {}
}

package enum StreamFailure: Error, Sendable, Hashable, CustomStringConvertible {
    case source(SourceFailure)
    /// The database failed on one record alone and on an empty transaction too.
    case database(DatabaseFailure)

    package var description: String {
        switch self {
        case .source(let failure): "Kafka: \(failure)"
        case .database(let failure): "PostgreSQL: \(failure)"
        }
    }
}

/// Something that happened: drives log lines and metrics. Holds no record content.
package enum StreamNotice: Sendable {
    case claimed(PartitionClaim)
    case claimRetry(TopicPartition, reason: String, wait: Duration)
    case blocked(TopicPartition, PositionFault)
    case revoking(TopicPartition, inFlight: Int)
    case drained(TopicPartition, abandoned: Int)
    case drainDeadlinePassed(TopicPartition, abandoned: Int)
    case lost(TopicPartition, abandoned: Int)
    case fenced(TopicPartition, abandoned: Int)
    case committed(lane: Int, records: Int, [TopicPartition: [Outcome: Int]])
    /// An unknown COMMIT turned out to have taken effect; its counts are in the database only.
    case resolvedCommitted(lane: Int, records: Int)
    case deliveryRetry(lane: Int, DatabaseFailure, wait: Duration)
    case deliveryRecovered(lane: Int)
    case unknownCommit(lane: Int)
    case bisecting(lane: Int, records: Int, DatabaseFailure)
    case condemned(TopicPartition, offset: Int64, RejectionReason)
    case isolating(TopicPartition, from: Int64, until: Int64)
    case isolationEnded(TopicPartition)
    case duplicateDropped(TopicPartition)
}
