// Handing records to workers: preparation in chunks, posts in micro-batches.
internal import Posts

extension StreamMachine {
    mutating func advanceWork() {
        guard isolationTurn == .none else { return }
        while tasks.count < workerCount {
            let isUrgent = stopPhase != .running || partitions.values.contains { $0.isDraining }
            let decision = batchPolicy.decide(
                waiting.lazy.map(\.candidate), now: now, flush: isUrgent && received.isEmpty ? .drain : nil)
            if case .close(let count, let reason) = decision, reason != .age || received.isEmpty || isOverdue {
                startEnriching(waiting.prefix(count).map(\.reference), reason)
                waiting.removeFirst(count)
            } else if !received.isEmpty {
                let count = min(limits.prepareRecords, received.count)
                startPreparing(Array(received.prefix(count)))
                received.removeFirst(count)
            } else {
                return
            }
        }
    }

    /// A batch whose age has run out twice goes even while more records wait to be prepared.
    private var isOverdue: Bool {
        guard let oldest = waiting.first else { return false }
        return oldest.candidate.since + limits.microBatchAge * 2 <= now
    }

    private mutating func takeTask(_ references: [RecordReference]) -> TaskNumber {
        defer { nextTask += 1 }
        let task = TaskNumber(number: nextTask)
        tasks[task] = references
        return task
    }

    private mutating func payloads(_ references: [RecordReference], to stage: RecordStage) -> [Payload] {
        references.map { reference in
            guard let entry = partitions[reference.topicPartition]?.ledger.entry(reference.sequence) else {
                preconditionFailure("queues hold living records only")
            }
            partitions[reference.topicPartition]?.ledger.advance(reference.sequence, to: stage)
            return entry.payload
        }
    }

    mutating func startPreparing(_ references: [RecordReference]) {
        let records = payloads(references, to: .preparing)
        actions.append(.prepare(takeTask(references), records))
    }

    mutating func startEnriching(_ references: [RecordReference], _ reason: BatchCloseReason) {
        let posts = payloads(references, to: .enriching)
        actions.append(.enrich(takeTask(references), posts, reason))
    }

    mutating func prepared(_ task: TaskNumber, _ payloads: [PreparedPayload<Payload>]) {
        guard let references = tasks.removeValue(forKey: task) else { return }
        precondition(references.count == payloads.count, "a task answers for each of its records")
        for (reference, prepared) in zip(references, payloads) where isCurrent(reference) {
            switch prepared {
            case .done(let payload):
                markReady(reference, payload)
            case .post(let payload, let tokenCount):
                let partition = reference.topicPartition
                partitions[partition]?.ledger.advance(reference.sequence, to: .waiting, payload: payload)
                let byteCount = partitions[partition]?.ledger.entry(reference.sequence)?.byteCount ?? 0
                let candidate = MicroBatchPolicy.Candidate(
                    tokenCount: tokenCount, byteCount: byteCount, since: now)
                if isolationTurn == .running(reference) {
                    startEnriching([reference], .isolation)
                } else {
                    waiting.append(WaitingPost(reference: reference, candidate: candidate))
                }
            }
        }
    }

    mutating func enriched(_ task: TaskNumber, _ payloads: [Payload]) {
        guard let references = tasks.removeValue(forKey: task) else { return }
        precondition(references.count == payloads.count, "a task answers for each of its posts")
        for (reference, payload) in zip(references, payloads) where isCurrent(reference) {
            markReady(reference, payload)
        }
    }

    private mutating func markReady(_ reference: RecordReference, _ payload: Payload) {
        partitions[reference.topicPartition]?.ledger.advance(reference.sequence, to: .ready, payload: payload)
        noteReady(reference.topicPartition)
    }

    /// The age of a delivery counts from the first record that could go.
    mutating func noteReady(_ partition: TopicPartition) {
        let lane = lane(of: partition)
        if lanes[lane].readySince == nil, (partitions[partition]?.ledger.deliverableCount ?? 0) > 0 {
            lanes[lane].readySince = now
        }
    }
}
