// Hints to Kafka, and the end of the stream.
internal import Posts

extension StreamMachine {
    private func pendingHint(_ state: PartitionState<Payload>) -> Int64? {
        guard state.claim != nil, state.ledger.deliveredOffset != state.hintedOffset else { return nil }
        return state.ledger.deliveredOffset
    }

    var hasHints: Bool { partitions.values.contains { $0.mayDeliver && pendingHint($0) != nil } }

    mutating func advanceHints() {
        guard now >= hintDue else { return }
        var offsets: [TopicPartition: Int64] = [:]
        for (partition, state) in partitions where state.mayDeliver {
            guard let offset = pendingHint(state) else { continue }
            offsets[partition] = offset
            partitions[partition]?.hintedOffset = offset
        }
        guard !offsets.isEmpty else { return }
        hintDue = now + limits.hintInterval
        actions.append(.hint(offsets))
    }

    /// The last word on a partition before it goes, whatever the interval.
    mutating func sendHint(_ partition: TopicPartition) {
        guard let state = partitions[partition], let offset = pendingHint(state) else { return }
        partitions[partition]?.hintedOffset = offset
        actions.append(.hint([partition: offset]))
    }

    mutating func stop() {
        guard stopPhase == .running else { return }
        stopPhase = .draining
        for partition in partitions.keys.sorted() { beginDrain(partition) }
    }

    /// Ends the stream because it cannot go on. Nothing more is written; what was in flight is read again by the next owner.
    mutating func fail(_ failure: StreamFailure) {
        guard ending.failure == nil else { return }
        ending.failure = failure
        for partition in partitions.keys.sorted() {
            forget(partition)
            actions.append(.releaseToSource([partition]))
        }
        if stopPhase == .running { stopPhase = .draining }
    }

    mutating func advanceStop() {
        guard stopPhase == .draining, partitions.isEmpty else { return }
        stopPhase = .closing
        actions.append(.closeSource)
    }

    mutating func sourceClosed() {
        if stopPhase != .closing, ending.failure == nil {
            ending.failure = .source(
                SourceFailure(code: "closed", detail: "the consumer ended by itself", isRetriable: false))
        }
        for partition in partitions.keys.sorted() { forget(partition) }
        stopPhase = .finished
        actions.append(.finished(ending))
    }
}
