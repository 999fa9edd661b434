// The protocol of one instance, without I/O: events and the time go in, actions come out. The pipeline performs the actions
// with threads, Kafka and PostgreSQL; the simulation performs them against a model of both. Every rule about claims, order,
// draining, fencing, bisecting and retries is here and in the extensions beside this file, and nowhere else.
//
// Owned by one thread. `handle` takes an event; after one or several events `advance` starts what has become possible and
// returns all actions, in the order in which they must be performed.
internal import DequeModule
internal import OrderedCollections
package import Posts

package struct StreamMachine<Payload: Sendable>: Sendable {
    struct WaitingPost: Sendable {
        let reference: RecordReference
        let candidate: MicroBatchPolicy.Candidate
    }

    enum StopPhase: Sendable, Equatable {
        case running
        case draining
        case closing
        case finished
    }

    package let limits: StreamLimits
    let laneCount: Int
    let workerCount: Int
    let batchPolicy: MicroBatchPolicy
    let retryPolicy: RetryPolicy
    /// Makes a dead letter of a record.
    let condemn: @Sendable (Payload, Rejection) -> Payload
    var random: SeededRandom

    /// Ordered, so that a seed repeats a run exactly. Hot paths change a state in place: a copy would copy its ledger.
    var partitions: OrderedDictionary<TopicPartition, PartitionState<Payload>> = [:]
    var lanes: [DeliveryLane]
    /// Records that nobody works on, in order of arrival. Bounded by the flow budget.
    var received: Deque<RecordReference> = []
    /// Posts that wait for a micro-batch. Bounded by the flow budget.
    var waiting: Deque<WaitingPost> = []
    var tasks: [TaskNumber: [RecordReference]] = [:]
    var isolationTurn = IsolationTurn.none
    var stopPhase = StopPhase.running
    var ending = StreamEnding()
    var actions: [StreamAction<Payload>] = []
    var nextTag: UInt64 = 1
    var nextTask: UInt64 = 1
    var hintDue: Duration = .zero
    /// The time of the event that is being handled.
    var now: Duration = .zero

    /// - Parameters:
    ///   - lanes: delivery connections; each runs one transaction at a time.
    ///   - workers: threads that prepare and enrich; each runs one task at a time.
    package init(
        limits: StreamLimits, lanes: Int, workers: Int, seed: UInt64,
        condemn: @escaping @Sendable (Payload, Rejection) -> Payload
    ) {
        precondition(lanes > 0 && workers > 0, "a stream needs a lane and a worker")
        self.limits = limits
        laneCount = lanes
        workerCount = workers
        batchPolicy = MicroBatchPolicy(limits: limits)
        retryPolicy = RetryPolicy(first: limits.retryFirst, last: limits.retryLast)
        random = SeededRandom(seed: seed)
        self.condemn = condemn
        self.lanes = Array(repeating: DeliveryLane(), count: lanes)
    }

    package mutating func handle(_ event: StreamEvent<Payload>, now: Duration) {
        self.now = max(now, self.now)
        guard stopPhase != .finished else { return }
        switch event {
        case .assigned(let partitions): assigned(partitions)
        case .revoking(let partitions): revoking(partitions)
        case .lost(let partitions): lost(partitions)
        case .record(let partition, let tag, let offset, let byteCount, let payload):
            record(partition, tag, offset: offset, byteCount: byteCount, payload)
        case .claimFinished(let partition, let tag, let outcome): claimFinished(partition, tag, outcome)
        case .prepared(let task, let payloads): prepared(task, payloads)
        case .enriched(let task, let payloads): enriched(task, payloads)
        case .delivered(let lane, let result): delivered(lane, result)
        case .resolved(let lane, let result): resolved(lane, result)
        case .probed(let lane, let failure): probed(lane, failure)
        case .suspectMarked(let partition, let tag, let mark): suspectMarked(partition, tag, mark)
        case .letGo(let partition, let tag): letGo(partition, tag)
        case .sourceFailed(let failure): fail(.source(failure))
        case .sourceClosed: sourceClosed()
        case .stop: stop()
        }
    }

    /// Starts what has become possible or due, and hands out all actions since the last call.
    package mutating func advance(now: Duration) -> [StreamAction<Payload>] {
        self.now = max(now, self.now)
        if stopPhase != .finished {
            advancePartitions()
            advanceIsolation()
            advanceWork()
            advanceLanes()
            advanceDrains()
            advanceHints()
            advanceStop()
        }
        defer { actions.removeAll(keepingCapacity: true) }
        return actions
    }

    /// When `advance` must be called at the latest, if no event comes.
    package var nextDeadline: Duration? {
        var deadline: Duration?
        func consider(_ time: Duration?) {
            guard let time else { return }
            deadline = min(deadline ?? time, time)
        }
        for state in partitions.values { consider(state.deadline) }
        for (index, lane) in lanes.enumerated() {
            consider(lane.wakeTime)
            if lane.isIdle, let since = lane.readySince, deliverable(lane: index) > 0 {
                consider(since + limits.deliveryAge)
            }
        }
        if let oldest = waiting.first, tasks.count < workerCount, isolationTurn == .none {
            consider(oldest.candidate.since + limits.microBatchAge)
        }
        if hasHints { consider(hintDue) }
        return deadline
    }

    /// Records that are polled and not delivered.
    package var recordsInFlight: Int { partitions.values.reduce(0) { $0 + $1.ledger.count } }

    mutating func notice(_ notice: StreamNotice) { actions.append(.notice(notice)) }

    mutating func takeTag() -> FetchTag {
        defer { nextTag += 1 }
        return FetchTag(number: nextTag)
    }

    /// The state that a reference belongs to, if it is still the same fetch.
    func isCurrent(_ reference: RecordReference) -> Bool {
        partitions[reference.topicPartition]?.tag == reference.tag
            && partitions[reference.topicPartition]?.ledger.contains(reference.sequence) == true
    }

    mutating func releaseFlow(_ partition: TopicPartition, _ share: PartitionLedger<Payload>.Share) {
        guard share.records > 0 else { return }
        actions.append(.releaseFlow(partition, records: share.records, bytes: share.bytes))
    }
}
