// One partition of this instance as the machine sees it, from assignment to the end.
internal import Posts

struct PartitionState<Payload: Sendable>: Sendable {
    enum Phase: Sendable, Equatable {
        /// Waiting for the claim's answer.
        case claiming
        /// The claim failed, or we were fenced: claim again at this time.
        case waitingToClaim(until: Duration)
        case fetching
        /// Being given up: what was started is finished until the deadline.
        case draining(deadline: Duration)
        /// Drained; the database is being told.
        case lettingGo(deadline: Duration)
        /// Cannot move until somebody decides; asked again from time to time, for `winnow offsets set` may have decided.
        case blocked(until: Duration)
    }

    /// Until when records are tried one at a time.
    struct Isolation: Sendable, Equatable {
        let until: Int64
    }

    var phase: Phase
    var tag: FetchTag
    var claim: PartitionClaim?
    var ledger: PartitionLedger<Payload>
    /// Failures in a row, for the backoff.
    var attempt = 0
    var isolation: Isolation?
    /// The last offset that Kafka was told.
    var hintedOffset: Int64?
    /// Records that were polled and dropped without an outcome.
    var abandoned = 0
    /// The record that this process tried alone, or meant to: since the process lives, it is not what ends processes.
    var triedOffset: Int64?

    init(tag: FetchTag) {
        phase = .claiming
        self.tag = tag
        ledger = PartitionLedger(nextOffset: 0)
    }

    var deadline: Duration? {
        switch phase {
        case .waitingToClaim(let time), .blocked(let time): time
        case .draining(let deadline), .lettingGo(let deadline): deadline
        case .claiming, .fetching: nil
        }
    }

    /// Whether its ready records may be delivered.
    var mayDeliver: Bool {
        switch phase {
        case .fetching, .draining: true
        case .claiming, .waitingToClaim, .lettingGo, .blocked: false
        }
    }

    var isDraining: Bool {
        if case .draining = phase { true } else { false }
    }
}
