// One delivery on a real PostgreSQL: rows, counts, offsets, and the fence.
import PostgresDelivery
import Posts
import StreamCore
import Testing

@Suite struct DeliveryTests {
    @Test func writesRowsCountsAndOffsets() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        let record = SourceRecord(
            position: SourcePosition(topicPartition: Samples.partition(0), offset: 2), timestamp: nil, key: [1],
            value: [0, 255])
        let letter = DeadLetter(
            rejection: Rejection(reason: .malformedJSON, detail: "not JSON", key: PostKey(platform: "test", key: "z\0z")),
            record: record)
        var delivery = Samples.delivery(
            claim, from: 0, [Samples.post("a", version: 1), .skipped(.otherEvent), .dead(letter), Samples.delete("b", version: 1)])
        delivery = Delivery(slices: [
            PartitionSlice(claim: claim, expectedOffset: 0, newOffset: 6, records: delivery.slices[0].records)
        ])
        let counts = try #require(sink.deliver(delivery).counts)
        #expect(
            counts == [
                Outcome(.inserted): 1, Outcome(.skipped, reason: "other_event"): 1,
                Outcome(.dead, reason: "malformed_json"): 1, Outcome(.deleted): 1, Outcome(.gap): 2,
            ])
        let post = try database.session().rows(
            """
            SELECT platform, key, author, language, sentiment, topic, sentiment_scores, topic_scores, dropped,
                   kept_share, source_topic, source_partition, source_offset, text,
                   partition_time AT TIME ZONE 'UTC' FROM winnow.posts
            """)
        #expect(
            post == [
                [
                    "test", "a", "alice", "en", "neutral", "news", "{0.125,0.875}", "{1}", "{0,3}", "0.75", "posts", "0", "0",
                    "the harbour bridge opens on Friday", "2026-11-20 12:00:00",
                ]
            ])
        let entities = try database.session().rows(
            "SELECT type, name, normalized_name, start, length, score FROM winnow.entities")
        #expect(entities == [["LOC", "Harbour Bridge", "harbour bridge", "4", "14", "0.5"]])
        #expect(
            try database.session().rows("SELECT reason, key, record_key, payload FROM winnow.dead_letters")
                == [["malformed_json", "zz", "\\x01", "\\x00ff"]])
        #expect(
            try database.session().rows(
                """
                SELECT outcome, reason, count FROM winnow.partition_outcomes
                JOIN winnow.partition_progress USING (progress_id)
                WHERE partition = 0 ORDER BY 1, 2
                """)
                == [
                    ["dead", "malformed_json", "1"], ["deleted", "", "1"], ["gap", "", "2"], ["inserted", "", "1"],
                    ["skipped", "other_event", "1"],
                ])
        #expect(try database.value("SELECT next_offset FROM winnow.partition_progress WHERE partition = 0") == "6")
        #expect(
            try database.session().rows("SELECT name, version, weights_hash, sentiment_labels FROM winnow.model_versions")
                == [["tiny", "1", "0123456789ab", "{negative,neutral}"]])
    }

    @Test func anotherOwnersTokenFences() throws {
        let database = try TestDatabase()
        let (first, second) = (database.sink(), database.sink())
        let stale = try Samples.claim(0, by: first)
        let other = try Samples.claim(1, by: first)
        let fresh = try Samples.claim(0, by: second)
        #expect(fresh.counter == stale.counter + 1)
        let delivery = Delivery(slices: [
            Samples.slice(other, from: 0, [Samples.post("b", version: 1)]),
            Samples.slice(stale, from: 0, [Samples.post("a", version: 1)]),
        ])
        #expect(first.deliver(delivery).fenced == [Samples.partition(0)])
        #expect(try database.value("SELECT count(*) FROM winnow.posts") == "0")
        #expect(try database.value("SELECT sum(next_offset) FROM winnow.partition_progress") == "0")
        #expect(second.deliver(Samples.delivery(fresh, from: 0, [Samples.post("a", version: 1)])).counts != nil)
    }

    @Test func anotherOffsetThanExpectedFences() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        let delivery = Samples.delivery(claim, from: 0, [Samples.post("a", version: 1)])
        #expect(sink.deliver(delivery).counts == [Outcome(.inserted): 1])
        #expect(sink.deliver(delivery).fenced == [Samples.partition(0)])
        #expect(sink.deliver(Samples.delivery(claim, from: 5, [])).fenced == [Samples.partition(0)])
    }

    @Test func missingPartitionHealsByItself() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        #expect(sink.deliver(Samples.delivery(claim, from: 0, [Samples.post("a", version: 1)])).counts != nil)
        try database.session().script("DROP TABLE winnow.posts_w20261116, winnow.entities_w20261116")
        let failure = try #require(sink.deliver(Samples.delivery(claim, from: 1, [Samples.post("a", version: 2)])).failure)
        #expect(failure.failureClass == .wait)
        #expect(failure.sqlState == "23514")
        #expect(
            sink.deliver(Samples.delivery(claim, from: 1, [Samples.post("a", version: 2)])).counts == [Outcome(.edited): 1])
    }

    @Test(arguments: [Int64.min, -62_200_000_000_000_000, 0, 1_136_073_599_000_000, 4_102_444_800_000_000, Int64.max])
    func anyTimeOfReceiptHasAPartition(microseconds: Int64) throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        let delivery = Samples.delivery(
            claim, from: 0, [Samples.post("a", version: 1)], at: Timestamp(microseconds: microseconds))
        #expect(sink.deliver(delivery).counts == [Outcome(.inserted): 1])
        #expect(
            try database.value(
                "SELECT partition_time BETWEEN '2006-01-02 00:00+00' AND now() FROM winnow.posts") == "t")
    }

    /// Too long for an index entry even when compressed.
    private func incompressible(_ count: Int) -> String {
        var state: UInt64 = 1
        var bytes: [UInt8] = []
        for _ in 0..<count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes.append(UInt8(ascii: "a") + UInt8((state >> 33) % 26))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func refusedDataNeverShowsTheText() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        let marker = "SECRETMARKER"
        let longKey = incompressible(20_000)
        let contents = [
            Samples.post("a", version: 1, text: marker + "\0"),
            Samples.post(marker + longKey, version: 1),
        ]
        for content in contents {
            let failure = try #require(sink.deliver(Samples.delivery(claim, from: 0, [content])).failure)
            #expect(failure.failureClass == .data)
            #expect(!failure.description.contains(marker))
        }
        #expect(try database.value("SELECT count(*) FROM winnow.post_keys") == "0")
        #expect(sink.probe() == nil)
    }

    /// `é` as one code point and as two: equal texts for Swift, two ids for everybody else.
    @Test func idsThatLookAlikeAreTwo() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        let names = ["caf\u{e9}", "cafe\u{301}"]
        let posts = names.enumerated().map { Samples.post($1, version: 1, author: $1, text: "post \($0)") }
        #expect(sink.deliver(Samples.delivery(claim, from: 0, posts)).counts == [Outcome(.inserted): 2])
        let reader = try StoredPostReader(database.options())
        let keys = names.map { PostKey(platform: "test", key: $0) }
        let stored = try reader.stored(keys, model: "")
        #expect(keys.map { stored[$0]??.text } == ["post 0", "post 1"])
        let events = [
            Samples.account(names[0], .purge, version: 2), Samples.post(names[1], version: 2, author: names[1], text: "edited"),
            Samples.delete(names[0], version: 3),
        ]
        #expect(
            sink.deliver(Samples.delivery(claim, from: 2, events)).counts
                == [Outcome(.deleted): 1, Outcome(.edited): 1, Outcome(.superseded): 1])
        #expect(try database.value("SELECT string_agg(text, ',') FROM winnow.posts") == "edited")
    }
}
