// A record that ends the process: found by trying records alone, one at a time, with a note in the database before each try.
internal import Posts

/// Whose turn it is while records are tried alone. Nothing else runs on any worker during a try, so that the
/// note in the database names the culprit and not a bystander.
package enum IsolationTurn: Hashable, Sendable {
    case none
    /// Waiting for the workers to finish what they hold.
    case quieting(RecordReference)
    /// The database is being told.
    case marking(RecordReference)
    case running(RecordReference)

    var reference: RecordReference? {
        switch self {
        case .none: nil
        case .quieting(let reference), .marking(let reference), .running(let reference): reference
        }
    }
}

extension StreamMachine {
    mutating func advanceIsolation() {
        if let reference = isolationTurn.reference, isTurnOver(reference) { isolationTurn = .none }
        if isolationTurn == .none { chooseIsolated() }
        guard case .quieting(let reference) = isolationTurn, tasks.isEmpty else { return }
        guard let state = partitions[reference.topicPartition], let claim = state.claim,
            let entry = state.ledger.entry(reference.sequence)
        else { return }
        isolationTurn = .marking(reference)
        partitions[reference.topicPartition]?.triedOffset = entry.offset
        actions.append(.markSuspect(claim, reference.tag, offset: entry.offset))
    }

    /// Only when it is in the database, or gone: as long as its note stands, whatever ends the process would be laid at its door.
    private func isTurnOver(_ reference: RecordReference) -> Bool { !isCurrent(reference) && tasks.isEmpty }

    private mutating func chooseIsolated() {
        for (partition, state) in partitions.sorted(by: { $0.key < $1.key }) where state.phase == .fetching {
            guard let isolation = state.isolation, let claim = state.claim else { continue }
            let ledger = state.ledger
            if ledger.deliveredOffset >= isolation.until {
                endIsolation(partition)
                continue
            }
            // One at a time: the record before it must be in the database, so that a crash leaves the offset right at the culprit.
            guard let entry = ledger.entry(ledger.firstSequence), entry.stage == .received else { continue }
            let reference = RecordReference(
                topicPartition: partition, tag: state.tag, sequence: ledger.firstSequence)
            if let suspect = claim.suspect, suspect.offset == entry.offset,
                suspect.attempts >= limits.suspectAttempts, state.triedOffset != entry.offset
            {
                condemn(
                    reference, Rejection(reason: .crashed, detail: "reading this record ended the process"))
                continue
            }
            isolationTurn = .quieting(reference)
            return
        }
    }

    private mutating func endIsolation(_ partition: TopicPartition) {
        guard let state = partitions[partition] else { return }
        partitions[partition]?.isolation = nil
        for sequence in state.ledger.receivedSequences {
            received.append(RecordReference(topicPartition: partition, tag: state.tag, sequence: sequence))
        }
        notice(.isolationEnded(partition))
    }

    mutating func suspectMarked(_ partition: TopicPartition, _ tag: FetchTag, _ mark: SuspectMark) {
        guard case .marking(let reference) = isolationTurn, reference.topicPartition == partition,
            reference.tag == tag
        else { return }
        guard isCurrent(reference) else {
            isolationTurn = .none
            return
        }
        switch mark {
        case .marked:
            isolationTurn = .running(reference)
            startPreparing([reference])
        case .notMine, .failed:
            // After a failure the note may have been taken or not: go through the claim again, with its backoff.
            isolationTurn = .none
            fenced(partition)
        }
    }

    mutating func condemn(_ reference: RecordReference, _ rejection: Rejection) {
        guard let entry = partitions[reference.topicPartition]?.ledger.entry(reference.sequence) else { return }
        partitions[reference.topicPartition]?.ledger.condemn(
            reference.sequence, payload: condemn(entry.payload, rejection))
        notice(.condemned(reference.topicPartition, offset: entry.offset, rejection.reason))
        noteReady(reference.topicPartition)
    }
}
