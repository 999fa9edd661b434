// Every sequence of events up to a depth, likely or impossible, against what must hold after each.
import KafkaIngest
import Posts
import StreamCore
import Testing

private let one = TopicPartition(topic: "posts", partition: 0)
private let two = TopicPartition(topic: "posts", partition: 1)
private let origin = ContinuousClock.now

private enum Step: CaseIterable {
    case assignOne, assignBoth, revokeOne, revokeBoth, loseBoth, assignmentLost
    case startOne, startTwo, seekDone, stopOne, releaseOne, releaseBoth, outOfRange, reposition, close, left, late, fail
}

/// A machine with what an observer knows from its actions alone.
private struct Observed {
    var machine = ConsumerStateMachine(limits: .init(revoke: .seconds(10), leave: .seconds(5)))
    /// Told as assigned, and neither lost nor unassigned since.
    var held: Set<TopicPartition> = []
    /// In the client's assignment.
    var assigned: Set<TopicPartition> = []
    var isRevoking: Set<TopicPartition> = []
    var isClosed = false
    var isLeaving = false
    var nextTag: UInt64 = 1
    var tags: [TopicPartition: FetchTag] = [:]
    var late = 0

    mutating func take(_ step: Step) -> String? {
        let now = origin + .seconds(late * 100)
        switch step {
        case .assignOne: return note(machine.groupAssigned([one]))
        case .assignBoth: return note(machine.groupAssigned([one, two]))
        case .revokeOne: return note(machine.groupRevoked([one], isLost: false, now: now))
        case .revokeBoth: return note(machine.groupRevoked([one, two], isLost: false, now: now))
        case .loseBoth: return note(machine.groupRevoked([one, two], isLost: true, now: now))
        case .assignmentLost: return note(machine.assignmentLost())
        case .startOne: return start(one)
        case .startTwo: return start(two)
        case .seekDone:
            for partition in [one, two] { machine.positioned(partition, offset: 5) }
            return note([])
        case .stopOne:
            machine.stopFetching(one)
            return machine.fetchingTag(of: one) == nil ? note([]) : "a stopped partition fetches"
        case .releaseOne: return note(machine.release([one]))
        case .releaseBoth: return note(machine.release([one, two]))
        case .outOfRange: return note(machine.offsetOutOfRange(one))
        case .reposition: return note(machine.reposition(one, offset: 5))
        case .close: return note(machine.close(now: now))
        case .left: return note(machine.groupLeft())
        case .late:
            late += 1
            return note(machine.tick(now: origin + .seconds(late * 100)))
        case .fail: return note(machine.failed(SourceFailure(code: "x", detail: "x", isRetriable: false)))
        }
    }

    private mutating func start(_ partition: TopicPartition) -> String? {
        let tag = FetchTag(number: nextTag)
        nextTag += 1
        let actions = machine.startFetching(partition, offset: 5, tag: tag)
        if !actions.isEmpty { tags[partition] = tag }
        return note(actions)
    }

    private mutating func note(_ actions: [ConsumerAction]) -> String? {
        for action in actions {
            if isClosed { return "an action after the last one: \(action)" }
            switch action {
            case .assign(let partitions):
                if isLeaving { return "assigned while leaving" }
                assigned.formUnion(partitions)
            case .unassign(let partitions):
                assigned.subtract(partitions)
                held.subtract(partitions)
                isRevoking.subtract(partitions)
            case .position(let partition, _):
                guard held.contains(partition) else { return "a seek for \(partition), which is not held" }
                if isRevoking.contains(partition) { return "a seek for \(partition), which is being revoked" }
            case .announceAssigned(let partitions):
                guard assigned.isSuperset(of: partitions) else { return "told as assigned before the client knows" }
                held.formUnion(partitions)
            case .announceRevoking(let partitions):
                guard held.isSuperset(of: partitions) else { return "revoking what is not held" }
                isRevoking.formUnion(partitions)
            case .announceLost(let partitions):
                guard held.isSuperset(of: partitions) else { return "lost what is not held" }
                held.subtract(partitions)
                isRevoking.subtract(partitions)
            case .leave: isLeaving = true
            case .announceFailed: break
            case .announceClosed: isClosed = true
            }
        }
        return check()
    }

    private func check() -> String? {
        for partition in [one, two] {
            guard let tag = machine.fetchingTag(of: partition) else { continue }
            if !held.contains(partition) { return "\(partition) fetches and is not held" }
            if isRevoking.contains(partition) { return "\(partition) fetches and is being revoked" }
            if isClosed || isLeaving { return "\(partition) fetches while leaving" }
            if tags[partition] != tag { return "\(partition) fetches under an old tag" }
        }
        if machine.isDraining == isRevoking.isEmpty, !isClosed, !isLeaving {
            return "draining is \(machine.isDraining) with \(isRevoking.count) being revoked"
        }
        if machine.isClosed != isClosed { return "closed without the last event" }
        return nil
    }
}

@Suite struct ConsumerStateMachineSearch {
    /// 18 events, all sequences of five: 1.9 million.
    @Test func everySequenceOfEventsKeepsTheInvariants() {
        var explored = 0
        var failures: [String] = []
        func explore(_ observed: Observed, _ path: [Step]) {
            guard failures.count < 5 else { return }
            for step in Step.allCases {
                var next = observed
                explored += 1
                if let failure = next.take(step) {
                    failures.append("\(failure) after \(path + [step])")
                } else if path.count < 4 {
                    explore(next, path + [step])
                }
            }
        }
        explore(Observed(), [])
        #expect(failures == [])
        #expect(explored > 1_900_000)
    }

    /// Whatever happened before: after `close` and time the machine has closed.
    @Test func closeAlwaysEnds() {
        for first in Step.allCases {
            for second in Step.allCases {
                for third in Step.allCases {
                    var observed = Observed()
                    for step in [first, second, third, .close, .late, .late] {
                        #expect(observed.take(step) == nil)
                    }
                    #expect(observed.isClosed)
                }
            }
        }
    }
}
