// What analysts ask: the views and functions answer with what was delivered, and hide what is hidden.
import PostgresDelivery
import Posts
import StreamCore
import Testing

@Suite struct ViewTests {
    @Test func hiddenAccountsAreLeftOutUntilRestored() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        let first = [Samples.post("a", version: 1), Samples.post("b", version: 1, author: "bob")]
        #expect(sink.deliver(Samples.delivery(claim, from: 0, first)).counts != nil)
        let hide = [Samples.account("alice", .hide, version: 5), Samples.post("c", version: 6)]
        #expect(
            sink.deliver(Samples.delivery(claim, from: 2, hide)).counts == [Outcome(.hidden): 1, Outcome(.inserted): 1])
        let visible = "SELECT string_agg(key, ',' ORDER BY key) FROM winnow.visible_posts"
        #expect(try database.value(visible) == "b")
        #expect(try database.value("SELECT count(*) FROM winnow.posts") == "3")
        let restore = [Samples.account("alice", .restore, version: 7)]
        #expect(sink.deliver(Samples.delivery(claim, from: 4, restore)).counts == [Outcome(.edited): 1])
        #expect(try database.value(visible) == "a,b,c")
    }

    @Test func questionsHaveAnswers() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        let before = Timestamp(microseconds: Samples.noon.microseconds - 3_600_000_000)
        let earlier = [Samples.post("a", version: 1)]
        let later = [Samples.post("b", version: 1), Samples.post("c", version: 1, text: "nothing of the kind")]
        #expect(sink.deliver(Samples.delivery(claim, from: 0, earlier, at: before)).counts != nil)
        #expect(sink.deliver(Samples.delivery(claim, from: 1, later)).counts != nil)
        let session = try database.session()
        let trending = "SELECT normalized_name, type, mentions, mentions_before, rise FROM winnow.trending_entities"
        #expect(
            try session.rows("SELECT topic, posts, neutral, positive FROM winnow.sentiment_by_topic ORDER BY hour")
                == [["news", "1", "1", "0"], ["news", "2", "2", "0"]])
        #expect(
            try session.rows("\(trending)('30 minutes', '2026-11-20 12:01+00')")
                == [["harbour bridge", "LOC", "2", "0", "3.00"]])
        #expect(
            try session.rows("\(trending)('1 hour', '2026-11-20 12:10+00')")
                == [["harbour bridge", "LOC", "2", "1", "1.50"]])
        let search = "SELECT key FROM winnow.search_posts('harbour -kind', '2026-11-01') ORDER BY key"
        #expect(try session.rows(search) == [["a"], ["b"]])
        try session.script("SELECT winnow.add_text_search_index()")
        #expect(try session.rows(search) == [["a"], ["b"]])
        #expect(
            try session.rows("SELECT key FROM winnow.topic_posts('news', 'neutral', '2026-11-20 11:30+00') ORDER BY key")
                == [["b"], ["c"]])
        #expect(
            try session.rows("SELECT partition, counted, dead, gap FROM winnow.feed_health WHERE partition = 0")
                == [["0", "3", "0", "0"]])
        #expect(try session.rows("SELECT posts, kept_share FROM winnow.throughput ORDER BY 1") == [["1", "0.750"], ["2", "0.750"]])
    }
}
