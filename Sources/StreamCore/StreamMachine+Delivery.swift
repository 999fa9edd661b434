// Deliveries: what goes into one transaction, and what each answer of the database means.
internal import Posts

extension StreamMachine {
    func lane(of partition: TopicPartition) -> Int { Int(partition.partition) % laneCount }

    /// Records of a lane that could be delivered now.
    func deliverable(lane: Int) -> Int {
        var count = 0
        for (partition, state) in partitions where state.mayDeliver && self.lane(of: partition) == lane {
            count += state.ledger.deliverableCount
        }
        return count
    }

    mutating func advanceLanes() {
        for lane in lanes.indices {
            switch lanes[lane].phase {
            case .delivering, .resolving, .probing:
                break
            case .resolveAgain(let time):
                if time <= now {
                    lanes[lane].phase = .resolving
                    actions.append(.resolve(lane: lane))
                }
            case .probeAgain(let time):
                if time <= now {
                    lanes[lane].phase = .probing
                    actions.append(.probe(lane: lane))
                }
            case .backingOff(let time):
                if time <= now {
                    lanes[lane].phase = .idle
                    startDelivery(lane, isRetry: true)
                }
            case .idle:
                startDelivery(lane, isRetry: false)
            }
        }
    }

    private mutating func startDelivery(_ lane: Int, isRetry: Bool) {
        if var bisector = lanes[lane].bisector {
            let step = bisector.next { isCurrent($0) }
            switch step {
            case .deliver(let references):
                lanes[lane].bisector = bisector
                return deliver(lane, suspected: references)
            case .finished:
                lanes[lane].bisector = nil
            }
        }
        let count = deliverable(lane: lane)
        guard count > 0 else {
            lanes[lane].readySince = nil
            return
        }
        if lanes[lane].readySince == nil { lanes[lane].readySince = now }
        let isDue = now >= (lanes[lane].readySince ?? now) + limits.deliveryAge
        let isUrgent = partitions.contains { $0.value.isDraining || $0.value.isolation != nil }
        guard isRetry || isDue || isUrgent || count >= limits.deliveryRecords else { return }
        deliver(lane, candidates: partitions.filter { partition, state in
            state.mayDeliver && self.lane(of: partition) == lane && state.ledger.deliverableCount > 0
        }.keys.sorted())
    }

    /// A fair part of the records and bytes of a delivery for each partition that has some.
    private mutating func deliver(_ lane: Int, candidates: [TopicPartition]) {
        var slices: [LaneSlice<Payload>] = []
        var recordsLeft = limits.deliveryRecords
        var bytesLeft = limits.deliveryBytes
        for (index, partition) in candidates.enumerated() {
            let others = candidates.count - index
            guard recordsLeft > 0, bytesLeft > 0 else { break }
            let taken = takeSlice(
                partition, recordLimit: max(1, recordsLeft / others), byteLimit: max(1, bytesLeft / others))
            recordsLeft -= taken.slice.records.count
            bytesLeft -= taken.byteCount
            slices.append(taken.slice)
        }
        send(lane, slices)
    }

    /// Exactly these records: each partition's are the next of its ledger.
    private mutating func deliver(_ lane: Int, suspected references: [RecordReference]) {
        var counts: [(partition: TopicPartition, count: Int)] = []
        for reference in references {
            if counts.last?.partition == reference.topicPartition {
                counts[counts.count - 1].count += 1
            } else {
                counts.append((reference.topicPartition, 1))
            }
        }
        send(lane, counts.map { takeSlice($0.partition, recordLimit: $0.count, byteLimit: .max).slice })
    }

    private mutating func takeSlice(
        _ partition: TopicPartition, recordLimit: Int, byteLimit: Int
    ) -> (slice: LaneSlice<Payload>, byteCount: Int) {
        guard let claim = partitions[partition]?.claim, let tag = partitions[partition]?.tag,
            let expected = partitions[partition]?.ledger.deliveredOffset,
            let entries = partitions[partition]?.ledger.beginDelivery(
                recordLimit: recordLimit, byteLimit: byteLimit)
        else { preconditionFailure("only a claimed partition delivers") }
        let slice = LaneSlice(
            claim: claim, tag: tag, expectedOffset: expected,
            newOffset: (entries.last?.offset ?? expected - 1) + 1,
            records: entries.map { (offset: $0.offset, payload: $0.payload) })
        return (slice, entries.reduce(0) { $0 + $1.byteCount })
    }

    private mutating func send(_ lane: Int, _ slices: [LaneSlice<Payload>]) {
        lanes[lane].phase = .delivering
        lanes[lane].readySince = nil
        lanes[lane].shares = slices.map { .init(topicPartition: $0.claim.topicPartition, tag: $0.tag) }
        lanes[lane].references = slices.flatMap { slice in
            let first = partitions[slice.claim.topicPartition]?.ledger.firstSequence ?? 0
            return slice.records.indices.map {
                RecordReference(
                    topicPartition: slice.claim.topicPartition, tag: slice.tag, sequence: first + $0)
            }
        }
        actions.append(.deliver(lane: lane, slices))
    }

    mutating func delivered(_ lane: Int, _ result: DeliveryResult) {
        guard case .delivering = lanes[lane].phase else { return }
        switch result {
        case .committed(let counts):
            notice(.committed(lane: lane, records: lanes[lane].references.count, counts))
            deliverySucceeded(lane)
        case .fenced(let fencedPartitions):
            deliveryFenced(lane, fencedPartitions)
        case .unknownCommit:
            notice(.unknownCommit(lane: lane))
            lanes[lane].phase = .resolving
            actions.append(.resolve(lane: lane))
        case .failed(let failure):
            cancelShares(lane)
            switch failure.failureClass {
            case .wait: backOff(lane, failure)
            case .data, .unknown: refused(lane, failure)
            }
        }
    }

    mutating func resolved(_ lane: Int, _ result: ResolutionResult) {
        guard case .resolving = lanes[lane].phase else { return }
        switch result {
        case .committed:
            notice(.resolvedCommitted(lane: lane, records: lanes[lane].references.count))
            deliverySucceeded(lane)
        case .notCommitted:
            cancelShares(lane)
            lanes[lane].phase = .idle
            startDelivery(lane, isRetry: true)
        case .fenced(let fencedPartitions):
            deliveryFenced(lane, fencedPartitions)
        case .failed(let failure):
            // Whatever is in the way: until the answer is known nothing else may be delivered here.
            lanes[lane].phase = .resolveAgain(at: now + retryWait(lane, failure))
        }
    }

    private mutating func deliverySucceeded(_ lane: Int) {
        for share in lanes[lane].shares {
            guard partitions[share.topicPartition]?.tag == share.tag else { continue }
            guard let freed = partitions[share.topicPartition]?.ledger.commitDelivery() else { continue }
            partitions[share.topicPartition]?.attempt = 0
            releaseFlow(share.topicPartition, freed)
            noteReady(share.topicPartition)
        }
        if lanes[lane].attempt > 0 { notice(.deliveryRecovered(lane: lane)) }
        lanes[lane].attempt = 0
        lanes[lane].bisector?.succeeded()
        finishDelivery(lane)
    }

    private mutating func deliveryFenced(_ lane: Int, _ list: [TopicPartition]) {
        cancelShares(lane)
        let shares = lanes[lane].shares
        precondition(
            shares.contains { list.contains($0.topicPartition) }, "a fence names a partition of the delivery")
        finishDelivery(lane)
        for share in shares where list.contains(share.topicPartition) {
            if partitions[share.topicPartition]?.tag == share.tag { fenced(share.topicPartition) }
        }
        startDelivery(lane, isRetry: true)
    }

    private mutating func finishDelivery(_ lane: Int) {
        lanes[lane].phase = .idle
        lanes[lane].shares = []
        lanes[lane].references = []
        lanes[lane].refusal = nil
    }

    /// Nothing was written: what the delivery held goes back to the front of its ledgers.
    private mutating func cancelShares(_ lane: Int) {
        for share in lanes[lane].shares where partitions[share.topicPartition]?.tag == share.tag {
            partitions[share.topicPartition]?.ledger.cancelDelivery()
        }
    }

    private mutating func retryWait(_ lane: Int, _ failure: DatabaseFailure) -> Duration {
        lanes[lane].attempt += 1
        let wait = retryPolicy.wait(attempt: lanes[lane].attempt, using: &random)
        notice(.deliveryRetry(lane: lane, failure, wait: wait))
        return wait
    }

    private mutating func backOff(_ lane: Int, _ failure: DatabaseFailure) {
        let wait = retryWait(lane, failure)
        finishDelivery(lane)
        lanes[lane].phase = .backingOff(until: now + wait)
    }

    /// The database refuses something in this delivery: halve it until the record is alone.
    private mutating func refused(_ lane: Int, _ failure: DatabaseFailure) {
        let alive = lanes[lane].references.filter { isCurrent($0) }
        guard !alive.isEmpty else { return finishDelivery(lane) }
        notice(.bisecting(lane: lane, records: alive.count, failure))
        var bisector = lanes[lane].bisector ?? BatchBisector(refused: alive)
        let verdict = bisector.failed { isCurrent($0) }
        lanes[lane].bisector = bisector
        switch verdict {
        case .split:
            finishDelivery(lane)
            startDelivery(lane, isRetry: true)
        case .isolated(let reference):
            isolated(lane, reference, failure)
        }
    }

    private mutating func isolated(_ lane: Int, _ reference: RecordReference, _ failure: DatabaseFailure) {
        let entry = partitions[reference.topicPartition]?.ledger.entry(reference.sequence)
        if failure.failureClass == .data, entry?.isCondemned == false {
            condemn(
                reference,
                Rejection(reason: .databaseRefusedData, detail: "PostgreSQL refused the row: \(failure)"))
            finishDelivery(lane)
            startDelivery(lane, isRetry: true)
        } else {
            lanes[lane].refusal = failure
            lanes[lane].phase = .probing
            actions.append(.probe(lane: lane))
        }
    }

    mutating func probed(_ lane: Int, _ probeFailure: DatabaseFailure?) {
        guard case .probing = lanes[lane].phase, let refusal = lanes[lane].refusal else { return }
        if let probeFailure {
            guard probeFailure.failureClass == .wait else { return fail(.database(probeFailure)) }
            lanes[lane].phase = .probeAgain(at: now + retryWait(lane, probeFailure))
            return
        }
        let suspects = lanes[lane].references.filter { isCurrent($0) }
        guard let reference = suspects.first else { return finishDelivery(lane) }
        let entry = partitions[reference.topicPartition]?.ledger.entry(reference.sequence)
        // A dead letter that is refused in its turn is beyond this protocol: somebody must look.
        guard entry?.isCondemned == false else { return fail(.database(refusal)) }
        condemn(
            reference, Rejection(reason: .databaseFailure, detail: "PostgreSQL failed on this record alone: \(refusal)"))
        finishDelivery(lane)
        startDelivery(lane, isRetry: true)
    }
}
