// The consumer's state machine: each rule by itself, and every sequence of events up to a depth against invariants.
import KafkaIngest
import Posts
import StreamCore
import Testing

private let one = TopicPartition(topic: "posts", partition: 0)
private let two = TopicPartition(topic: "posts", partition: 1)
private let start = ContinuousClock.now

private func makeMachine() -> ConsumerStateMachine {
    ConsumerStateMachine(limits: .init(revoke: .seconds(10), leave: .seconds(5)))
}

private func tag(_ number: UInt64) -> FetchTag { FetchTag(number: number) }

@Suite struct ConsumerStateMachineTests {
    @Test func assignsAtOnceAndFetchesOnlyAfterStartAndSeek() {
        var machine = makeMachine()
        #expect(machine.groupAssigned([two, one]) == [.assign([two, one]), .announceAssigned([one, two])])
        #expect(machine.fetchingTag(of: one) == nil)
        #expect(machine.startFetching(one, offset: 7, tag: tag(3)) == [.position(one, offset: 7)])
        #expect(machine.fetchingTag(of: one) == nil)
        machine.positioned(one, offset: 6)
        #expect(machine.fetchingTag(of: one) == nil, "a seek to an older target counts for nothing")
        machine.positioned(one, offset: 7)
        #expect(machine.fetchingTag(of: one) == tag(3))
        #expect(machine.fetchingTag(of: two) == nil)
        machine.stopFetching(one)
        #expect(machine.fetchingTag(of: one) == nil)
    }

    @Test func aStartForWhatIsNotAssignedIsIgnored() {
        var machine = makeMachine()
        #expect(machine.startFetching(one, offset: 0, tag: tag(1)) == [])
        _ = machine.groupAssigned([one])
        #expect(machine.startFetching(two, offset: 0, tag: tag(1)) == [])
        #expect(machine.startFetching(one, offset: -1, tag: tag(1)) == [])
    }

    @Test func aLaterStartReplacesAnEarlierOne() {
        var machine = makeMachine()
        _ = machine.groupAssigned([one])
        _ = machine.startFetching(one, offset: 5, tag: tag(1))
        machine.positioned(one, offset: 5)
        #expect(machine.startFetching(one, offset: 2, tag: tag(2)) == [.position(one, offset: 2)])
        #expect(machine.fetchingTag(of: one) == nil)
        machine.positioned(one, offset: 2)
        #expect(machine.fetchingTag(of: one) == tag(2))
    }

    @Test func aRevokeWaitsForAllReleases() {
        var machine = makeMachine()
        _ = machine.groupAssigned([one, two])
        _ = machine.startFetching(one, offset: 0, tag: tag(1))
        machine.positioned(one, offset: 0)
        #expect(machine.groupRevoked([one, two], isLost: false, now: start) == [.announceRevoking([one, two])])
        #expect(machine.fetchingTag(of: one) == nil)
        #expect(machine.startFetching(one, offset: 0, tag: tag(2)) == [])
        #expect(machine.release([one]) == [])
        #expect(machine.release([one]) == [])
        #expect(machine.release([two]) == [.unassign([one, two])])
        #expect(machine.partitions.isEmpty)
    }

    @Test func aReleaseMayComeBeforeTheRevoke() {
        var machine = makeMachine()
        _ = machine.groupAssigned([one, two])
        #expect(machine.release([one]) == [])
        #expect(machine.groupRevoked([one, two], isLost: false, now: start) == [.announceRevoking([one, two])])
        #expect(machine.release([two]) == [.unassign([one, two])])
        _ = machine.groupAssigned([one])
        _ = machine.release([one])
        #expect(machine.groupRevoked([one], isLost: false, now: start) == [.unassign([one])])
    }

    @Test func theDeadlineEndsADrain() {
        var machine = makeMachine()
        _ = machine.groupAssigned([one, two])
        _ = machine.groupRevoked([one, two], isLost: false, now: start)
        _ = machine.release([one])
        #expect(machine.tick(now: start + .seconds(9)) == [])
        #expect(machine.tick(now: start + .seconds(10)) == [.announceLost([two]), .unassign([one, two])])
        #expect(machine.tick(now: start + .seconds(11)) == [])
    }

    @Test func aLostAssignmentIsToldAndGivenUpAtOnce() {
        var machine = makeMachine()
        _ = machine.groupAssigned([one, two])
        _ = machine.release([two])
        #expect(
            machine.groupRevoked([one, two], isLost: true, now: start)
                == [.announceLost([one]), .unassign([one, two])])
        _ = machine.groupAssigned([one])
        _ = machine.groupRevoked([one], isLost: false, now: start)
        #expect(machine.assignmentLost() == [.announceLost([one]), .unassign([one])])
        #expect(machine.assignmentLost() == [])
    }

    @Test func otherPartitionsGoOnWhileSomeDrain() {
        var machine = makeMachine()
        _ = machine.groupAssigned([one, two])
        _ = machine.startFetching(two, offset: 0, tag: tag(1))
        machine.positioned(two, offset: 0)
        _ = machine.groupRevoked([one], isLost: false, now: start)
        #expect(machine.fetchingTag(of: two) == tag(1))
        #expect(machine.startFetching(two, offset: 4, tag: tag(2)) == [.position(two, offset: 4)])
        #expect(machine.release([one]) == [.unassign([one])])
        #expect(machine.partitions[two] != nil)
    }

    @Test func anOffsetOutOfRangeIsClaimedAgain() {
        var machine = makeMachine()
        _ = machine.groupAssigned([one])
        #expect(machine.offsetOutOfRange(one) == [], "nothing was asked for yet")
        _ = machine.startFetching(one, offset: 9, tag: tag(1))
        machine.positioned(one, offset: 9)
        #expect(machine.offsetOutOfRange(one) == [.announceLost([one]), .announceAssigned([one])])
        #expect(machine.fetchingTag(of: one) == nil)
        #expect(machine.startFetching(one, offset: 3, tag: tag(2)) == [.position(one, offset: 3)])
    }

    @Test func closingEndsEverythingOnce() {
        var machine = makeMachine()
        _ = machine.groupAssigned([one])
        #expect(machine.close(now: start) == [.leave])
        #expect(machine.close(now: start) == [])
        #expect(machine.startFetching(one, offset: 0, tag: tag(1)) == [])
        #expect(machine.groupRevoked([one], isLost: false, now: start) == [.unassign([one])])
        #expect(machine.groupAssigned([two]) == [.unassign([two])])
        #expect(machine.groupLeft() == [.announceClosed])
        #expect(machine.groupLeft() == [])
        #expect(machine.groupAssigned([one]) == [])
    }

    @Test func closingInADrainCompletesIt() {
        var machine = makeMachine()
        _ = machine.groupAssigned([one, two])
        _ = machine.groupRevoked([one], isLost: false, now: start)
        #expect(machine.close(now: start) == [.unassign([one]), .leave])
        #expect(machine.tick(now: start + .seconds(4)) == [])
        #expect(machine.tick(now: start + .seconds(5)) == [.announceClosed])
    }

    @Test func aFailureIsTheEnd() {
        var machine = makeMachine()
        _ = machine.groupAssigned([one])
        let failure = SourceFailure(code: "_FATAL", detail: "x", isRetriable: false)
        #expect(machine.failed(failure) == [.announceFailed(failure), .announceClosed])
        #expect(machine.failed(failure) == [])
        #expect(machine.groupLeft() == [])
    }

    @Test func anUnexpectedSecondRebalanceEndsTheFirst() {
        var machine = makeMachine()
        _ = machine.groupAssigned([one, two])
        _ = machine.groupRevoked([one], isLost: false, now: start)
        #expect(
            machine.groupRevoked([two], isLost: false, now: start)
                == [.announceLost([one]), .unassign([one]), .announceRevoking([two])])
        #expect(
            machine.groupAssigned([one])
                == [.announceLost([two]), .unassign([two]), .assign([one]), .announceAssigned([one])])
    }
}
