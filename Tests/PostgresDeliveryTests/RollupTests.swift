// The counts of closed days: after any events, folded in or not, they say what counting the rows would say.
import PostgresDelivery
import Posts
import StreamCore
import Testing

@Suite struct RollupTests {
    private static let sentiments = (
        answer: """
            SELECT bucket_start::text, topic, posts, positive, neutral, negative
            FROM winnow.sentiment_over_time('1 hour', '2026-11-20', '2026-11-21')
            """,
        recount: """
            SELECT date_trunc('hour', partition_time)::text, topic, count(*), count(*) FILTER (WHERE sentiment = 'positive'),
                   count(*) FILTER (WHERE sentiment = 'neutral'), count(*) FILTER (WHERE sentiment = 'negative')
            FROM winnow.visible_posts WHERE partition_time >= '2026-11-20' AND partition_time < '2026-11-21' GROUP BY 1, 2
            """)
    private static let entities = (
        answer: "SELECT normalized_name, type, mentions FROM winnow.entity_mentions('2026-11-20', '2026-11-21')",
        recount: """
            SELECT e.normalized_name, e.type, count(*) FROM winnow.entities AS e
            JOIN winnow.visible_posts AS p ON p.post_id = e.post_id AND p.partition_time = e.partition_time GROUP BY 1, 2
            """)
    /// As it is when a day had no post before it was closed.
    private static let closing =
        "INSERT INTO winnow.rollup_days (day, state, posts_seen) VALUES ('2026-11-20 00:00+00', 'closed', 0)"

    /// What the answers say against what the rows say; nil where both agree.
    private static func difference(_ session: AdministrationSession) throws -> String? {
        for (answer, recount) in [sentiments, entities] {
            let rows = try session.rows(
                "(\(answer) EXCEPT ALL \(recount)) UNION ALL (\(recount) EXCEPT ALL \(answer))")
            if !rows.isEmpty { return "\(rows)" }
        }
        return nil
    }

    private static func maintain(_ database: TestDatabase) throws {
        var plan = MaintenancePlan()
        plan.quiet = .zero
        let report = try DatabaseMaintenance(options: database.options(), plan: plan).run()
        #expect(report.failures.isEmpty)
    }

    /// Random creates, edits, deletes, purges, hides and restores on a closed day; answers with the first difference.
    /// Short trials: after many events nearly all keys and accounts are at the end of their versions, and nothing happens.
    private static func trial(_ database: TestDatabase, seed: UInt64) throws -> String? {
        let session = try database.session()
        var trial = try MergeTrial(database: database, seed: seed)
        try session.script(closing)
        for round in 0..<4 {
            if let fault = try trial.run(deliveries: 2) { return fault }
            if let difference = try difference(session) { return "round \(round), not folded: \(difference)" }
            guard round % 2 == 0 else { continue }
            try maintain(database)
            if let difference = try difference(session) { return "round \(round), folded: \(difference)" }
        }
        return nil
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func countsAreRightAfterAnyEvents(seed: UInt64) throws {
        let database = try TestDatabase()
        #expect(try Self.trial(database, seed: seed) == nil)
        #expect(try database.value("SELECT state FROM winnow.rollup_days") == "closed")
    }

    @Test(arguments: [
        ("note_post_changes", "AND NOT a.is_counted", "AND false"),
        ("note_entity_changes", "AND NOT a.is_counted", "AND false"),
        ("fold_account_v1", "THEN -1 ELSE 1 END", "THEN 1 ELSE -1 END"),
        ("fold_changes_v1", "h.posts + excluded.posts", "excluded.posts"),
        ("counted_sentiments", "THEN -1 ELSE 1 END", "THEN 0 ELSE 0 END"),
        ("compared_mentions", "THEN -d.now ELSE d.now END", "THEN 0 ELSE 0 END"),
    ])
    func aFaultInTheCountsIsNoticed(function: String, original: String, replacement: String) throws {
        let database = try TestDatabase()
        let session = try database.session()
        let rows = try session.rows("SELECT pg_get_functiondef(('winnow.' || $1)::regproc)", [function])
        let definition = try #require(rows.first?.first ?? nil)
        #expect(definition.contains(original), "the mutant no longer applies")
        try session.script(definition.replacing(original, with: replacement))
        var isNoticed = false
        for seed in UInt64(1)...12 where !isNoticed {
            isNoticed = try Self.trial(database, seed: seed) != nil
        }
        #expect(isNoticed)
    }

    @Test func aDayIsClosedOnlyWhenNobodyWritesToItUnawares() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        #expect(sink.deliver(Samples.delivery(claim, from: 0, [Samples.post("a", version: 1)])).counts != nil)
        let writer = try database.session()
        let state = "SELECT state FROM winnow.rollup_days"
        try writer.script(
            """
            BEGIN; INSERT INTO winnow.posts (post_id, partition_time, received_at, source_offset, source_partition, model_id,
                kept_share, source_topic, platform, key, dropped, text, topic, sentiment)
            VALUES (0, '2026-11-20 13:00+00', now(), 0, 0, 1, 1, 'posts', 'test', 'open', '{}', '', 'news', 'neutral')
            """)
        for _ in 0..<3 { try Self.maintain(database) }
        #expect(try database.value(state) == "closing")
        // Whoever begins now knows that the day is closing.
        #expect(sink.deliver(Samples.delivery(claim, from: 1, [Samples.post("b", version: 1)])).counts != nil)
        try Self.maintain(database)
        #expect(try database.value(state) == "closing")
        #expect(try database.value("SELECT count(*) FROM winnow.sentiment_changes") == "1")
        try writer.script("COMMIT")
        try Self.maintain(database)
        #expect(try database.value(state) == "closed")
        #expect(try database.value("SELECT sum(posts)::bigint FROM winnow.sentiment_hours") == "3")
        #expect(try database.value("SELECT count(*) FROM winnow.sentiment_changes") == "0")
        #expect(try Self.difference(writer) == nil)
    }

    @Test func anAdoptedModelCountsAtOnce() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        #expect(sink.deliver(Samples.delivery(claim, from: 0, [Samples.post("a", version: 1)])).counts != nil)
        for _ in 0..<2 { try Self.maintain(database) }
        let session = try database.session()
        try session.script("UPDATE winnow.posts SET sentiment = 'positive'; UPDATE winnow.entities SET normalized_name = 'x'")
        #expect(try Self.difference(session) == nil)
        #expect(try database.value("SELECT positive FROM winnow.sentiment_over_time('1 day', '2026-11-20', '2026-11-21')") == "1")
        try Self.maintain(database)
        #expect(try Self.difference(session) == nil)
        // A name that no post holds any more is forgotten.
        #expect(try database.value("SELECT string_agg(normalized_name, ',') FROM winnow.entity_days") == "x")
    }

    @Test func windowsNeedNotFitTheDays() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        for number in 0..<60 {
            let time = Timestamp(microseconds: Samples.noon.microseconds + Int64(number) * 3_000_000_000)
            let post = [Samples.post("p\(number)", version: 1)]
            #expect(sink.deliver(Samples.delivery(claim, from: Int64(number), post, at: time)).counts != nil)
        }
        for _ in 0..<3 { try Self.maintain(database) }
        let session = try database.session()
        #expect(try session.rows("SELECT count(*) FROM winnow.rollup_days WHERE state = 'closed'") == [["3"]])
        let windows = [
            ("2026-11-20 12:10+00", "2026-11-22 09:17+00"), ("2026-11-20 12:30+00", "2026-11-20 12:50+00"),
            ("2026-11-21", "2026-11-22"), ("2026-11-20 23:59+00", "2026-11-21 00:01+00"), ("2026-11-19", "2026-11-30"),
            ("-infinity", "infinity"),
        ]
        for (since, until) in windows {
            for bucket in ["1 hour", "10 minutes", "1 day"] {
                let counted = try session.rows(
                    "SELECT coalesce(sum(posts), 0)::bigint FROM winnow.sentiment_over_time('\(bucket)', $1::timestamptz, $2::timestamptz)",
                    [since, until])
                let rows = try session.rows(
                    "SELECT count(*) FROM winnow.posts WHERE partition_time >= $1::timestamptz AND partition_time < $2::timestamptz",
                    [since, until])
                #expect(counted == rows, "\(bucket) of \(since) to \(until)")
            }
            let mentions = try session.rows(
                "SELECT coalesce(sum(mentions), 0)::bigint FROM winnow.entity_mentions($1::timestamptz, $2::timestamptz)",
                [since, until])
            let entities = try session.rows(
                "SELECT count(*) FROM winnow.entities WHERE partition_time >= $1::timestamptz AND partition_time < $2::timestamptz",
                [since, until])
            #expect(mentions == entities, "\(since) to \(until)")
        }
    }

    /// What the planner believes of accounts was true before all of them were hidden. Without a plan that does not depend on it the
    /// count takes a minute.
    @Test func aDayIsCountedSoonAfterManyAccountsAreHidden() throws {
        let database = try TestDatabase()
        let session = try database.session()
        try session.script(
            """
            ALTER TABLE winnow.accounts SET (autovacuum_enabled = off);
            INSERT INTO winnow.rollup_days (day, state) VALUES ('2026-11-20 00:00+00', 'closing');
            SELECT winnow.make_partition(t, '2026-11-20 00:00+00') FROM unnest(ARRAY['entities', 'posts']) AS t;
            INSERT INTO winnow.posts (post_id, partition_time, received_at, source_offset, source_partition, model_id, kept_share,
                source_topic, platform, key, author, dropped, text)
            SELECT n, timestamptz '2026-11-20 00:00+00' + n * interval '1 second', now(), n, 0, 1, 1, 'posts', 'test', n::text,
                   'author' || n % 4000, '{}', '' FROM generate_series(1, 40000) AS n;
            INSERT INTO winnow.entities (post_id, partition_time, start, length, score, type, name, normalized_name)
            SELECT p.post_id, p.partition_time, 0, 1, 1, 'person', 'x', 'x' FROM winnow.posts AS p;
            INSERT INTO winnow.accounts (platform, account, state, version, version_scope)
            SELECT 'test', 'author' || n, 'active', '1', '' FROM generate_series(0, 3999) AS n;
            ANALYZE winnow.posts, winnow.entities, winnow.accounts;
            UPDATE winnow.accounts SET state = 'hidden', is_counted = false WHERE account <> 'author7';
            SET statement_timeout = '15s'
            """)
        try session.script("SELECT winnow.roll_day_v1('2026-11-20 00:00+00')")
        #expect(try session.rows("SELECT mentions FROM winnow.entity_days") == [["10"]])
        let mentions = "SELECT mentions FROM winnow.entity_mentions('2026-11-20 00:00:05+00', '2026-11-20 12:00+00')"
        #expect(try session.rows(mentions) == [["10"]])
        let sentiments = "SELECT sum(posts)::bigint FROM winnow.sentiment_over_time('1 hour', '2026-11-20', '2026-11-21')"
        #expect(try session.rows(sentiments) == [["10"]])
    }
}
