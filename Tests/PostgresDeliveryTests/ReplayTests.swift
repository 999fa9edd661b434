// Results of another model: beside the live ones or in their place, never over a delete or an edit, and once for each
// post however often the replay is broken off.
import Foundation
import PostgresDelivery
import Posts
import StreamCore
import Testing

@Suite struct ReplayTests {
    static let other = ModelVersion(name: "other", version: "2", weightsHash: "ba9876543210")

    static func result(_ sentiment: String = "negative", entities: Int = 2) -> Enrichment {
        Enrichment(
            language: nil,
            sentiment: Classification(
                label: sentiment,
                scores: [LabelScore(label: "negative", score: 0.75), LabelScore(label: "neutral", score: 0.25)]),
            topic: nil,
            entities: (0..<entities).map { index in
                EntityMention(
                    type: "EVENT", text: "Friday \"\\", span: CodePointSpan(start: index, length: 6), score: 0.25)
            },
            mask: MaskSummary(keptShare: 0.5, dropped: []), model: other)
    }

    /// Three posts at offsets 0 to 2 of partition 0, and a replay of them that has not begun.
    struct Stage {
        let database = try? TestDatabase()
        let claims: [PartitionClaim]
        let replay: Replay

        init(_ mode: ReplayMode, posts: Int = 3, selection: ReplaySelection = ReplaySelection()) throws {
            let database = try #require(database)
            let sink = database.sink()
            claims = [try Samples.claim(0, by: sink), try Samples.claim(1, by: sink)]
            let contents = (0..<posts).map { Samples.post("k\($0)", version: 1, text: "text \($0)") }
            #expect(sink.deliver(Samples.delivery(claims[0], from: 0, contents)).counts != nil)
            let ledger = try ReplayLedger(database.options())
            let extent = try ledger.extent(of: selection)
            replay = try ledger.begin(
                source: .database, mode: mode, model: ReplayTests.other, selection: selection, total: extent.posts,
                endPost: extent.endPost, spans: [])
        }

        func get() throws -> TestDatabase { try #require(database) }

        func page(_ replay: Replay, limit: Int = 100) throws -> [StoredPost] {
            try StoredPostReader(get().options()).page(of: replay, limit: limit)
        }

        func batch(_ posts: [StoredPost]) -> ReplayBatch {
            var batch = ReplayBatch()
            batch.results = posts.map { (post: $0, enrichment: ReplayTests.result()) }
            batch.nextPost = posts.last?.identifier
            return batch
        }
    }

    private static func counts(_ result: ReplayWrite) -> [ReplayOutcome: Int64]? {
        guard case .written(let counts) = result else { return nil }
        return counts
    }

    @Test func besideLeavesTheLiveResultsAlone() throws {
        let stage = try Stage(.beside)
        let database = try stage.get()
        let posts = try stage.page(stage.replay)
        #expect(posts.map(\.text) == ["text 0", "text 1", "text 2"])
        let written = try ReplayWriter(database.options()).write(stage.batch(posts), of: stage.replay)
        #expect(Self.counts(written) == [.written: 3])
        #expect(try database.value("SELECT count(DISTINCT model_id) FROM winnow.posts") == "1")
        #expect(try database.value("SELECT count(*) FROM winnow.entities") == "3")
        let row = try database.session().rows(
            """
            SELECT e.sentiment, e.topic, e.sentiment_scores, e.topic_scores, e.kept_share, jsonb_array_length(e.entities),
                   e.entities->1->>'name', e.entities->1->>'start', m.name, array_to_string(m.sentiment_labels, ',')
            FROM winnow.enrichments AS e JOIN winnow.model_versions AS m USING (model_id) LIMIT 1
            """)
        #expect(
            row.first == ["negative", nil, "{0.75,0.25}", nil, "0.5", "2", "Friday \"\\", "1", "other", "negative,neutral"])
        let matrix = try database.session().rows(
            "SELECT task, model, other_model, label, other_label, posts, share FROM winnow.model_disagreements ORDER BY 1")
        let models: [String?] = ["\(Samples.model)", "\(Self.other)"]
        // The other model has no topics: no opinion is no disagreement.
        #expect(matrix == [["sentiment"] + models + ["neutral", "negative", "3", "1.0000"]])
        #expect(try StatusAudit.findings(database.options()).isEmpty)
        // An edit and a delete take the other model's result along.
        let sink = database.sink()
        let later = [Samples.post("k0", version: 2), Samples.delete("k1", version: 2)]
        #expect(sink.deliver(Samples.delivery(stage.claims[0], from: 3, later)).counts != nil)
        #expect(try database.value("SELECT count(*) FROM winnow.enrichments") == "1")
        #expect(try StatusAudit.findings(database.options()).isEmpty)
    }

    @Test func adoptReplacesTheLiveResults() throws {
        let stage = try Stage(.adopt)
        let database = try stage.get()
        let before = try database.session().rows("SELECT post_id, text, source_offset, received_at FROM winnow.posts ORDER BY 1")
        let written = try ReplayWriter(database.options()).write(stage.batch(stage.page(stage.replay)), of: stage.replay)
        #expect(Self.counts(written) == [.adopted: 3])
        #expect(
            try database.session().rows(
                "SELECT DISTINCT model, sentiment, topic, sentiment_scores, topic_scores, dropped, kept_share FROM winnow.visible_posts")
                == [["\(Self.other)", "negative", nil, "{0.75,0.25}", nil, "{}", "0.5"]])
        #expect(
            try database.session().rows("SELECT type, name, count(*) FROM winnow.entities GROUP BY 1, 2")
                == [["EVENT", "Friday \"\\", "6"]])
        #expect(try database.session().rows("SELECT post_id, text, source_offset, received_at FROM winnow.posts ORDER BY 1") == before)
        #expect(try StatusAudit.findings(database.options()).isEmpty)
        // What is of the model already needs no second reading.
        let again = try ReplayLedger(database.options()).begin(
            source: .database, mode: .adopt, model: Self.other, selection: ReplaySelection(), total: 3,
            endPost: stage.replay.endPost, spans: [])
        #expect(try stage.page(again).allSatisfy(\.isOfSameModel))
    }

    @Test func whatHappenedSinceTheReadingWins() throws {
        for mode in ReplayMode.allCases {
            let stage = try Stage(mode)
            let database = try stage.get()
            let posts = try stage.page(stage.replay)
            let later = [Samples.post("k0", version: 2, text: "edited"), Samples.delete("k1", version: 2)]
            #expect(database.sink().deliver(Samples.delivery(stage.claims[0], from: 3, later)).counts != nil)
            let written = try ReplayWriter(database.options()).write(stage.batch(posts), of: stage.replay)
            #expect(Self.counts(written) == [.changed: 1, .gone: 1, mode == .adopt ? .adopted : .written: 1])
            #expect(
                try database.value("SELECT string_agg(text || ' ' || sentiment, ',' ORDER BY key) FROM winnow.posts")
                    == "edited neutral,text 2 \(mode == .adopt ? "negative" : "neutral")")
            #expect(try database.value("SELECT count(*) FROM winnow.enrichments") == (mode == .adopt ? "0" : "1"))
            #expect(try StatusAudit.findings(database.options()).isEmpty)
        }
    }

    @Test func aBatchIsWrittenOnce() throws {
        let stage = try Stage(.beside)
        let database = try stage.get()
        let writer = ReplayWriter(database.options())
        let batch = stage.batch(try stage.page(stage.replay, limit: 2))
        #expect(Self.counts(try writer.write(batch, of: stage.replay)) == [.written: 2])
        // As after a connection that broke with the commit, or from a second process.
        guard case .fenced = try writer.write(batch, of: stage.replay) else { throw UnexpectedResult() }
        let ledger = try ReplayLedger(database.options())
        let known = try ledger.findUnfinished(
            source: .database, mode: .beside, model: Self.other, selection: ReplaySelection())
        let resumed = try #require(known)
        #expect(resumed.identifier == stage.replay.identifier && resumed.done == 2)
        #expect(try stage.page(resumed).map(\.text) == ["text 2"])
        #expect(Self.counts(try writer.write(stage.batch(stage.page(resumed)), of: resumed)) == [.written: 1])
        let last = try #require(try ledger.find(resumed.identifier))
        #expect(try stage.page(last).isEmpty)
        try ledger.finish(last)
        #expect(try ledger.outcomes(last) == ["written": 3])
        #expect(try ledger.find(last.identifier)?.isFinished == true)
        #expect(
            try ledger.findUnfinished(source: .database, mode: .beside, model: Self.other, selection: ReplaySelection())
                == nil)
    }

    @Test func selectionsNarrowTheRange() throws {
        let stage = try Stage(.beside)
        let database = try stage.get()
        let ledger = try ReplayLedger(database.options())
        func posts(_ change: (inout ReplaySelection) -> Void) throws -> Int64 {
            var selection = ReplaySelection()
            change(&selection)
            #expect(ReplaySelection(text: selection.text) == selection)
            return try ledger.extent(of: selection).posts
        }
        #expect(try posts { _ in } == 3)
        #expect(try posts { $0.topicLabel = "news" } == 3)
        #expect(try posts { $0.topicLabel = "sports" } == 0)
        #expect(try posts { ($0.language, $0.platform) = ("en", "test") } == 3)
        #expect(try posts { $0.language = "de" } == 0)
        #expect(try posts { $0.writtenBy = "\(Samples.model)" } == 3)
        #expect(try posts { $0.writtenBy = "\(Self.other)" } == 0)
        #expect(try posts { $0.fromTime = Samples.noon.microseconds } == 3)
        #expect(try posts { $0.toTime = Samples.noon.microseconds } == 0)
    }

    @Test func kafkaPositionsMoveWithTheRows() throws {
        let stage = try Stage(.beside)
        let database = try stage.get()
        let ledger = try ReplayLedger(database.options())
        let span = Replay.Span(topicPartition: Samples.partition(0), nextOffset: 0, endOffset: 10)
        let replay = try ledger.begin(
            source: .kafka, mode: .beside, model: Self.other, selection: ReplaySelection(), total: 10, endPost: 0,
            spans: [span])
        let keys = ["k0", "k9"].map { PostKey(platform: "test", key: $0) }
        #expect(database.sink().deliver(Samples.delivery(stage.claims[0], from: 3, [Samples.delete("k1", version: 3)])).counts != nil)
        let found = try StoredPostReader(database.options()).stored(
            keys + [PostKey(platform: "test", key: "k1")], model: replay.model)
        #expect(found.count == 2 && found[keys[0]]??.version == EventVersion(number: 1))
        guard case .some(.none) = found[PostKey(platform: "test", key: "k1")] else { throw UnexpectedResult() }
        let post = try #require(found[keys[0]] ?? nil)
        var batch = stage.batch([post])
        batch.nextPost = nil
        batch.decided = [.absent: 1, .gone: 1, .gap: 3]
        batch.nextOffsets = [Samples.partition(0): 6]
        #expect(
            Self.counts(try ReplayWriter(database.options()).write(batch, of: replay))
                == [.written: 1, .absent: 1, .gone: 1, .gap: 3])
        let after = try #require(try ledger.find(replay.identifier))
        #expect(after.done == 6 && after.spans.map(\.nextOffset) == [6])
        #expect(try ledger.outcomes(after).values.reduce(0, +) == 6)
    }

    @Test func rolesMayReplayAndCompare() throws {
        let database = try TestDatabase()
        let session = try database.session()
        let (reader, writer) = ("\(database.name)_reader", "\(database.name)_writer")
        try session.script(
            """
            CREATE ROLE \(reader); CREATE ROLE \(writer);
            SELECT winnow.grant_roles('\(reader)', '\(writer)'), winnow.grant_replays('\(reader)', '\(writer)');
            SET ROLE \(reader); SELECT FROM winnow.replays; SELECT FROM winnow.model_disagreements; RESET ROLE;
            SET ROLE \(writer); INSERT INTO winnow.replays (total, source, mode, model, selection) VALUES (0, '', '', '', '');
            SELECT winnow.expire_dead_letters(now()); RESET ROLE
            """)
        try session.script("SET ROLE \(reader)")
        let failure = #expect(throws: DatabaseFailure.self) { try session.script("DELETE FROM winnow.replays") }
        #expect(failure?.sqlState == "42501")
    }
}
