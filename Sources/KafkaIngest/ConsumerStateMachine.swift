// What the consumer does next: events in, actions out. A pure value owned by the poll thread; `PollLoop` performs the
// actions. It knows neither librdkafka nor pauses for flow: whatever `isFetching` denies is kept paused.
package import Posts
package import StreamCore

/// What the poll thread has to do, in order.
package enum ConsumerAction: Hashable, Sendable {
    /// Add these to the client's assignment, paused.
    case assign([TopicPartition])
    /// Complete the rebalance: take these out of the client's assignment.
    case unassign([TopicPartition])
    /// Seek until it succeeds; then tell `positioned`.
    case position(TopicPartition, offset: Int64)
    /// Begin to leave the group; then tell `groupLeft`.
    case leave
    case announceAssigned([TopicPartition])
    case announceRevoking([TopicPartition])
    case announceLost([TopicPartition])
    case announceFailed(SourceFailure)
    /// The last action of all.
    case announceClosed
}

package struct ConsumerStateMachine: Sendable {
    package enum Activity: Hashable, Sendable {
        case idle
        case positioning(Int64)
        case fetching
    }

    package struct Partition: Hashable, Sendable {
        /// Chosen by the receiver with its latest start, nil before the first.
        package fileprivate(set) var tag: FetchTag?
        package fileprivate(set) var activity: Activity
        /// The receiver let go of it.
        fileprivate var isReleased: Bool
    }

    package enum Phase: Hashable, Sendable {
        case running
        /// The group waits for us: `all` leave the assignment once nobody holds `waiting` any more.
        case draining(all: Set<TopicPartition>, waiting: Set<TopicPartition>, deadline: ContinuousClock.Instant)
        case leaving(deadline: ContinuousClock.Instant)
        case closed
    }

    package struct Limits: Hashable, Sendable {
        /// How long a revoke waits for `release`.
        package let revoke: Duration
        /// How long leaving the group may take.
        package let leave: Duration
        package init(revoke: Duration, leave: Duration) {
            self.revoke = revoke
            self.leave = leave
        }
    }

    private let limits: Limits
    package private(set) var phase = Phase.running
    package private(set) var partitions: [TopicPartition: Partition] = [:]

    package init(limits: Limits) { self.limits = limits }

    package var isClosed: Bool { phase == .closed }
    package var isDraining: Bool { if case .draining = phase { true } else { false } }

    /// The tag under which a record of this partition may be emitted, nil where it must not be fetched now.
    package func fetchingTag(of partition: TopicPartition) -> FetchTag? {
        guard let state = partitions[partition], state.activity == .fetching else { return nil }
        return state.tag
    }

    // MARK: Events of the group

    /// The group gave us `added` beside what we hold.
    package mutating func groupAssigned(_ added: [TopicPartition]) -> [ConsumerAction] {
        switch phase {
        case .leaving, .closed:
            return phase == .closed ? [] : [.unassign(added)]
        case .draining(let all, let waiting, _):
            // The group never assigns while it waits for a revoke; if it does, the revoke is over.
            return finishDraining(all: all, lost: waiting) + groupAssigned(added)
        case .running:
            for partition in added {
                partitions[partition] = Partition(tag: nil, activity: .idle, isReleased: false)
            }
            return [.assign(added)] + (added.isEmpty ? [] : [.announceAssigned(added.sorted())])
        }
    }

    /// The group wants `revoked` back, or (`isLost`) gave them to others already.
    package mutating func groupRevoked(
        _ revoked: [TopicPartition], isLost: Bool, now: ContinuousClock.Instant
    ) -> [ConsumerAction] {
        switch phase {
        case .closed:
            return []
        case .leaving:
            drop(revoked)
            return [.unassign(revoked)]
        case .draining(let all, let waiting, _):
            // One rebalance at a time: the earlier one ends here.
            return finishDraining(all: all, lost: waiting) + groupRevoked(revoked, isLost: isLost, now: now)
        case .running:
            let held = revoked.filter { partitions[$0] != nil }
            let waiting = Set(held.filter { partitions[$0]?.isReleased == false })
            if isLost {
                drop(revoked)
                let lost = held.filter(waiting.contains).sorted()
                return (lost.isEmpty ? [] : [.announceLost(lost)]) + [.unassign(revoked)]
            }
            for partition in held { partitions[partition]?.activity = .idle }
            guard !waiting.isEmpty else {
                drop(revoked)
                return [.unassign(revoked)]
            }
            phase = .draining(all: Set(revoked), waiting: waiting, deadline: now + limits.revoke)
            return [.announceRevoking(held.sorted())]
        }
    }

    /// The client says that what it holds is lost, while a drain is going on: nobody waits for us any more.
    package mutating func assignmentLost() -> [ConsumerAction] {
        guard case .draining(let all, let waiting, _) = phase else { return [] }
        return finishDraining(all: all, lost: waiting)
    }

    /// The broker no longer has, or does not have yet, the offset we ask for: the receiver must claim again.
    package mutating func offsetOutOfRange(_ partition: TopicPartition) -> [ConsumerAction] {
        guard phase == .running, var state = partitions[partition], state.activity != .idle else { return [] }
        state.tag = nil
        state.activity = .idle
        partitions[partition] = state
        return [.announceLost([partition]), .announceAssigned([partition])]
    }

    // MARK: Events of the receiver

    package mutating func startFetching(
        _ partition: TopicPartition, offset: Int64, tag: FetchTag
    ) -> [ConsumerAction] {
        guard mayFetch(partition), partitions[partition] != nil, offset >= 0 else { return [] }
        partitions[partition]?.tag = tag
        partitions[partition]?.isReleased = false
        partitions[partition]?.activity = .positioning(offset)
        return [.position(partition, offset: offset)]
    }

    package mutating func stopFetching(_ partition: TopicPartition) {
        partitions[partition]?.activity = .idle
    }

    package mutating func release(_ released: [TopicPartition]) -> [ConsumerAction] {
        for partition in released where partitions[partition] != nil {
            partitions[partition]?.isReleased = true
            partitions[partition]?.activity = .idle
        }
        guard case .draining(let all, let waiting, let deadline) = phase else { return [] }
        let rest = waiting.subtracting(released)
        guard rest.isEmpty else {
            phase = .draining(all: all, waiting: rest, deadline: deadline)
            return []
        }
        return finishDraining(all: all, lost: [])
    }

    package mutating func close(now: ContinuousClock.Instant) -> [ConsumerAction] {
        switch phase {
        case .leaving, .closed:
            return []
        case .draining(let all, _, _):
            drop(Array(all))
            phase = .leaving(deadline: now + limits.leave)
            for partition in partitions.keys { partitions[partition]?.activity = .idle }
            return [.unassign(all.sorted()), .leave]
        case .running:
            phase = .leaving(deadline: now + limits.leave)
            for partition in partitions.keys { partitions[partition]?.activity = .idle }
            return [.leave]
        }
    }

    // MARK: Events of the poll thread

    /// A seek that began for `position` took effect.
    package mutating func positioned(_ partition: TopicPartition, offset: Int64) {
        guard partitions[partition]?.activity == .positioning(offset), mayFetch(partition) else { return }
        partitions[partition]?.activity = .fetching
    }

    /// The first record after a start has to be confirmed by a second seek.
    package mutating func reposition(_ partition: TopicPartition, offset: Int64) -> [ConsumerAction] {
        guard partitions[partition]?.activity == .fetching else { return [] }
        partitions[partition]?.activity = .positioning(offset)
        return [.position(partition, offset: offset)]
    }

    package mutating func groupLeft() -> [ConsumerAction] {
        guard case .leaving = phase else { return [] }
        phase = .closed
        partitions = [:]
        return [.announceClosed]
    }

    /// The client is dead.
    package mutating func failed(_ failure: SourceFailure) -> [ConsumerAction] {
        guard phase != .closed else { return [] }
        phase = .closed
        partitions = [:]
        return [.announceFailed(failure), .announceClosed]
    }

    package mutating func tick(now: ContinuousClock.Instant) -> [ConsumerAction] {
        switch phase {
        case .draining(let all, let waiting, let deadline) where now >= deadline:
            return finishDraining(all: all, lost: waiting)
        case .leaving(let deadline) where now >= deadline:
            return groupLeft()
        case .running, .draining, .leaving, .closed:
            return []
        }
    }

    // MARK: Parts

    private func mayFetch(_ partition: TopicPartition) -> Bool {
        switch phase {
        case .running: true
        case .draining(let all, _, _): !all.contains(partition)
        case .leaving, .closed: false
        }
    }

    private mutating func finishDraining(all: Set<TopicPartition>, lost: Set<TopicPartition>) -> [ConsumerAction] {
        phase = .running
        drop(Array(all))
        return (lost.isEmpty ? [] : [.announceLost(lost.sorted())]) + [.unassign(all.sorted())]
    }

    private mutating func drop(_ dropped: [TopicPartition]) {
        for partition in dropped { partitions[partition] = nil }
    }
}
