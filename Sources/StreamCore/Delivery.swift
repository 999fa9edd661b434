// What goes to the database in one transaction, and what can come back.
package import Posts

/// What a claim gave: the right to move one partition's offset until somebody else claims it.
package struct PartitionClaim: Hashable, Sendable {
    package let topicPartition: TopicPartition
    /// Rises by one with each claim.
    package let counter: Int64
    /// A random UUID made for this claim: the fence.
    package let token: String
    package let firstOffset: Int64
    package let nextOffset: Int64
    /// How often in a row the partition was claimed at `nextOffset` after an owner that ended without letting go:
    /// from `StreamLimits.isolationAfterCrashes` on, records are tried one at a time.
    package let crashCount: Int
    /// A record that was being tried alone when the process ended, and how often.
    package let suspect: Suspect?
    /// Kafka's time of the last record that was delivered by whoever, nil where none was. For the lag only.
    package let lastReceivedAt: Timestamp?

    package struct Suspect: Hashable, Sendable {
        package let offset: Int64
        package let attempts: Int
        package init(offset: Int64, attempts: Int) {
            self.offset = offset
            self.attempts = attempts
        }
    }

    package init(
        topicPartition: TopicPartition, counter: Int64, token: String, firstOffset: Int64, nextOffset: Int64,
        crashCount: Int = 0, suspect: Suspect? = nil, lastReceivedAt: Timestamp? = nil
    ) {
        self.topicPartition = topicPartition
        self.counter = counter
        self.token = token
        self.firstOffset = firstOffset
        self.nextOffset = nextOffset
        self.crashCount = crashCount
        self.suspect = suspect
        self.lastReceivedAt = lastReceivedAt
    }
}

/// A record that became a dead letter, with all that is needed to look at it and to take it in again.
package struct DeadLetter: Sendable {
    package let rejection: Rejection
    package let record: SourceRecord
    package init(rejection: Rejection, record: SourceRecord) {
        self.rejection = rejection
        self.record = record
    }
}

package enum DeliverableContent: Sendable {
    case post(Post, Enrichment)
    case delete(PostDeletion)
    case account(AccountChange)
    case skipped(SkipReason)
    case dead(DeadLetter)
    /// What the documents of one record came to, in their order; none of them is several again. They are written
    /// together, and the record counts once: see `Outcome.Kind`.
    case several([DeliverableContent])

    /// Itself, or what it consists of.
    package var parts: [DeliverableContent] {
        if case .several(let contents) = self { contents } else { [self] }
    }
}

/// One record on its way into the database: it will have exactly one outcome.
package struct DeliverableRecord: Sendable {
    package let offset: Int64
    /// Kafka's timestamp, else the time the record was polled: chooses the partition of `posts` when the post is new.
    package let receivedAt: Timestamp
    package let content: DeliverableContent
    package init(offset: Int64, receivedAt: Timestamp, content: DeliverableContent) {
        self.offset = offset
        self.receivedAt = receivedAt
        self.content = content
    }
}

/// The part of a delivery that belongs to one partition.
package struct PartitionSlice: Sendable {
    package let claim: PartitionClaim
    /// What `next_offset` must be in the database before.
    package let expectedOffset: Int64
    /// What it becomes.
    package let newOffset: Int64
    /// Ascending by offset, all within `expectedOffset ..< newOffset`. The offsets in between hold no record: `gap`.
    package let records: [DeliverableRecord]

    package init(claim: PartitionClaim, expectedOffset: Int64, newOffset: Int64, records: [DeliverableRecord]) {
        self.claim = claim
        self.expectedOffset = expectedOffset
        self.newOffset = newOffset
        self.records = records
    }

    package var topicPartition: TopicPartition { claim.topicPartition }
    package var gap: Int64 { newOffset - expectedOffset - Int64(records.count) }
}

/// One transaction: rows, outcome counts and offsets of one or more partitions.
package struct Delivery: Sendable {
    package let slices: [PartitionSlice]
    package init(slices: [PartitionSlice]) { self.slices = slices }
    package var recordCount: Int { slices.reduce(0) { $0 + $1.records.count } }
}

/// What became of a record; the label of counts, metrics and `status`.
package struct Outcome: Hashable, Sendable, CustomStringConvertible {
    /// A record with several documents has the outcome `dead` if one of them could not be read, else the first of the
    /// outcomes of its documents in the order of these cases.
    package enum Kind: String, Sendable, CaseIterable {
        case inserted, edited, deleted, hidden, superseded, skipped, dead, gap
    }
    package let kind: Kind
    /// Empty except for `skipped` and `dead`.
    package let reason: String
    package init(_ kind: Kind, reason: String = "") {
        self.kind = kind
        self.reason = reason
    }
    package var description: String { reason.isEmpty ? kind.rawValue : "\(kind.rawValue)(\(reason))" }
}

/// What is said of a database failure: never row data, never a message of the server's.
package struct DatabaseFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Class: String, Sendable, CaseIterable {
        /// The world is not ready: retry for ever.
        case wait
        /// A row's data is refused: find the row.
        case data
        /// Neither: find the row, or stop.
        case unknown
    }
    package let failureClass: Class
    /// Five characters, empty where the server could not be asked.
    package let sqlState: String
    /// One sentence: what was being done, which constraint or table. No row data.
    package let detail: String
    package init(failureClass: Class, sqlState: String, detail: String) {
        self.failureClass = failureClass
        self.sqlState = sqlState
        self.detail = detail
    }
    package var description: String { sqlState.isEmpty ? detail : "\(detail) (SQLSTATE \(sqlState))" }
}

package enum DeliveryResult: Sendable {
    case committed([TopicPartition: [Outcome: Int]])
    /// Nothing was written: these partitions have another owner, or another offset than expected.
    case fenced([TopicPartition])
    /// Nothing was written.
    case failed(DatabaseFailure)
    /// The connection broke between sending COMMIT and its answer: ask with `resolve`.
    case unknownCommit
}

package enum ResolutionResult: Sendable {
    /// The transaction took effect.
    case committed
    /// It did not, and the claims are still ours: deliver again.
    case notCommitted
    case fenced([TopicPartition])
    case failed(DatabaseFailure)
}
