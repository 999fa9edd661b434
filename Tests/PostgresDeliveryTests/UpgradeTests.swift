// Upgrades of a populated database while an instance of the older version is writing, and what restoring, moving and renaming do
// to offsets.
import Foundation
import PostgresDelivery
import Posts
import StreamCore
import Synchronization
import Testing

@Suite struct UpgradeTests {
    /// The last migration of each schema that was released and that a sink can write to. Add one with each release.
    private static let versions = [8, 9, 10, 11, 27]

    private static func migrations(through number: Int) -> [Migration] {
        MigrationRunner.embedded.filter { $0.number <= number }
    }

    /// An instance of the older version: delivers post after post until it is told to stop.
    private final class OlderInstance: Sendable {
        private let isStopped = Atomic<Bool>(false)
        private let state = Mutex<(offset: Int64, failures: [DatabaseFailure], isFenced: Bool)>((0, [], false))
        private let group = DispatchGroup()

        init(_ options: PostgresOptions, _ claim: PartitionClaim, from offset: Int64) {
            state.withLock { $0.offset = offset }
            group.enter()
            Thread.detachNewThread { [self] in
                let sink = PostgresSinkProvider(options: options).makeSink(name: "older")
                while !isStopped.load(ordering: .relaxed) {
                    let offset = state.withLock { $0.offset }
                    let contents = [
                        Samples.post("during\(offset)", version: 1), Samples.post("during\(offset / 2)", version: 2),
                        Samples.account("bob", offset % 4 == 0 ? .hide : .restore, version: UInt64(offset + 10)),
                        Samples.delete("during\(offset / 3)", version: 3),
                    ]
                    switch sink.deliver(Samples.delivery(claim, from: offset, contents)) {
                    case .committed: state.withLock { $0.offset += 4 }
                    case .fenced: state.withLock { $0.isFenced = true }
                    case .failed(let failure): state.withLock { $0.failures.append(failure) }
                    case .unknownCommit: break
                    }
                }
                group.leave()
            }
        }

        var offset: Int64 { state.withLock { $0.offset } }

        func stop() -> (failures: [DatabaseFailure], isFenced: Bool) {
            isStopped.store(true, ordering: .relaxed)
            group.wait()
            return state.withLock { ($0.failures, $0.isFenced) }
        }
    }

    @Test(.serialized, arguments: versions)
    func upgradesWhileTheOlderVersionWrites(number: Int) throws {
        let database = try TestDatabase(isMigrated: false)
        _ = try MigrationRunner(options: database.options(), migrations: Self.migrations(through: number)).run()
        let sink = PostgresSinkProvider(options: database.olderOptions()).makeSink(name: "before")
        let claim = try Samples.claim(0, by: sink)
        let before = (0..<200).map { Samples.post("before\($0)", version: 1, author: $0 % 2 == 0 ? "alice" : "bob") }
            + (0..<20).map { Samples.delete("before\($0)", version: 2) }
        #expect(sink.deliver(Samples.delivery(claim, from: 0, before)).counts != nil)
        let session = try AdministrationSession(url: TestCluster.shared.get().url)
        let instance = OlderInstance(database.olderOptions(), claim, from: 220)
        defer { _ = instance.stop() }
        try waitUntil(session) { instance.offset >= 232 }
        let applied = try MigrationRunner(options: database.options()).run()
        #expect(applied.count == MigrationRunner.embedded.count - number + gap(after: number))
        let reached = instance.offset
        try waitUntil(session) { instance.offset >= reached + 12 }
        let (failures, isFenced) = instance.stop()
        #expect(failures.allSatisfy { $0.failureClass == .wait }, "\(failures)")
        #expect(!isFenced)
        #expect(try StatusAudit.findings(database.options()).isEmpty)
        #expect(try database.value("SELECT count(*) FROM winnow.posts WHERE key LIKE 'before%'") == "180")
        #expect(
            try DatabaseMaintenance(options: database.options(), plan: MaintenancePlan()).run().failures.isEmpty)
    }

    /// Numbers need not be without gaps: files of a version count, not their numbers.
    private func gap(after number: Int) -> Int { number - Self.migrations(through: number).count }

    private func waitUntil(_ session: AdministrationSession, _ condition: () -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(180)
        while !condition() {
            guard ContinuousClock.now < deadline else { throw UnexpectedResult() }
            // Yields inside the server; the wait is bounded by the deadline above.
            _ = try session.rows("SELECT pg_sleep(0.01)::text")
        }
    }

    /// Earlier versions hold tables, but no way to fill them: their rows are made by hand.
    @Test func theFirstSchemaWithRowsUpgrades() throws {
        let database = try TestDatabase(isMigrated: false)
        let all = Self.migrations(through: 2)
        _ = try MigrationRunner(options: database.options(), migrations: all).run()
        try database.session().script(
            """
            INSERT INTO winnow.post_keys (post_id, partition_time, platform, key, state, version, version_scope, account)
            SELECT n, now(), 'test', 'k' || n, 'live', '1', '', 'alice' FROM generate_series(1, 100) AS n;
            INSERT INTO winnow.posts (post_id, partition_time, received_at, source_offset, source_partition, model_id, kept_share,
                source_topic, platform, key, author, dropped, text)
            SELECT post_id, partition_time, now(), 0, 0, 1, 1, 'posts', platform, key, account, '{}', 'text' FROM winnow.post_keys
            """)
        #expect(try MigrationRunner(options: database.options()).run().count == MigrationRunner.embedded.count - 2)
        #expect(try database.value("SELECT count(*) FROM winnow.posts") == "100")
    }

    @Test func rightsThatWereGivenBeforeReachTheNewTables() throws {
        let database = try TestDatabase(isMigrated: false)
        _ = try MigrationRunner(options: database.options(), migrations: Self.migrations(through: 11)).run()
        let session = try database.session()
        let (reader, writer) = ("\(database.name)_reader", "\(database.name)_writer")
        try session.script("CREATE ROLE \(reader) LOGIN; CREATE ROLE \(writer) LOGIN")
        try session.script("SELECT winnow.grant_roles('\(reader)', '\(writer)')")
        _ = try MigrationRunner(options: database.options()).run()
        let sink = PostgresSinkProvider(options: database.options(as: writer)).makeSink(name: "writer")
        let claim = try Samples.claim(0, by: sink)
        let events = [Samples.post("a", version: 1), Samples.account("alice", .purge, version: 2)]
        #expect(sink.deliver(Samples.delivery(claim, from: 0, events)).counts != nil)
        let asReader = try AdministrationSession(url: database.url(as: reader))
        #expect(try asReader.rows("SELECT * FROM winnow.sentiment_over_time()") == [])
    }

    // MARK: What happens to offsets

    /// A topic with more partitions than before: the new one starts at its beginning, whatever kafka.start says.
    @Test func anAddedPartitionStartsAtItsBeginning() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let first = try Samples.claim(0, by: sink)
        #expect(sink.deliver(Samples.delivery(first, from: 0, [Samples.post("a", version: 1)])).counts != nil)
        let added = ClaimRequest(
            topicPartition: Samples.partition(7), clusterIdentifier: Samples.cluster,
            bounds: PartitionBounds(low: 0, high: 50), startOffsets: [7: 50])
        guard case .claimed(let claim) = sink.claim(added) else { throw UnexpectedResult() }
        #expect(claim.nextOffset == 0)
    }

    /// A backup is older than the stream: its offsets are too, and what was delivered since is read again.
    @Test func aRestoredBackupReadsAgainWhatItLacks() throws {
        let database = try TestDatabase()
        // A template may have no connection: the sink of the time before goes first.
        let claim = try deliverFirst(to: database)
        let backup = "\(database.name)_backup"
        try AdministrationSession(url: TestCluster.shared.get().url).script("CREATE DATABASE \(backup) TEMPLATE \(database.name)")
        let later = Samples.delivery(claim, from: 1, [Samples.post("b", version: 1)])
        #expect(database.sink().deliver(later).counts != nil)
        let restored = TestDatabase(url: database.url.replacing("/\(database.name)", with: "/\(backup)"), name: backup)
        let other = restored.sink()
        // The owner that was running keeps its claim: its next delivery expects an offset that the backup does not have.
        #expect(other.deliver(Samples.delivery(claim, from: 2, [])).fenced == [Samples.partition(0)])
        let again = try Samples.claim(0, by: other)
        #expect(again.nextOffset == 1)
        #expect(other.deliver(Samples.delivery(again, from: 1, [Samples.post("b", version: 1)])).counts == [Outcome(.inserted): 1])
        #expect(try StatusAudit.findings(restored.options()).isEmpty)
    }

    private func deliverFirst(to database: TestDatabase) throws -> PartitionClaim {
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        #expect(sink.deliver(Samples.delivery(claim, from: 0, [Samples.post("a", version: 1)])).counts != nil)
        return claim
    }

    /// A new group name is a new reader: it starts where kafka.start says, and changes nothing that is there already.
    @Test func anotherGroupNameReadsAnew() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        #expect(sink.deliver(Samples.delivery(claim, from: 0, [Samples.post("a", version: 1)])).counts != nil)
        let renamed = database.sink("renamed", group: "renamed")
        let anew = try Samples.claim(0, by: renamed)
        #expect(anew.nextOffset == 0)
        #expect(renamed.deliver(Samples.delivery(anew, from: 0, [Samples.post("a", version: 1)])).counts == [Outcome(.superseded): 1])
        // Renaming in the database keeps the position; no instance may run meanwhile.
        try database.session().script(
            """
            DELETE FROM winnow.partition_progress WHERE consumer_group = 'renamed';
            UPDATE winnow.partition_progress SET consumer_group = 'renamed' WHERE consumer_group = 'group'
            """)
        #expect(try Samples.claim(0, by: renamed).nextOffset == 1)
        #expect(try StatusAudit.findings(database.options(group: "renamed")).isEmpty)
    }

    @Test func aTopicThatWasMadeAnewIsNotGuessedAt() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        #expect(sink.deliver(Samples.delivery(claim, from: 0, [Samples.post("a", version: 1)])).counts != nil)
        guard case .blocked(.aboveHighWatermark(let stored, let high)) = sink.claim(Samples.claimRequest(0, high: 0)) else {
            throw UnexpectedResult()
        }
        #expect(stored == 1 && high == 0)
        #expect(try OffsetAdministration(database.options()).set([Samples.partition(0): 0]) == 1)
        guard case .claimed(let anew) = sink.claim(Samples.claimRequest(0, high: 0)) else { throw UnexpectedResult() }
        #expect(anew.nextOffset == 0)
    }
}
