// The questions with stable names: what they count, and that nothing of a hidden or purged account shows in them.
import PostgresDelivery
import Posts
import StreamCore
import Testing

@Suite struct QuestionTests {
    private static let questions = [
        "SELECT sum(posts)::bigint FROM winnow.sentiment_over_time('1 hour', '2026-11-20', '2026-11-21')",
        "SELECT sum(mentions)::bigint FROM winnow.trending_entities('1 hour', '2026-11-20 12:01+00')",
        "SELECT count(*) FROM winnow.topic_posts('news', 'neutral', '2026-11-20')",
        "SELECT count(*) FROM winnow.search_posts('harbour', '2026-11-20')",
        "SELECT sum(posts)::bigint FROM winnow.author_activity('test', 'alice', '2026-11-20')",
    ]

    @Test(arguments: [AccountChange.Kind.hide, .purge])
    func whatIsGoneShowsNowhere(_ kind: AccountChange.Kind) throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        #expect(sink.deliver(Samples.delivery(claim, from: 0, [Samples.post("a", version: 1)])).counts != nil)
        for question in Self.questions { #expect(try database.value(question) == "1", "\(question)") }
        #expect(sink.deliver(Samples.delivery(claim, from: 1, [Samples.account("alice", kind, version: 5)])).counts != nil)
        for question in Self.questions { #expect((try database.value(question) ?? "0") == "0", "\(question)") }
    }

    @Test func aRiseIsSignificantOnlyAgainstTheRest() throws {
        let database = try TestDatabase()
        let session = try database.session()
        try session.script(
            """
            SELECT winnow.ensure_partitions(ARRAY[timestamptz '2026-11-20']);
            INSERT INTO winnow.entities (post_id, partition_time, start, length, score, type, name, normalized_name)
            SELECT n, timestamptz '2026-11-20 12:00+00' - interval '1 hour' * (n % 2), 0, 1, 1, 'LOC', 'steady', 'steady'
            FROM generate_series(1, 200) AS n;
            INSERT INTO winnow.entities (post_id, partition_time, start, length, score, type, name, normalized_name)
            SELECT n, timestamptz '2026-11-20 12:00+00', 0, 1, 1, 'LOC', 'sudden', 'sudden' FROM generate_series(301, 320) AS n
            """)
        let rows = try session.rows(
            """
            SELECT normalized_name, significance > 3, significance < 0
            FROM winnow.trending_entities('1 hour', '2026-11-20 12:01+00')
            """)
        #expect(rows == [["sudden", "t", "f"], ["steady", "f", "t"]])
    }

    @Test func searchKnowsTheWordFormsOfALanguage() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        #expect(sink.deliver(Samples.delivery(claim, from: 0, [Samples.post("a", version: 1)])).counts != nil)
        let session = try database.session()
        try session.script("UPDATE winnow.posts SET language = 'en'")
        for query in ["bridges", "\"harbour bridges\" -tunnel", "opening or nothing"] {
            #expect(try session.rows("SELECT key FROM winnow.search_posts($1, '2026-11-20', 'en')", [query]) == [["a"]])
            #expect(try session.rows("SELECT key FROM winnow.search_posts($1, '2026-11-20', 'de')", [query]) == [])
        }
        #expect(try session.rows("SELECT key FROM winnow.search_posts('bridges', '2026-11-20')") == [])
    }
}
