// Trending entities: whatever part of closed days the two windows cover, the counts are those of the rows.
import PostgresDelivery
import Posts
import StreamCore
import Testing

@Suite struct TrendingTests {
    /// 2026-11-20 00:00 UTC.
    private static let midnight = Timestamp(microseconds: Samples.noon.microseconds - 12 * 3_600_000_000)
    private static let hours: [Int64] = [-20, -9, -2, 0, 1, 5, 11, 13, 20, 23, 25, 30, 40]

    /// Posts of two authors at many hours of three days; the second day, and the third where it is asked for, is closed.
    private func fill(_ database: TestDatabase, closing days: [String]) throws {
        let session = try database.session()
        for day in days {
            try session.script("INSERT INTO winnow.rollup_days (day, state, posts_seen) VALUES ('\(day) 00:00+00', 'closed', 0)")
        }
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        var offset: Int64 = 0
        for (number, hour) in Self.hours.enumerated() {
            let posts = (0...number % 3).map { copy in
                Samples.post("\(hour)-\(copy)", version: 1, author: copy == 1 ? "bob" : "alice")
            }
            let time = Timestamp(microseconds: Self.midnight.microseconds + hour * 3_600_000_000)
            #expect(sink.deliver(Samples.delivery(claim, from: offset, posts, at: time)).counts != nil)
            offset += Int64(posts.count)
        }
    }

    /// Windows that differ from the rows, of many that begin and end at every third hour.
    private func differences(_ session: AdministrationSession) throws -> [[String?]] {
        try session.rows(
            """
            WITH windows AS (
                SELECT u AS until, s AS span
                FROM generate_series(timestamptz '2026-11-19 06:00+00', '2026-11-22 03:00+00', '3 hours') AS u,
                    unnest(ARRAY[interval '1 hour', '14 hours', '1 day', '30 hours']) AS s
            ), answers AS (
                SELECT w.until, w.span, coalesce(c.mentions, 0) AS mentions, coalesce(c.mentions_before, 0) AS mentions_before
                FROM windows AS w LEFT JOIN LATERAL
                    winnow.compared_mentions(w.until - 2 * w.span, w.until - w.span, w.until) AS c ON true
            ), recounted AS (
                SELECT w.until, w.span, count(*) FILTER (WHERE p.partition_time >= w.until - w.span) AS mentions,
                       count(*) FILTER (WHERE p.partition_time < w.until - w.span) AS mentions_before
                FROM windows AS w LEFT JOIN winnow.visible_posts AS p
                    ON p.partition_time >= w.until - 2 * w.span AND p.partition_time < w.until
                GROUP BY 1, 2
            )
            SELECT r.until::text, r.span::text, a.mentions, r.mentions, a.mentions_before, r.mentions_before
            FROM recounted AS r JOIN answers AS a USING (until, span)
            WHERE a.mentions <> r.mentions OR a.mentions_before <> r.mentions_before
            """)
    }

    @Test(arguments: [[], ["2026-11-20"], ["2026-11-19", "2026-11-20"], ["2026-11-20", "2026-11-21"]])
    func anyPartOfClosedDays(days: [String]) throws {
        let database = try TestDatabase()
        try fill(database, closing: days)
        let session = try database.session()
        #expect(try differences(session).isEmpty)
        let sink = database.sink("second")
        let claim = try Samples.claim(1, by: sink)
        #expect(sink.deliver(Samples.delivery(claim, from: 0, [Samples.account("bob", .hide, version: 2)])).counts != nil)
        #expect(try differences(session).isEmpty, "hidden, not folded in yet")
        var plan = MaintenancePlan()
        plan.quiet = .seconds(3_600)
        #expect(try DatabaseMaintenance(options: database.options(), plan: plan).run().failures.isEmpty)
        #expect(try differences(session).isEmpty, "hidden, folded in")
    }

    @Test(arguments: [
        ("mention_spans", "r.part_from, -1", "r.part_from, 1"),
        ("compared_mentions", "-w.mentions * s.now, -w.mentions", "w.mentions * s.now, w.mentions"),
        ("compared_mentions", "THEN -d.now ELSE d.now END", "THEN 0 ELSE 0 END"),
    ])
    func aFaultIsNoticed(function: String, original: String, replacement: String) throws {
        let database = try TestDatabase()
        try fill(database, closing: ["2026-11-20"])
        let session = try database.session()
        let sink = database.sink("second")
        let claim = try Samples.claim(1, by: sink)
        #expect(sink.deliver(Samples.delivery(claim, from: 0, [Samples.account("bob", .hide, version: 2)])).counts != nil)
        let rows = try session.rows("SELECT pg_get_functiondef(('winnow.' || $1)::regproc)", [function])
        let definition = try #require(rows.first?.first ?? nil)
        #expect(definition.contains(original), "the fault no longer applies")
        try session.script(definition.replacing(original, with: replacement))
        #expect(try !differences(session).isEmpty)
    }
}
