// The machine event by event, where a name says more than a seed: orders, refusals, and events that cannot happen.
import Posts
import StreamCore
import Testing

@Suite struct StreamMachineTests {
    private let partition = TopicPartition(topic: "posts", partition: 0)

    /// A machine with its actions at hand; payloads are plain texts.
    private struct Bench {
        var machine: StreamMachine<String>
        var now: Duration = .zero

        init(limits: StreamLimits = StreamLimits()) {
            machine = StreamMachine(limits: limits, lanes: 1, workers: 1, seed: 1) { "dead: " + $0 + " " + $1.reason.rawValue }
        }

        mutating func tell(_ event: StreamEvent<String>) -> [StreamAction<String>] {
            machine.handle(event, now: now)
            return machine.advance(now: now)
        }

        mutating func wait(_ duration: Duration) -> [StreamAction<String>] {
            now += duration
            return machine.advance(now: now)
        }

        /// Assigned, claimed and fetching from `offset`.
        mutating func fetch(_ partition: TopicPartition, from offset: Int64) -> FetchTag {
            var tag = FetchTag(number: 0)
            for case .claim(_, let claimTag) in tell(.assigned([partition])) { tag = claimTag }
            _ = tell(.claimFinished(partition, tag, .claimed(Self.claim(partition, offset))))
            return tag
        }

        static func claim(_ partition: TopicPartition, _ offset: Int64) -> PartitionClaim {
            PartitionClaim(topicPartition: partition, counter: 1, token: "t", firstOffset: 0, nextOffset: offset)
        }
    }

    private func deliveries(_ actions: [StreamAction<String>]) -> [[LaneSlice<String>]] {
        actions.compactMap { if case .deliver(_, let slices) = $0 { slices } else { nil } }
    }

    /// Polls one record and brings it to the edge of its delivery.
    private func ready(_ bench: inout Bench, _ tag: FetchTag, offset: Int64) -> [StreamAction<String>] {
        for case .prepare(let task, let payloads) in bench.tell(
            .record(partition, tag, offset: offset, byteCount: 1, "r\(offset)"))
        {
            _ = bench.tell(.prepared(task, payloads.map { .done($0) }))
        }
        return bench.wait(.seconds(1))
    }

    @Test func recordsBeforeTheClaimAreDropped() {
        var bench = Bench()
        var tag = FetchTag(number: 0)
        for case .claim(_, let claimTag) in bench.tell(.assigned([partition])) { tag = claimTag }
        let actions = bench.tell(.record(partition, tag, offset: 3, byteCount: 9, "early"))
        #expect(actions.contains { if case .releaseFlow(_, 1, 9) = $0 { true } else { false } })
        #expect(bench.machine.recordsInFlight == 0)
    }

    @Test func offsetJumpsBecomeTheGapOfTheSlice() throws {
        var bench = Bench()
        let tag = bench.fetch(partition, from: 10)
        let slices = try #require(deliveries(ready(&bench, tag, offset: 14)).first)
        #expect(slices[0].expectedOffset == 10 && slices[0].newOffset == 15 && slices[0].records.count == 1)
    }

    @Test func fenceDropsTheWorkAndClaimsAgainWithAFreshTag() {
        var bench = Bench()
        let tag = bench.fetch(partition, from: 0)
        _ = ready(&bench, tag, offset: 0)
        let fenced = bench.tell(.delivered(lane: 0, .fenced([partition])))
        #expect(fenced.contains { if case .stopFetching = $0 { true } else { false } })
        var tags: [FetchTag] = []
        for case .claim(_, let claimTag) in bench.wait(.seconds(20)) { tags.append(claimTag) }
        #expect(tags.count == 1 && tags.first != tag)
    }

    @Test func refusedRecordAloneBecomesADeadLetter() throws {
        var bench = Bench()
        let tag = bench.fetch(partition, from: 0)
        _ = ready(&bench, tag, offset: 0)
        let failure = DatabaseFailure(failureClass: .data, sqlState: "22P05", detail: "x")
        let again = try #require(deliveries(bench.tell(.delivered(lane: 0, .failed(failure)))).first)
        #expect(again[0].records[0].payload == "dead: r0 database_data")
    }

    @Test func unknownFailureIsProbedBeforeItIsBelieved() throws {
        var bench = Bench()
        let tag = bench.fetch(partition, from: 0)
        _ = ready(&bench, tag, offset: 0)
        let failure = DatabaseFailure(failureClass: .unknown, sqlState: "XX000", detail: "x")
        let probing = bench.tell(.delivered(lane: 0, .failed(failure)))
        #expect(probing.contains { if case .probe(0) = $0 { true } else { false } })
        let again = try #require(deliveries(bench.tell(.probed(lane: 0, nil))).first)
        #expect(again[0].records[0].payload == "dead: r0 database_failure")
        // The dead letter is refused too: nothing is left to try.
        _ = bench.tell(.delivered(lane: 0, .failed(failure)))
        let ended = bench.tell(.probed(lane: 0, nil)) + bench.tell(.sourceClosed)
        #expect(ended.contains { if case .finished(let ending) = $0 { ending.failure != nil } else { false } })
    }

    @Test func outageNeverMakesADeadLetter() throws {
        var bench = Bench()
        let tag = bench.fetch(partition, from: 0)
        var slices = try #require(deliveries(ready(&bench, tag, offset: 0)).first)
        for _ in 0..<50 {
            let failure = DatabaseFailure(failureClass: .wait, sqlState: "57P03", detail: "x")
            #expect(deliveries(bench.tell(.delivered(lane: 0, .failed(failure)))).isEmpty)
            slices = try #require(deliveries(bench.wait(.seconds(10))).first)
        }
        #expect(slices[0].records[0].payload == "r0")
    }

    @Test func stopFinishesWhatWasStartedAndLeavesTheRest() {
        var bench = Bench()
        let tag = bench.fetch(partition, from: 0)
        _ = ready(&bench, tag, offset: 0)
        _ = bench.tell(.record(partition, tag, offset: 1, byteCount: 1, "r1"))
        #expect(!bench.tell(.stop).contains { if case .closeSource = $0 { true } else { false } })
        let drained = bench.tell(.delivered(lane: 0, .committed([:])))
        #expect(drained.contains { if case .letGo = $0 { true } else { false } })
        let closing = bench.tell(.letGo(partition, tag))
        #expect(closing.contains { if case .closeSource = $0 { true } else { false } })
        #expect(bench.tell(.sourceClosed).contains { action in
            if case .finished(let ending) = action { ending.failure == nil && ending.abandonedRecords == 1 } else { false }
        })
    }

    /// Answers that nobody waits for, tags that are gone, partitions that were never ours: all without effect.
    @Test func impossibleEventsChangeNothing() {
        var bench = Bench()
        let tag = bench.fetch(partition, from: 0)
        let stranger = TopicPartition(topic: "other", partition: 9)
        let old = FetchTag(number: 999)
        let events: [StreamEvent<String>] = [
            .lost([stranger]), .claimFinished(stranger, old, .claimed(Bench.claim(stranger, 0))),
            .claimFinished(partition, tag, .claimed(Bench.claim(partition, 7))),
            .delivered(lane: 0, .committed([:])), .delivered(lane: 0, .unknownCommit), .resolved(lane: 0, .committed),
            .probed(lane: 0, nil), .suspectMarked(partition, tag, .marked), .letGo(partition, tag),
            .suspectMarked(stranger, old, .notMine), .letGo(stranger, old),
        ]
        for event in events {
            let actions = bench.tell(event).filter { if case .hint = $0 { false } else { true } }
            #expect(actions.isEmpty, "\(event) made \(actions)")
        }
        // A rebalance may ask for what we do not hold: it gets it at once.
        #expect(bench.tell(.revoking([stranger])).contains {
            if case .releaseToSource([stranger]) = $0 { true } else { false }
        })
    }

    @Test func nothingHappensAfterTheEnd() {
        var bench = Bench()
        _ = bench.tell(.stop)
        _ = bench.tell(.sourceClosed)
        #expect(bench.tell(.assigned([partition])).isEmpty)
        #expect(bench.machine.nextDeadline == nil)
    }
}
