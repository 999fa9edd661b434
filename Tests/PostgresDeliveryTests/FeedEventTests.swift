// From the platforms' own documents to rows: edits, deletes and purges in every order, and records with several
// documents, through the decoder and a real PostgreSQL.
import PostgresDelivery
import Posts
import StreamCore
import Testing

@Suite struct FeedEventTests {
    /// One record after the other, each in a delivery of its own.
    private struct Feed {
        let database: TestDatabase
        let sink: PostgresSink
        let claim: PartitionClaim
        let decoder: PostDecoder
        var offset: Int64 = 0

        init(_ format: PostFormat) throws {
            database = try TestDatabase()
            sink = database.sink()
            claim = try Samples.claim(0, by: sink)
            decoder = PostDecoder(format: format, mastodon: MastodonInstances(["home.example"]) ?? MastodonInstances())
        }

        func content(_ json: String, at offset: Int64) -> DeliverableContent {
            let position = SourcePosition(topicPartition: Samples.partition(0), offset: offset)
            let record = SourceRecord(position: position, timestamp: Samples.noon, key: nil, value: Array(json.utf8))
            return deliverable(PreparedRecord(decoder.decode(record), of: record) { _ in (true, 1) })
        }

        private func deliverable(_ prepared: PreparedRecord<Bool>) -> DeliverableContent {
            switch prepared {
            case .post(let post, _, _): .post(post, Samples.enrichment(entities: 1))
            case .done(let content): content
            case .several(let documents): .several(documents.map { deliverable($0.content) })
            }
        }

        mutating func take(_ json: String) throws -> Outcome {
            let counts = try #require(sink.deliver(Samples.delivery(claim, from: offset, [content(json, at: offset)])).counts)
            offset += 1
            #expect(counts.values.reduce(0, +) == 1, "a record has one outcome")
            return try #require(counts.keys.first)
        }

        func texts() throws -> [String?] { try database.session().rows("SELECT text FROM winnow.posts ORDER BY key").map { $0[0] } }
    }

    private func orders(_ items: [String]) -> [[String]] {
        if items.count < 2 { return [items] }
        return items.indices.flatMap { index in
            var rest = items
            let first = rest.remove(at: index)
            return orders(rest).map { [first] + $0 }
        }
    }

    private func tweet(_ identifier: String, _ history: [String], _ text: String) -> String {
        let ids = history.map { "\"\($0)\"" }.joined(separator: ",")
        return #"{"data":{"id":"\#(identifier)","text":"\#(text)","author_id":"7","edit_history_tweet_ids":[\#(ids)]}}"#
    }

    @Test func theNewestTextOfAnEditedPostStays() throws {
        let documents = [
            tweet("99", ["99"], "old"), tweet("101", ["99", "101"], "new"), tweet("99", ["99", "101"], "old, looked up late"),
        ]
        for order in orders(documents) {
            var feed = try Feed(.x2)
            for json in order + order { _ = try feed.take(json) }
            #expect(try feed.texts() == ["new"], "\(order)")
            #expect(try feed.database.value("SELECT key FROM winnow.post_keys") == "99")
        }
    }

    @Test func deletesOfXAreFinalInEveryOrder() throws {
        let delete = #"{"data":{"delete":{"tweet":{"id":"99","author_id":"7"},"event_at":"2026-03-01T08:00:00.000Z"}}}"#
        for order in orders([tweet("99", ["99"], "old"), tweet("101", ["99", "101"], "new"), delete]) {
            var feed = try Feed(.x2)
            for json in order + order { _ = try feed.take(json) }
            #expect(try feed.texts() == [], "\(order)")
            #expect(try feed.database.value("SELECT count(*) FROM winnow.entities") == "0")
        }
    }

    @Test func accountsOfXAreHiddenRestoredAndPurged() throws {
        func account(_ name: String, _ minute: Int) -> String {
            #"{"data":{"\#(name)":{"user":{"id":"7"},"event_at":"2026-03-01T08:0\#(minute):00.000Z"}}}"#
        }
        var feed = try Feed(.x2)
        #expect(try feed.take(tweet("99", ["99"], "words")) == Outcome(.inserted))
        #expect(try feed.take(account("user_suspend", 1)) == Outcome(.hidden))
        #expect(try feed.database.value("SELECT count(*) FROM winnow.visible_posts") == "0")
        #expect(try feed.take(account("user_unsuspend", 2)) == Outcome(.edited))
        #expect(try feed.database.value("SELECT count(*) FROM winnow.visible_posts") == "1")
        #expect(try feed.take(account("user_protect", 1)) == Outcome(.superseded))
        #expect(try feed.take(account("user_delete", 3)) == Outcome(.deleted))
        #expect(try feed.texts() == [])
        // Ids of X tell their time: 08:02:01 and 08:05:00 of that morning.
        #expect(try feed.take(tweet("2028017900975030272", ["2028017900975030272"], "late")) == Outcome(.superseded))
        #expect(try feed.take(account("user_undelete", 4)) == Outcome(.edited))
        #expect(try feed.take(tweet("2028018651755446272", ["2028018651755446272"], "back")) == Outcome(.inserted))
        #expect(try feed.texts() == ["back"])
    }

    private func status(_ text: String, edited: String) -> String {
        #"{"id":"111","created_at":"2026-03-01T08:00:00Z","edited_at":\#(edited),"content":"<p>\#(text)</p>","uri":"#
            + #""https://far.example/users/ada/statuses/9","account":{"acct":"ada@far.example"}}"#
    }

    @Test func aBareDeleteOfMastodonFindsItsPostInEveryOrder() throws {
        let update = "event: update\ndata: \(status("first", edited: "null"))\n\n"
        let edit = "event: status.update\ndata: \(status("second", edited: "\"2026-03-01T08:05:00Z\""))\n\n"
        let delete = "event: delete\ndata: 111\n\n"
        for order in orders([update, edit, delete]) {
            var feed = try Feed(.mastodon)
            for json in order { _ = try feed.take(json) }
            #expect(try feed.texts() == [], "\(order)")
            #expect(try feed.database.value("SELECT state FROM winnow.post_keys WHERE key = 'home.example/111'") == "deleted")
        }
        for order in [[update, edit], [edit, update]] {
            var feed = try Feed(.mastodon)
            for json in order + order { _ = try feed.take(json) }
            #expect(try feed.texts() == ["second"])
        }
    }

    @Test func aTextThatRedditTookAwayGoes() throws {
        func comment(_ body: String, edited: String) -> String {
            #"{"kind":"t1","data":{"name":"t1_a","author":"m","body":"\#(body)","created_utc":1772352000.0,"edited":\#(edited)}}"#
        }
        let documents = [
            comment("first", edited: "false"), comment("second", edited: "1772352060.0"),
            comment("[deleted]", edited: "false"),
        ]
        for order in orders(documents) {
            var feed = try Feed(.reddit)
            for json in order { _ = try feed.take(json) }
            #expect(try feed.texts() == [], "\(order)")
        }
    }

    @Test func aRecordWithSeveralDocumentsIsWrittenAtOnceAndCountsOnce() throws {
        var feed = try Feed(.x2)
        let page = #"{"data":[{"id":"1","text":"one"},{"id":"2","text":"two"},{"delete":{"tweet":{"id":"1"}}},"#
            + #"{"id":"3","username":"u"}]}"#
        #expect(try feed.take(page) == Outcome(.inserted))
        #expect(try feed.texts() == ["two"])
        #expect(try feed.take(page) == Outcome(.superseded))
        let users = #"{"data":[{"id":"3","username":"u"},{"id":"4","username":"v"}]}"#
        #expect(try feed.take(users) == Outcome(.skipped, reason: "other_event"))
        let delete = #"{"data":[{"id":"3","username":"u"},{"delete":{"tweet":{"id":"2"}}}]}"#
        #expect(try feed.take(delete) == Outcome(.deleted))
        #expect(try feed.texts() == [])
        #expect(try feed.database.value("SELECT sum(count) FROM winnow.partition_outcomes") == "4")
        #expect(try feed.database.value("SELECT next_offset FROM winnow.partition_progress WHERE partition = 0") == "4")
    }

    @Test func whatCannotBeReadOfARecordIsADeadLetterOfItsOwn() throws {
        var feed = try Feed(.x2)
        let page = #"{"data":[{"id":"1","text":"one"},{"id":"2"},{"id":"3","text":7}]}"#
        #expect(try feed.take(page) == Outcome(.dead, reason: "missing_text"))
        #expect(try feed.texts() == ["one"])
        let letters = try feed.database.session().rows(
            "SELECT reason, key, convert_from(payload, 'UTF8') FROM winnow.dead_letters ORDER BY key")
        #expect(letters == [["missing_text", "2", #"{"data":{"id":"2"}}"#], ["wrong_type", "3", #"{"data":{"id":"3","text":7}}"#]])
        #expect(
            try feed.database.session().rows("SELECT outcome, reason, count FROM winnow.partition_outcomes")
                == [["dead", "missing_text", "1"]])
        _ = try feed.take(#"{"data":{"delete":{"tweet":{"id":"3"}}}}"#)
        #expect(try feed.database.value("SELECT count(*) FROM winnow.dead_letters WHERE key = '3'") == "0")
    }
}
