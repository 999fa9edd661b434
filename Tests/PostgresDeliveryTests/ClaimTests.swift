// Claims: starts, bounds, crashes, suspects, and who wins a race.
import Foundation
import PostgresDelivery
import Posts
import StreamCore
import Synchronization
import Testing

@Suite struct ClaimTests {
    private func claimed(_ result: ClaimResult) throws -> PartitionClaim {
        guard case .claimed(let claim) = result else { throw UnexpectedResult() }
        return claim
    }

    private func request(
        _ number: Int32, low: Int64 = 0, high: Int64 = 1_000, cluster: String = Samples.cluster, starts: [Int32: Int64]
    ) -> ClaimRequest {
        ClaimRequest(
            topicPartition: Samples.partition(number), clusterIdentifier: cluster,
            bounds: PartitionBounds(low: low, high: high), startOffsets: starts)
    }

    @Test func firstClaimOfATopicStoresAllStarts() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        #expect(try sink.knowsTopic(Samples.topic, clusterIdentifier: Samples.cluster) == false)
        let first = try claimed(sink.claim(request(0, starts: [0: 40, 1: 50])))
        #expect(first.firstOffset == 40 && first.nextOffset == 40 && first.counter == 1 && first.crashCount == 0)
        #expect(try sink.knowsTopic(Samples.topic, clusterIdentifier: Samples.cluster) == true)
        // The start that was stored counts, not the one that is asked for later.
        #expect(try claimed(sink.claim(request(1, starts: [0: 90, 1: 99]))).nextOffset == 50)
        // A partition that came later starts at its very beginning.
        #expect(try claimed(sink.claim(request(2, starts: [2: 77]))).nextOffset == 0)
    }

    @Test func belowTheLowWatermarkIsAGap() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        _ = try claimed(sink.claim(request(0, starts: [0: 10])))
        let claim = try claimed(sink.claim(request(0, low: 25, starts: [:])))
        #expect(claim.firstOffset == 10 && claim.nextOffset == 25)
        #expect(try database.value("SELECT count FROM winnow.partition_outcomes WHERE outcome = 'gap'") == "15")
        #expect(try StatusAudit.findings(database.options()).isEmpty)
    }

    @Test func aboveTheHighWatermarkAndAnotherClusterBlock() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let owner = try claimed(sink.claim(request(0, starts: [0: 10, 1: 0])))
        guard case .blocked(let fault) = sink.claim(request(0, high: 9, starts: [:])) else { throw UnexpectedResult() }
        #expect(fault == .aboveHighWatermark(stored: 10, high: 9))
        guard case .blocked(let other) = sink.claim(request(1, cluster: "cluster-2", starts: [:])) else {
            throw UnexpectedResult()
        }
        #expect(other == .otherCluster(stored: Samples.cluster, now: "cluster-2"))
        // A claim that was blocked took nothing from the owner.
        #expect(sink.deliver(Samples.delivery(owner, from: 10, [.skipped(.otherEvent)])).counts != nil)
    }

    @Test func crashesAreCountedUntilThereIsProgress() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        #expect(try claimed(sink.claim(request(0, starts: [0: 0]))).crashCount == 0)
        #expect(try claimed(sink.claim(request(0, starts: [:]))).crashCount == 1)
        let third = try claimed(sink.claim(request(0, starts: [:])))
        #expect(third.crashCount == 2)
        #expect(try sink.markSuspect(third, offset: 3))
        #expect(try sink.markSuspect(third, offset: 3))
        let fourth = try claimed(sink.claim(request(0, starts: [:])))
        #expect(fourth.suspect == PartitionClaim.Suspect(offset: 3, attempts: 2))
        #expect(try sink.markSuspect(third, offset: 3) == false)
        let four = [DeliverableContent](repeating: .skipped(.otherEvent), count: 4)
        #expect(sink.deliver(Samples.delivery(fourth, from: 0, four)).counts != nil)
        let fifth = try claimed(sink.claim(request(0, starts: [:])))
        #expect(fifth.crashCount == 0 && fifth.suspect == nil)
        try sink.release(fifth)
        #expect(try claimed(sink.claim(request(0, starts: [:]))).crashCount == 0)
    }

    @Test func aReleaseByAFormerOwnerDoesNothing() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let old = try claimed(sink.claim(request(0, starts: [0: 0])))
        _ = try claimed(sink.claim(request(0, starts: [:])))
        try sink.release(old)
        #expect(try database.value("SELECT released FROM winnow.partition_progress WHERE partition = 0") == "f")
    }

    @Test func ofManyAtOnceOneHoldsTheClaim() throws {
        let database = try TestDatabase()
        let claims = Mutex<[PartitionClaim]>([])
        let provider = PostgresSinkProvider(options: database.options())
        DispatchQueue.concurrentPerform(iterations: 8) { number in
            let result = provider.makeSink(name: "racer").claim(
                ClaimRequest(
                    topicPartition: Samples.partition(0), clusterIdentifier: Samples.cluster,
                    bounds: PartitionBounds(low: 0, high: 100), startOffsets: [0: Int64(number), 1: Int64(number)]))
            if case .claimed(let claim) = result { claims.withLock { $0.append(claim) } }
        }
        let all = claims.withLock { $0 }
        #expect(Set(all.map(\.counter)) == Set(1...8))
        #expect(Set(all.map(\.nextOffset)).count == 1)
        let sink = database.sink()
        let committed = all.filter { claim in
            sink.deliver(Samples.delivery(claim, from: claim.nextOffset, [.skipped(.otherEvent)])).counts != nil
        }
        #expect(committed.map(\.counter) == [8])
    }

    @Test func offsetsSetFencesAndKeepsTheCountsHonest() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try claimed(sink.claim(request(0, starts: [0: 0, 1: 0])))
        #expect(sink.deliver(Samples.delivery(claim, from: 0, [Samples.post("a", version: 1)])).counts != nil)
        let administration = OffsetAdministration(database.options())
        #expect(try administration.set([Samples.partition(0): 11]) == 1)
        #expect(sink.deliver(Samples.delivery(claim, from: 11, [])).fenced == [Samples.partition(0)])
        #expect(try StatusAudit.findings(database.options()).isEmpty)
        #expect(
            try database.value("SELECT count FROM winnow.partition_outcomes WHERE reason = 'offsets_set'") == "10")
        #expect(try administration.set([Samples.partition(0): 0, Samples.partition(1): 5]) == 2)
        #expect(try StatusAudit.findings(database.options()).isEmpty)
        let positions = try administration.positions()
        #expect(positions.map(\.nextOffset) == [0, 5] && positions.map(\.firstOffset) == [0, 0])
        // The cluster is open again.
        #expect(try claimed(sink.claim(request(0, cluster: "cluster-2", starts: [:]))).nextOffset == 0)
    }

    @Test func statusHasTheShapeThatScriptsRelyOn() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try claimed(sink.claim(request(0, starts: [0: 0])))
        let contents = [Samples.post("a", version: 1), .skipped(.otherEvent)]
        #expect(sink.deliver(Samples.delivery(claim, from: 0, contents)).counts != nil)
        let report = try StatusReport.read(database.options()) { due in
            due.mapValues { _ in StatusReport.BrokerStanding(highWatermark: 10) }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = String(decoding: try encoder.encode(report), as: UTF8.self)
        let age = try #require(report.partitions.first?.lagSeconds)
        let expected = #"{"dead_letters":0,"model":"tiny-1+0123456789ab","partitions":[{"first_offset":0,"high_watermark":10,"#
            + #""lag":8,"lag_seconds":AGE,"next_offset":2,"outcomes":{"inserted":1,"skipped(other_event)":1},"#
            + #""partition":0,"topic":"posts"}]}"#
        #expect(json == expected.replacing("AGE", with: "\(age)"))
    }

    /// A new owner knows how old the partition's last delivered record is before it has delivered one itself.
    @Test func aClaimBringsTheTimeOfTheLastRecord() throws {
        let database = try TestDatabase()
        let first = try claimed(database.sink().claim(request(0, starts: [0: 0])))
        #expect(first.lastReceivedAt == nil)
        let delivery = Samples.delivery(first, from: 0, [Samples.post("a", version: 1), .skipped(.otherEvent)])
        #expect(database.sink().deliver(delivery).counts != nil)
        let second = try claimed(database.sink().claim(request(0, starts: [0: 0])))
        #expect(second.lastReceivedAt == delivery.slices[0].records.last?.receivedAt)
    }

    /// Lag by what the broker shows of the partition: the oldest record that waits, or that nothing but markers is left.
    @Test func statusCountsRecordsAndNotMarkers() throws {
        let database = try TestDatabase()
        _ = try claimed(database.sink().claim(request(0, starts: [0: 0])))
        func partition(_ standing: StatusReport.BrokerStanding) throws -> StatusReport.Partition {
            try #require(StatusReport.read(database.options()) { $0.mapValues { _ in standing } }.partitions.first)
        }
        let unread = try partition(.init(highWatermark: 10))
        #expect(unread.lag == 10 && unread.lagSeconds == nil)
        let old = try partition(.init(highWatermark: 10, oldestWaiting: Timestamp(microseconds: 0)))
        #expect(try #require(old.lagSeconds) > 1_000_000_000)
        let markers = try partition(.init(highWatermark: 10, emptyBelow: 10))
        #expect(markers.lag == 0 && markers.lagSeconds == 0)
    }

    @Test func theAuditNoticesWhatDoesNotAddUp() throws {
        let damages = [
            "UPDATE winnow.partition_outcomes SET count = count + 1", "UPDATE winnow.partition_progress SET next_offset = 9",
            "DELETE FROM winnow.posts", "DELETE FROM winnow.post_keys", "UPDATE winnow.post_keys SET state = 'deleted'",
            """
            INSERT INTO winnow.accounts (platform, account, state, version, version_scope, purge_version, purge_version_scope)
            VALUES ('test', 'alice', 'purged', '99999999999999999999', '', '99999999999999999999', '')
            """,
            "UPDATE winnow.posts SET model_id = 77",
        ]
        let database = try TestDatabase()
        let sink = database.sink()
        for damage in damages {
            try database.session().script(
                """
                TRUNCATE winnow.posts, winnow.entities, winnow.post_keys, winnow.accounts, winnow.partition_progress,
                    winnow.partition_outcomes
                """)
            let claim = try claimed(sink.claim(request(0, starts: [0: 0])))
            #expect(sink.deliver(Samples.delivery(claim, from: 0, [Samples.post("a", version: 1)])).counts != nil)
            #expect(try StatusAudit.findings(database.options()).isEmpty)
            try database.session().script(damage)
            #expect(try !StatusAudit.findings(database.options()).isEmpty, "\(damage)")
        }
    }
}
