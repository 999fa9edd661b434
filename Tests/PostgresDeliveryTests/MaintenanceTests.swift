// The maintenance: partitions ahead, retention with all that belongs to it, one instance at a time, and what odd times of
// receipt do to the partitions.
import PostgresDelivery
import Posts
import StreamCore
import Testing

@Suite struct MaintenanceTests {
    private static let partitions = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'winnow.posts'::regclass"

    private func maintain(_ database: TestDatabase, _ change: (inout MaintenancePlan) -> Void = { _ in }) throws -> [String: Int] {
        var plan = MaintenancePlan()
        plan.quiet = .zero
        change(&plan)
        let report = try DatabaseMaintenance(options: database.options(), plan: plan).run()
        #expect(report.failures.isEmpty)
        return Dictionary(uniqueKeysWithValues: report.tasks.map { ($0.name, $0.count) })
    }

    @Test func makesPartitionsAhead() throws {
        let database = try TestDatabase()
        #expect(try database.value(Self.partitions) == "5")
        #expect(try maintain(database) { $0.weeksAhead = 8 }["partitions"] == 12)
        #expect(try database.value(Self.partitions) == "9")
        #expect(try maintain(database) { $0.weeksAhead = 8 }["partitions"] == 0)
    }

    @Test func retentionTakesPostsWithAllThatBelongsToThem() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        let old = Timestamp(microseconds: Samples.noon.microseconds - 21 * 86_400_000_000)
        let posts = (0..<23).map { Samples.post("old\($0)", version: 1, author: $0 < 20 ? "alice" : "bob") }
        #expect(sink.deliver(Samples.delivery(claim, from: 0, posts, at: old)).counts != nil)
        let later = [Samples.post("new", version: 1), Samples.delete("old3", version: 2)]
        #expect(sink.deliver(Samples.delivery(claim, from: 23, later)).counts != nil)
        try database.session().script(
            """
            INSERT INTO winnow.enrichments (post_id, partition_time, model_id, kept_share, dropped, entities)
            SELECT post_id, partition_time, model_id, 1, '{}', '[]' FROM winnow.posts
            """)
        #expect(try maintain(database)["days"] != 0)
        #expect(try database.value("SELECT count(*) FROM winnow.rollup_days WHERE state = 'closed'") == "2")
        #expect(try maintain(database) { $0.keepPosts = .seconds(36_500 * 86_400) }["expired_posts"] == 0)
        let age = try database.value("SELECT (extract(epoch FROM now() - '2026-11-12'))::bigint")
        let keep = Duration.seconds(Int64(age ?? "") ?? 0)
        // 22 posts in pieces of five, and three tables.
        #expect(
            try maintain(database) {
                $0.keepPosts = keep
                $0.pieceSize = 5
            }["expired_posts"] == 25)
        #expect(try database.value("SELECT string_agg(key, ',' ORDER BY key) FROM winnow.post_keys") == "new,old3")
        for table in ["posts", "entities", "enrichments"] {
            #expect(try database.value("SELECT count(*) FROM winnow.\(table)") == "1", "\(table)")
        }
        #expect(try database.value("SELECT to_regclass('winnow.posts_w20261026')") == nil)
        #expect(try database.value("SELECT count(*) FROM winnow.sentiment_hours WHERE hour < '2026-11-09'") == "0")
        #expect(try database.value("SELECT count(*) FROM winnow.entity_days") == "1")
        #expect(try StatusAudit.findings(database.options()).isEmpty)
        // A late post of that time is taken in again, as any post is.
        #expect(sink.deliver(Samples.delivery(claim, from: 25, [Samples.post("late", version: 1)], at: old)).failure != nil)
        #expect(
            sink.deliver(Samples.delivery(claim, from: 25, [Samples.post("late", version: 1)], at: old)).counts
                == [Outcome(.inserted): 1])
    }

    @Test func deadLettersAndTombstonesGoByTheirOwnAge() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        let events = [Samples.post("a", version: 1), Samples.delete("b", version: 1), Samples.delete("c", version: 1)]
        #expect(sink.deliver(Samples.delivery(claim, from: 0, events)).counts != nil)
        try database.session().script(
            """
            INSERT INTO winnow.dead_letters (written_at, source_offset, source_partition, source_topic, consumer_group, reason, detail)
            SELECT now() - interval '10 days' * n, n, 0, 'posts', 'group', 'missing_text', '' FROM generate_series(0, 2) AS n;
            UPDATE winnow.post_keys SET deleted_at = deleted_at - interval '40 days' WHERE key = 'b'
            """)
        let done = try maintain(database) {
            $0.keepDeadLetters = .seconds(5 * 86_400)
            $0.keepTombstones = .seconds(30 * 86_400)
            $0.pieceSize = 1
        }
        #expect(done["expired_dead_letters"] == 2)
        #expect(done["expired_tombstones"] == 1)
        #expect(try database.value("SELECT string_agg(key || state, ',' ORDER BY key) FROM winnow.post_keys") == "alive,cdeleted")
        #expect(try database.value("SELECT count(*) FROM winnow.dead_letters") == "1")
    }

    @Test func oneInstanceAtATime() throws {
        let database = try TestDatabase()
        let other = try database.session()
        try other.script("BEGIN; SELECT pg_advisory_xact_lock(2003659374, -3)")
        let maintenance = DatabaseMaintenance(options: database.options(), plan: MaintenancePlan())
        let report = try maintenance.run()
        #expect(report.tasks.allSatisfy { $0.isElsewhere && $0.count == 0 } && report.tasks.count == 8)
        try other.script("COMMIT")
        #expect(try maintenance.run().tasks.allSatisfy { !$0.isElsewhere })
        maintenance.stop()
        #expect(throws: DatabaseFailure.self) { try maintenance.run() }
    }

    @Test func aFailedTaskDoesNotKeepTheOthersFromTheirWork() throws {
        let database = try TestDatabase()
        try database.session().script("ALTER FUNCTION winnow.continue_purges_v1 RENAME TO gone")
        let report = try DatabaseMaintenance(options: database.options(), plan: MaintenancePlan()).run()
        #expect(report.failures.map(\.name) == ["purges"])
        #expect(report.tasks.count == 8)
    }

    @Test func cronMayCallIt() throws {
        let database = try TestDatabase()
        let session = try database.session()
        let week = try session.rows("SELECT to_char(winnow.partition_start(now()) AT TIME ZONE 'UTC', 'YYYYMMDD')")
        let table = "winnow.enrichments_w\((week.first?.first ?? nil) ?? "")"
        try session.script("DROP TABLE \(table)")
        try session.script("CALL winnow.maintain()")
        #expect(try database.value("SELECT to_regclass($1)", [table]) == table)
    }

    /// From the year 1 to the year 9999: one partition for all that is too early, the current one for all that is ahead.
    @Test func oddTimesMakeNoPartitions() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        let day: Int64 = 86_400_000_000
        let early = (0..<400).map { Int64(-62_135_596_800_000_000) + $0 * 180 * day }.filter { $0 < 1_577_836_800_000_000 }
        let late = (0..<400).map { Int64(4_102_444_800_000_000) + $0 * 7_000 * day }
        let times = early + late + [.min, .max, 0, -1]
        let records = times.enumerated().map { index, time in
            DeliverableRecord(
                offset: Int64(index), receivedAt: Timestamp(microseconds: time), content: Samples.post("p\(index)", version: 1))
        }
        let slice = PartitionSlice(
            claim: claim, expectedOffset: 0, newOffset: Int64(times.count), records: records)
        #expect(sink.deliver(Delivery(slices: [slice])).counts == [Outcome(.inserted): times.count])
        #expect(try database.value(Self.partitions) == "6")
        #expect(
            try database.value("SELECT count(*) FROM winnow.posts WHERE partition_time < '2020-01-06'")
                == String(early.count + 3))
    }
}
