// One delivery connection as the machine sees it: at most one transaction at a time, and what it waits for.
internal import Posts

struct DeliveryLane: Sendable {
    enum Phase: Sendable {
        case idle
        case delivering
        case resolving
        case probing
        /// Waiting to deliver again after a failure that passes.
        case backingOff(until: Duration)
        /// Waiting to ask again what became of an unknown COMMIT.
        case resolveAgain(at: Duration)
        case probeAgain(at: Duration)
    }

    /// A partition's share of the running delivery.
    struct Share: Sendable {
        let topicPartition: TopicPartition
        let tag: FetchTag
    }

    var phase = Phase.idle
    /// Partitions of the delivery that runs or whose COMMIT is unknown.
    var shares: [Share] = []
    /// Records of that delivery in order, for the bisector.
    var references: [RecordReference] = []
    var bisector: BatchBisector<RecordReference>?
    /// The refusal that is being probed.
    var refusal: DatabaseFailure?
    /// Failures in a row.
    var attempt = 0
    /// Since when something could have been delivered.
    var readySince: Duration?

    var wakeTime: Duration? {
        switch phase {
        case .backingOff(let time), .resolveAgain(let time), .probeAgain(let time): time
        case .idle, .delivering, .resolving, .probing: nil
        }
    }

    var isIdle: Bool {
        if case .idle = phase { true } else { false }
    }
}
