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

    @Test(arguments: ["range", "cooperative-sticky"]) func twoMembersShareAndHandOver(strategy: String) async throws {
        let properties = ["partition.assignment.strategy": strategy]
        let producer = try KafkaProducer(brokers: broker.bootstrapServers)
        for partition in posts { try fill(producer, partition, count: 50) }
        let first = try probe("g", properties, revokeDeadline: .seconds(5))
        #expect(await first.wait { $0.distinctCount == 200 })
        let second = try probe("g", properties, revokeDeadline: .seconds(5))
        #expect(await second.wait { $0.assigned.count == 2 })
        #expect(await first.wait { $0.assigned.count == 2 && !$0.revoked.isEmpty })
        #expect(first.snapshot.lost.isEmpty, "it released in time")
        #expect(first.snapshot.assigned.isDisjoint(with: second.snapshot.assigned))
        #expect(await second.wait { $0.distinctCount >= 100 })
        #expect(await second.close())
        #expect(await first.wait { $0.assigned.count == 4 })
        #expect(await first.close())
        #expect(first.snapshot.eventsAfterClosed == 0)
    }

    /// The group waits for a slow release; at the deadline the partition counts as lost, and the group goes on.
    @Test func aRevokeWaitsForTheReleaseUpToItsDeadline() async throws {
        let range = ["partition.assignment.strategy": "range"]
        let first = try probe("g", range, revokeDeadline: .seconds(4)) { probe, event in
            if case .assigned(let partitions) = event { for partition in partitions { probe.start(partition, at: 0) } }
        }
        #expect(await first.wait { $0.assigned.count == 4 })
        let second = try probe("g", range)
        #expect(await first.wait { !$0.revoked.isEmpty })
        #expect(await !second.wait(1.2) { !$0.assigned.isEmpty }, "the group waits")
        #expect(await first.wait { $0.lost.first?.sorted() == posts }, "the deadline is over")
        #expect(await second.wait { $0.assigned.count == 2 })
        #expect(await first.wait { $0.assigned.count == 2 })
        first.source.abandon()
        #expect(await second.close())
    }

    @Test func anotherTakesOverFromOneThatEndedWithoutAWord() async throws {
        let first = try probe("g")
        #expect(await first.wait { $0.assigned.count == 4 })
        first.source.abandon()
        #expect(await first.wait { $0.isClosed })
        let began = ContinuousClock.now
        let second = try probe("g")
        #expect(await second.wait { $0.assigned.count == 4 })
        #expect(ContinuousClock.now - began > .seconds(2), "the session of the first had to expire")
        #expect(await second.close())
    }

    @Test func anExpelledMemberLosesItsPartitionsAndComesBack() async throws {
        let probe = try probe("g")
        #expect(await probe.wait { $0.assigned.count == 4 })
        broker.failRequests(apiKey: 12, with: [.unknownMember])
        #expect(await probe.wait { $0.lost.first?.sorted() == posts })
        #expect(probe.snapshot.revoked.isEmpty, "nobody waits for a drain of what is lost")
        #expect(await probe.wait { $0.assigned.count == 4 && $0.assignedEvents.count >= 2 })
        #expect(await probe.close())
    }

    /// A drain in whose middle the member is expelled ends like a loss: by its deadline, for some versions of librdkafka hold
    /// the news back until the rebalance is over.
    @Test func aLossEndsADrain() async throws {
        let range = ["partition.assignment.strategy": "range"]
        let first = try probe("g", range, revokeDeadline: .seconds(5)) { _, _ in }
        #expect(await first.wait { $0.assigned.count == 4 })
        let second = try probe("g", range)
        #expect(await first.wait { !$0.revoked.isEmpty })
        broker.failRequests(apiKey: 12, with: [.unknownMember, .unknownMember, .unknownMember])
        #expect(await first.wait { !$0.lost.isEmpty })
        #expect(first.snapshot.lost.first?.sorted() == posts)
        first.source.abandon()
        #expect(await second.close())
    }

    /// Nobody can be told: the bound on leaving (5 s by default) holds.
    @Test func aMemberLeavesWithinItsBoundEvenWithTheBrokerGone() async throws {
        let probe = try probe("g")
        #expect(await probe.wait { $0.assigned.count == 4 })
        broker.setDown()
        #expect(await probe.wait { $0.notices.contains { $0.code == "_ALL_BROKERS_DOWN" } })
        let began = ContinuousClock.now
        #expect(await probe.close())
        #expect(ContinuousClock.now - began < .seconds(20), "a busy machine adds to the bound")
        broker.setUp()
    }

    @Test func hintsBecomeTheGroupsOffsets() async throws {
        let probe = try probe("g")
        #expect(await probe.wait { $0.assigned.count == 4 })
        #expect(try probe.source.committedOffset(of: posts[1]) == nil)
        probe.source.send(.hint([posts[1]: 17, posts[2]: 4]))
        #expect(try await eventually { try probe.source.committedOffset(of: posts[1]) == 17 })
        #expect(try probe.source.committedOffset(of: posts[2]) == 4)
        // A refused commit is tried again with the next hint, an old generation is not; neither disturbs the
        // membership.
        broker.failRequests(apiKey: 8, with: [.illegalGeneration])
        probe.source.send(.hint([posts[1]: 18]))
        #expect(try await !eventually(1) { try probe.source.committedOffset(of: posts[1]) == 18 })
        // The refusal made librdkafka join anew: a hint for what is not assigned just then is dropped too.
        #expect(
            try await eventually {
                probe.source.send(.hint([posts[1]: 19]))
                return try probe.source.committedOffset(of: posts[1]) == 19
            })
        // The last hint before the end is not lost.
        probe.source.send(.hint([posts[1]: 20]))
        #expect(await probe.close())
        let inquiry = try KafkaInquiry(
            KafkaSourceConfiguration(brokers: broker.bootstrapServers, topics: ["posts"], group: "g"))
        #expect(try inquiry.committedOffset(of: posts[1]) == 20)
    }

    /// Static membership: an instance that comes back within its session takes its partitions again, and nobody else
    /// moves.
    @Test func acceptsAnInstanceIdentifier() async throws {
        let probe = try probe("g", ["group.instance.id": "one"])
        #expect(await probe.wait { $0.assigned.count == 4 })
        #expect(await probe.close())
    }

    /// A member that has nothing to do stays in the group and takes over when it is needed.
    @Test(arguments: ["range", "cooperative-sticky"])
    func anIdleMemberTakesOver(strategy: String) async throws {
        try broker.createTopic(.init(name: "single", partitionCount: 1))
        let single = TopicPartition(topic: "single", partition: 0)
        func join() throws -> SourceProbe {
            try SourceProbe(
                brokers: broker.bootstrapServers, topics: ["single"], group: "g",
                properties: ["partition.assignment.strategy": strategy], onEvent: claimAtZero)
        }
        let first = try join()
        #expect(await first.wait { $0.assigned == [single] })
        let second = try join()
        // The newcomer may get it or not: after a while one of the two has it, and the other is idle. While the rebalance is under
        // way nobody may have it.
        _ = await second.wait(10) { !$0.assigned.isEmpty }
        #expect(try await eventually { first.snapshot.assigned.count + second.snapshot.assigned.count == 1 })
        let (owner, idle) = first.snapshot.assigned.isEmpty ? (second, first) : (first, second)
        #expect(await owner.close())
        #expect(await idle.wait { $0.assigned == [single] })
        for probe in [first, second] {
            let refused = probe.snapshot.notices.filter { ["_INVALID_ARG", "_STATE", "_CONFLICT"].contains($0.code) }
            #expect(refused == [])
        }
        #expect(await idle.close())
    }

    /// Another instance with the same identifier took our place for good: the client is dead, and says so.
    @Test func aFencedInstanceFails() async throws {
        let probe = try probe("g", ["group.instance.id": "one"])
        #expect(await probe.wait { $0.assigned.count == 4 })
        broker.failRequests(apiKey: 12, with: [KafkaErrorCode(rawValue: 82)])
        #expect(await probe.wait { $0.isClosed })
        #expect(probe.snapshot.failures.map(\.code) == ["FENCED_INSTANCE_ID"])
        #expect(probe.snapshot.failures.first?.isRetriable == false)
        #expect(probe.snapshot.eventsAfterClosed == 0)
    }
}
