// Assignment, claim, fence and drain: the life of a partition in this instance.
internal import Posts

extension StreamMachine {
    mutating func assigned(_ list: [TopicPartition]) {
        guard stopPhase == .running else { return }
        for partition in list {
            if partitions[partition] != nil { forget(partition) }
            let tag = takeTag()
            partitions[partition] = PartitionState(tag: tag)
            actions.append(.claim(partition, tag))
        }
    }

    mutating func claimFinished(_ partition: TopicPartition, _ tag: FetchTag, _ outcome: ClaimOutcome) {
        guard var state = partitions[partition], state.tag == tag, state.phase == .claiming else { return }
        switch outcome {
        case .claimed(let claim):
            state.claim = claim
            // The attempts go on counting until something is delivered: two owners who fence each other must slow down.
            state.phase = .fetching
            state.ledger = PartitionLedger(nextOffset: claim.nextOffset)
            state.hintedOffset = nil
            if claim.crashCount >= limits.isolationAfterCrashes {
                let until = claim.nextOffset + Int64(limits.recordsInFlight)
                state.isolation = .init(until: until)
                notice(.isolating(partition, from: claim.nextOffset, until: until))
            }
            actions.append(.startFetching(partition, offset: claim.nextOffset, tag))
            notice(.claimed(claim))
        case .blocked(let fault):
            notice(.blocked(partition, fault))
            state.phase = .blocked(until: now + limits.retryLast * 3)
        case .databaseFailed(let failure):
            state.phase = .waitingToClaim(until: now + claimWait(&state, partition, failure.description))
        case .sourceFailed(let failure):
            state.phase = .waitingToClaim(until: now + claimWait(&state, partition, failure.description))
        }
        partitions[partition] = state
    }

    private mutating func claimWait(
        _ state: inout PartitionState<Payload>, _ partition: TopicPartition, _ reason: String
    ) -> Duration {
        state.attempt += 1
        let wait = retryPolicy.wait(attempt: state.attempt, using: &random)
        notice(.claimRetry(partition, reason: reason, wait: wait))
        return wait
    }

    mutating func record(
        _ partition: TopicPartition, _ tag: FetchTag, offset: Int64, byteCount: Int, _ payload: Payload
    ) {
        guard partitions[partition]?.tag == tag, partitions[partition]?.phase == .fetching else {
            // Polled for an older fetch, or for a partition that is being given up: the next owner reads it.
            return releaseFlow(partition, .init(records: 1, bytes: byteCount))
        }
        switch partitions[partition]?.ledger.admit(offset: offset, byteCount: byteCount, payload: payload) {
        case .admitted(let sequence):
            if partitions[partition]?.isolation == nil {
                received.append(RecordReference(topicPartition: partition, tag: tag, sequence: sequence))
            }
        case .duplicate, nil:
            releaseFlow(partition, .init(records: 1, bytes: byteCount))
            notice(.duplicateDropped(partition))
        }
    }

    mutating func revoking(_ list: [TopicPartition]) {
        for partition in list { beginDrain(partition) }
    }

    /// Cuts off what nobody has started and leaves the rest to be finished.
    mutating func beginDrain(_ partition: TopicPartition) {
        guard var state = partitions[partition] else {
            actions.append(.releaseToSource([partition]))
            return
        }
        switch state.phase {
        case .claiming, .waitingToClaim, .blocked:
            partitions[partition] = nil
            actions.append(.releaseToSource([partition]))
        case .fetching:
            notice(.revoking(partition, inFlight: state.ledger.count))
            actions.append(.stopFetching(partition))
            let dropped = state.ledger.dropUnstarted()
            state.abandoned += dropped.records
            state.isolation = nil
            state.phase = .draining(deadline: now + limits.drainDeadline)
            partitions[partition] = state
            releaseFlow(partition, dropped)
            purgeQueues()
        case .draining, .lettingGo:
            break
        }
    }

    mutating func lost(_ list: [TopicPartition]) {
        for partition in list {
            guard partitions[partition] != nil else { continue }
            let abandoned = forget(partition)
            notice(.lost(partition, abandoned: abandoned))
        }
    }

    /// Another owner holds the partition, or its offset was moved: nothing of ours may be written. If the group still lists us,
    /// claim again.
    mutating func fenced(_ partition: TopicPartition) {
        guard let state = partitions[partition] else { return }
        let wasDraining = state.isDraining
        let abandoned = forget(partition)
        notice(.fenced(partition, abandoned: abandoned))
        guard !wasDraining, stopPhase == .running else {
            actions.append(.releaseToSource([partition]))
            return
        }
        actions.append(.stopFetching(partition))
        var fresh = PartitionState<Payload>(tag: takeTag())
        fresh.attempt = state.attempt + 1
        let wait = retryPolicy.wait(attempt: fresh.attempt, using: &random)
        fresh.triedOffset = state.triedOffset
        fresh.phase = .waitingToClaim(until: now + wait)
        partitions[partition] = fresh
    }

    /// Drops all we hold of a partition. Results that are under way for it will find nobody.
    @discardableResult
    mutating func forget(_ partition: TopicPartition) -> Int {
        guard var state = partitions.removeValue(forKey: partition) else { return 0 }
        let share = state.ledger.dropAll()
        releaseFlow(partition, share)
        ending.abandonedRecords += share.records + state.abandoned
        purgeQueues()
        return share.records + state.abandoned
    }

    /// Removes what is gone from the queues, so that limits and ages count what is there.
    private mutating func purgeQueues() {
        received = .init(received.filter { isCurrent($0) })
        waiting = .init(waiting.filter { isCurrent($0.reference) })
    }

    mutating func advancePartitions() {
        for (partition, state) in partitions {
            switch state.phase {
            case .waitingToClaim(let time) where time <= now, .blocked(let time) where time <= now:
                partitions[partition]?.phase = .claiming
                actions.append(.claim(partition, state.tag))
            case .claiming, .waitingToClaim, .fetching, .draining, .lettingGo, .blocked:
                break
            }
        }
    }

    mutating func advanceDrains() {
        for (partition, state) in partitions {
            switch state.phase {
            case .draining(let deadline):
                if state.ledger.isEmpty, let claim = state.claim {
                    partitions[partition]?.phase = .lettingGo(deadline: deadline)
                    actions.append(.letGo(claim, state.tag))
                } else if deadline <= now {
                    let abandoned = forget(partition)
                    notice(.drainDeadlinePassed(partition, abandoned: abandoned))
                    actions.append(.releaseToSource([partition]))
                }
            case .lettingGo(let deadline) where deadline <= now:
                forget(partition)
                actions.append(.releaseToSource([partition]))
            case .claiming, .waitingToClaim, .fetching, .lettingGo, .blocked:
                break
            }
        }
    }

    mutating func letGo(_ partition: TopicPartition, _ tag: FetchTag) {
        guard let state = partitions[partition], state.tag == tag, case .lettingGo = state.phase else { return }
        sendHint(partition)
        let abandoned = forget(partition)
        notice(.drained(partition, abandoned: abandoned))
        actions.append(.releaseToSource([partition]))
    }
}
