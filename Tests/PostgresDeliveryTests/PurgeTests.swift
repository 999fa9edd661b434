// Purges of accounts of any size: at once for everybody who looks or writes, in pieces underneath.
import PostgresDelivery
import Posts
import StreamCore
import Testing

@Suite struct PurgeTests {
    /// Posts of `whale` that were there before, made inside the server.
    private func addPosts(_ count: Int, _ session: AdministrationSession) throws {
        try session.script(
            """
            SELECT winnow.ensure_partitions(ARRAY[timestamptz '2026-11-18']);
            INSERT INTO winnow.model_versions (name, version, weights_hash, sentiment_labels, topic_labels)
            VALUES ('made', '1', '', '{}', '{}');
            INSERT INTO winnow.post_keys (post_id, partition_time, platform, key, state, version, version_scope, account)
            SELECT nextval('winnow.post_ids'), timestamptz '2026-11-18' + n * interval '1 second', 'test', 'made' || n, 'live',
                   lpad('1', 20, '0'), '', 'whale' FROM generate_series(1, \(count)) AS n;
            INSERT INTO winnow.posts (post_id, partition_time, received_at, source_offset, source_partition, model_id, kept_share,
                source_topic, platform, key, author, language, sentiment, topic, dropped, text)
            SELECT post_id, partition_time, partition_time, 0, 0, 1, 1, 'posts', platform, key, account, 'en', 'neutral', 'news', '{}',
                   'harbour' FROM winnow.post_keys;
            INSERT INTO winnow.entities (post_id, partition_time, start, length, score, type, name, normalized_name)
            SELECT post_id, partition_time, e, 1, 1, 'LOC', 'x', 'x' FROM winnow.posts, generate_series(1, 2) AS e;
            ANALYZE winnow.post_keys; ANALYZE winnow.posts; ANALYZE winnow.entities
            """)
    }

    @Test func hundredThousandPostsDoNotStopTheStream() throws {
        let database = try TestDatabase()
        let session = try database.session()
        try addPosts(100_000, session)
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        let clock = ContinuousClock()
        let delivery = clock.measure {
            #expect(
                sink.deliver(Samples.delivery(claim, from: 0, [Samples.account("whale", .purge, version: 9)])).counts
                    == [Outcome(.deleted): 1])
        }
        // What bounds the delivery's time: it took no more than its share.
        #expect(try database.value("SELECT count(*) FROM winnow.post_keys WHERE state = 'live'") == "95000")
        #expect(try database.value("SELECT count(*) FROM winnow.visible_posts") == "0")
        #expect(try database.value("SELECT count(*) FROM winnow.search_posts('harbour', '2026-11-01')") == "0")
        #expect(
            try database.value("SELECT count(*) FROM winnow.sentiment_over_time('1 day', '2026-11-16', '2026-11-23')") == "0")
        #expect(try database.value("SELECT count(*) FROM winnow.entity_mentions('2026-11-16', '2026-11-23')") == "0")
        let events = [Samples.post("made77", version: 5, author: "whale"), Samples.post("other", version: 1)]
        #expect(
            sink.deliver(Samples.delivery(claim, from: 1, events)).counts == [Outcome(.superseded): 1, Outcome(.inserted): 1])
        #expect(try StatusAudit.findings(database.options()).isEmpty)
        let rest = try clock.measure {
            _ = try DatabaseMaintenance(options: database.options(), plan: MaintenancePlan()).run()
        }
        print("A purge of 100,000 posts: the delivery took \(delivery), the rest \(rest).")
        #expect(try database.value("SELECT string_agg(key, ',') FROM winnow.posts") == "other")
        #expect(try database.value("SELECT count(*) FROM winnow.entities") == "1")
        #expect(try database.value("SELECT count(*) FROM winnow.post_keys WHERE state = 'deleted'") == "100000")
        #expect(try database.value("SELECT count(*) FROM winnow.pending_purges") == "0")
        #expect(try StatusAudit.findings(database.options()).isEmpty)
    }

    /// With a first piece of one post, purges are under way nearly always; the outcomes must not show it.
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func outcomesAreAsIfAllWereGoneAtOnce(seed: UInt64) throws {
        let database = try TestDatabase()
        try takeOneAtOnce(database.session())
        var trial = try MergeTrial(database: database, seed: seed)
        trial.deliveriesBetweenChecks = 4
        let difference = try trial.run(deliveries: 32)
        #expect(difference == nil, "seed \(seed)")
    }

    @Test func aRestoreBringsNothingBack() throws {
        let database = try TestDatabase()
        let session = try database.session()
        try takeOneAtOnce(session)
        try addPosts(20, session)
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        #expect(sink.deliver(Samples.delivery(claim, from: 0, [Samples.account("whale", .purge, version: 9)])).counts != nil)
        #expect(try database.value("SELECT count(*) FROM winnow.posts") == "19")
        let events = [Samples.account("whale", .restore, version: 10), Samples.post("new", version: 11, author: "whale")]
        #expect(sink.deliver(Samples.delivery(claim, from: 1, events)).counts == [Outcome(.edited): 1, Outcome(.inserted): 1])
        #expect(try database.value("SELECT string_agg(key, ',') FROM winnow.visible_posts") == "new")
        #expect(try database.value("SELECT count(*) FROM winnow.pending_purges") == "0")
    }

    @Test(arguments: [
        ("deliver_v2", "settle_purges_v1(v_step,", "settle_purges_v1(-1,"),
        ("purge_account_v1", "PERFORM winnow.finish_purge_v1(p_platform, p_account);", ""),
        ("deliver_v2", "v_ids[v_row.ordinal] := v_row.new_id;", "v_ids[v_row.ordinal] := v_row.post_id;"),
    ])
    func aFaultInPurgesUnderWayIsNoticed(function: String, original: String, replacement: String) throws {
        let database = try TestDatabase()
        let session = try database.session()
        try takeOneAtOnce(session)
        try replace(original, with: replacement, in: function, session)
        var isNoticed = false
        for seed in UInt64(1)...60 where !isNoticed {
            var trial = try MergeTrial(database: database, seed: seed)
            trial.deliveriesBetweenChecks = 4
            isNoticed = try trial.run(deliveries: 12) != nil
        }
        #expect(isNoticed)
    }

    private func takeOneAtOnce(_ session: AdministrationSession) throws {
        try replace("integer := 5000", with: "integer := 1", in: "purge_account_v1", session)
    }

    private func replace(
        _ original: String, with replacement: String, in function: String, _ session: AdministrationSession
    ) throws {
        let rows = try session.rows("SELECT pg_get_functiondef(('winnow.' || $1)::regproc)", [function])
        let definition = try #require(rows.first?.first ?? nil)
        #expect(definition.contains(original), "the fault no longer applies")
        try session.script(definition.replacing(original, with: replacement))
    }
}
