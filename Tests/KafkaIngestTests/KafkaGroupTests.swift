// Groups on the mock cluster: two members, drains, ends without a word, lost assignments, both rebalance protocols.
import Foundation
import KafkaIngest
import Posts
import StreamCore
import Synchronization
import Testing

@Suite struct KafkaGroupTests {
    let broker: DevelopmentBroker
    let posts = (0..<4).map { TopicPartition(topic: "posts", partition: Int32($0)) }

    init() throws {
        broker = try DevelopmentBroker(topics: [.init(name: "posts", partitionCount: 4)])
    }

    private func probe(
        _ group: String, _ properties: [String: String] = [:], revokeDeadline: Duration = .seconds(3),
        onEvent: @escaping @Sendable (SourceProbe, SourceEvent) -> Void = claimAtZero
    ) throws -> SourceProbe {
        try SourceProbe(
            brokers: broker.bootstrapServers, topics: ["posts"], group: group, properties: properties,
            revokeDeadline: revokeDeadline, onEvent: onEvent)
    }

    @Test(arguments: ["range", "cooperative-sticky"]) func twoMembersShareAndHandOver(strategy: String) throws {
        let properties = ["partition.assignment.strategy": strategy]
        let producer = try KafkaProducer(brokers: broker.bootstrapServers)
        for partition in posts { try fill(producer, partition, count: 50) }
        let first = try probe("g", properties)
        #expect(first.wait { $0.records.count == 200 })
        let second = try probe("g", properties)
        #expect(second.wait(30) { $0.assigned.count == 2 })
        #expect(first.wait(30) { $0.assigned.count == 2 && !$0.revoked.isEmpty })
        #expect(first.snapshot.lost.isEmpty, "it released in time")
        #expect(first.snapshot.assigned.isDisjoint(with: second.snapshot.assigned))
        #expect(second.wait { $0.records.count == 100 })
        #expect(second.close())
        #expect(first.wait(30) { $0.assigned.count == 4 })
        #expect(first.close())
        #expect(first.snapshot.eventsAfterClosed == 0)
    }

    /// The group waits for a slow release; at the deadline the partition counts as lost, and the group goes on.
    @Test func aRevokeWaitsForTheReleaseUpToItsDeadline() throws {
        let first = try probe("g", revokeDeadline: .seconds(2)) { probe, event in
            if case .assigned(let partitions) = event { for partition in partitions { probe.start(partition, at: 0) } }
        }
        #expect(first.wait { $0.assigned.count == 4 })
        let second = try probe("g")
        #expect(first.wait(30) { !$0.revoked.isEmpty })
        #expect(!second.wait(1.2) { !$0.assigned.isEmpty }, "the group waits")
        #expect(first.wait { $0.lost.first?.sorted() == posts }, "the deadline is over")
        #expect(second.wait(30) { $0.assigned.count == 2 })
        #expect(first.wait(30) { $0.assigned.count == 2 })
        first.source.abandon()
        #expect(second.close())
    }

    @Test func anotherTakesOverFromOneThatEndedWithoutAWord() throws {
        let first = try probe("g")
        #expect(first.wait { $0.assigned.count == 4 })
        first.source.abandon()
        #expect(first.wait { $0.isClosed })
        let began = ContinuousClock.now
        let second = try probe("g")
        #expect(second.wait(30) { $0.assigned.count == 4 })
        #expect(ContinuousClock.now - began > .seconds(2), "the session of the first had to expire")
        #expect(second.close())
    }

    @Test func anExpelledMemberLosesItsPartitionsAndComesBack() throws {
        let probe = try probe("g", ["heartbeat.interval.ms": "200"])
        #expect(probe.wait { $0.assigned.count == 4 })
        broker.failRequests(apiKey: 12, with: [.unknownMember])
        #expect(probe.wait { $0.lost.first?.sorted() == posts })
        #expect(probe.snapshot.revoked.isEmpty, "nobody waits for a drain of what is lost")
        #expect(probe.wait(30) { $0.assigned.count == 4 && $0.assignedEvents.count == 2 })
        #expect(probe.close())
    }

    /// A drain whose assignment is lost in its middle ends at once.
    @Test func aLossEndsADrain() throws {
        let first = try probe("g", ["heartbeat.interval.ms": "200"], revokeDeadline: .seconds(5)) { _, _ in }
        #expect(first.wait { $0.assigned.count == 4 })
        let second = try probe("g")
        #expect(first.wait(30) { !$0.revoked.isEmpty })
        broker.failRequests(apiKey: 12, with: [.unknownMember, .unknownMember, .unknownMember])
        _ = first.wait(5.5) { !$0.lost.isEmpty }
        #expect(first.snapshot.lost.first?.sorted() == posts)
        first.source.abandon()
        #expect(second.close())
    }

    @Test func aMemberLeavesQuicklyEvenWithTheBrokerGone() throws {
        let probe = try probe("g")
        #expect(probe.wait { $0.assigned.count == 4 })
        broker.setDown()
        #expect(probe.wait(30) { $0.notices.contains { $0.code == "_ALL_BROKERS_DOWN" } })
        let began = ContinuousClock.now
        #expect(probe.close())
        #expect(ContinuousClock.now - began < .seconds(2))
        broker.setUp()
    }

    @Test func hintsBecomeTheGroupsOffsets() throws {
        let probe = try probe("g")
        #expect(probe.wait { $0.assigned.count == 4 })
        #expect(try probe.source.committedOffset(of: posts[1]) == nil)
        probe.source.send(.hint([posts[1]: 17, posts[2]: 4]))
        #expect(try eventually { try probe.source.committedOffset(of: posts[1]) == 17 })
        #expect(try probe.source.committedOffset(of: posts[2]) == 4)
        // A refused commit is tried again with the next hint, an old generation is not; neither disturbs the membership.
        broker.failRequests(apiKey: 8, with: [.illegalGeneration])
        probe.source.send(.hint([posts[1]: 18]))
        #expect(try !eventually(1) { try probe.source.committedOffset(of: posts[1]) == 18 })
        probe.source.send(.hint([posts[1]: 19]))
        #expect(try eventually { try probe.source.committedOffset(of: posts[1]) == 19 })
        // The last hint before the end is not lost.
        probe.source.send(.hint([posts[1]: 20]))
        #expect(probe.close())
        let inquiry = try KafkaInquiry(
            KafkaSourceConfiguration(brokers: broker.bootstrapServers, topics: ["posts"], group: "g"))
        #expect(try inquiry.committedOffset(of: posts[1]) == 20)
    }

    /// Static membership: an instance that comes back within its session takes its partitions again, and nobody else moves.
    @Test func acceptsAnInstanceIdentifier() throws {
        let probe = try probe("g", ["group.instance.id": "one"])
        #expect(probe.wait(30) { $0.assigned.count == 4 })
        #expect(probe.close())
    }

    private func eventually(_ seconds: Double = 10, _ isTrue: () throws -> Bool) throws -> Bool {
        let limit = Date(timeIntervalSinceNow: seconds)
        let pause = NSCondition()
        while Date() < limit {
            if try isTrue() { return true }
            pause.lock()
            _ = pause.wait(until: Date(timeIntervalSinceNow: 0.05))
            pause.unlock()
        }
        return false
    }
}
