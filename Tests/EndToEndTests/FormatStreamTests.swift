// The feeds of every platform through the built binary: `winnow produce` cuts what collectors write into records, `winnow run`
// reads them from the broker into PostgreSQL. Rows, threads, tombstones, accounts, dead letters and counts are compared.
import Foundation
import KafkaIngest
import PostgresDelivery
import Testing

@Suite(.serialized, .takingTurns) struct FormatStreamTests {
    /// One server and one broker; each feed has a topic and a database of its own.
    private struct Place {
        let postgres: TemporaryPostgres
        let broker: DevelopmentBroker

        init(topics: [String]) throws {
            postgres = try TemporaryPostgres(settings: ["fsync = off"])
            broker = try DevelopmentBroker(topics: topics.map { .init(name: $0, partitionCount: 1) })
        }

        /// Sends `input` to a topic and streams it into a new database until every record has come to something.
        func stream(_ input: Data, topic: String, format: String, records: Int) async throws -> AdministrationSession {
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("feed-\(UUID().uuidString)")
            try input.write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let producer = try WinnowProcess(
                ["produce", "--brokers", broker.bootstrapServers, "--topic", topic, "--quiet"], input: file)
            #expect(try await producer.exitCode(within: .seconds(60)) == 0, "\(producer.output)")
            #expect(producer.output.contains(" \(records) acknowledged"), "\(producer.output)")

            let database = "feed_\(topic)"
            try AdministrationSession(url: postgres.url).script("CREATE DATABASE \(database)")
            let url = postgres.url.replacing("/winnow", with: "/\(database)")
            // A group each: the development broker lets nobody in for most of a session timeout after the last member has left.
            let group = "feed-\(topic)"
            let environment = [
                "WINNOW_KAFKA_GROUP": group, "WINNOW_KAFKA_BROKERS": broker.bootstrapServers, "WINNOW_KAFKA_TOPICS": topic,
                "WINNOW_POSTGRES_URL": url, "WINNOW_FORMAT": format, "WINNOW_MASTODON_INSTANCE": "home.example",
                "WINNOW_OPERATIONS_LISTEN": "127.0.0.1:0", "WINNOW_MODEL_MASK": "rules", "WINNOW_MODEL_PATH": WinnowProcess.tinyModel,
                "WINNOW_LIMITS_DRAIN_DEADLINE": "3s",
            ]
            #expect(try await WinnowProcess(["migrate"], environment: environment).exitCode(within: .seconds(60)) == 0)
            let session = try AdministrationSession(url: url)
            let process = try WinnowProcess(["run"], environment: environment)
            try await waitUntil(within: .seconds(120), "\(records) records of \(topic)") {
                let rows = try session.rows(
                    "SELECT coalesce(sum(next_offset - first_offset), 0)::bigint FROM winnow.partition_progress")
                return rows == [[String(records)]] || !process.isRunning
            }
            process.send(SIGTERM)
            #expect(try await process.exitCode(within: .seconds(60)) == 0, "\(process.output.suffix(2_000))")
            #expect(try StatusAudit.findings(PostgresOptions(url: url, consumerGroup: group)).isEmpty)
            return session
        }
    }

    private func lines(_ session: AdministrationSession, _ sql: String) throws -> [String] {
        try session.rows(sql).map { row in row.map { $0 ?? "-" }.joined(separator: " ") }
    }

    private func outcomes(_ session: AdministrationSession) throws -> [String: Int] {
        let rows = try session.rows("SELECT outcome || ' ' || reason, sum(count)::bigint FROM winnow.partition_outcomes GROUP BY 1")
        return Dictionary(rows.map { ($0[0] ?? "", Int($0[1] ?? "") ?? -1) }, uniquingKeysWith: +)
    }

    @Test(.timeLimit(.minutes(10)))
    func everyFormatArrives() async throws {
        let place = try Place(topics: FormatFeed.all.map(\.format))
        defer { place.postgres.stop() }
        for feed in FormatFeed.all {
            let session = try await place.stream(
                Data(feed.input.utf8), topic: feed.format, format: feed.format, records: feed.outcomes.values.reduce(0, +))
            #expect(try outcomes(session) == feed.outcomes, "\(feed.format)")
            let rows = try session.rows(
                "SELECT key, author, text, reply_to, reply_root, repost_of, quote_of FROM winnow.posts ORDER BY key COLLATE \"C\"")
            let expected = feed.rows.map { [$0.key, $0.author, $0.text, $0.replyTo, $0.replyRoot, $0.repostOf, $0.quoteOf] }
            #expect(rows == expected, "\(feed.format)")
            let tombstones = try lines(session, "SELECT key FROM winnow.post_keys WHERE state = 'deleted' ORDER BY 1")
            #expect(tombstones == feed.tombstones, "\(feed.format)")
            let hidden = try lines(
                session,
                "SELECT key FROM winnow.posts AS p WHERE NOT EXISTS (SELECT FROM winnow.visible_posts AS v WHERE v.key = p.key) ORDER BY 1")
            #expect(hidden == feed.hidden, "\(feed.format)")
            #expect(try lines(session, "SELECT account, state FROM winnow.accounts ORDER BY 1") == feed.accounts, "\(feed.format)")
            let letters = try lines(session, "SELECT reason, key FROM winnow.dead_letters ORDER BY 1, 2")
            #expect(letters == feed.letters, "\(feed.format)")
            let strangers = try lines(
                session,
                """
                SELECT count(*) FROM winnow.entities AS e LEFT JOIN winnow.posts AS p USING (post_id, partition_time)
                WHERE p.post_id IS NULL OR substr(p.text, e.start + 1, e.length) <> e.name
                """)
            #expect(strangers == ["0"], "\(feed.format)")
        }
    }

    /// Recorded documents of the real platforms, where this machine has them.
    private struct Recording {
        let file: String
        let format: String
        let posts: Int
        let deletes: Int
        /// A restored account counts as edited.
        var accountEvents = 0
        /// `outcome reason`, of what is neither.
        let others: [String: Int]
        var topic: String { file.prefix { $0 != "." }.description }
    }

    private static let recordings = [
        Recording(file: "x_v2_filtered_stream.jsonl", format: "x2", posts: 7, deletes: 0, others: ["dead malformed_json": 1]),
        Recording(file: "x_v2_tweet_pages.jsonl", format: "x2", posts: 13, deletes: 0, others: [:]),
        Recording(file: "x_v2_compliance.jsonl", format: "x2", posts: 0, deletes: 4, others: [:]),
        Recording(file: "x_v1_1_statuses.jsonl", format: "x1", posts: 60, deletes: 0, others: [:]),
        Recording(file: "x_v1_1_stream.jsonl", format: "x1", posts: 3, deletes: 1, others: ["skipped other_event": 4]),
        Recording(file: "x_v1_1_notices.jsonl", format: "x1", posts: 0, deletes: 2, others: ["skipped limit_notice": 1]),
        Recording(
            file: "mastodon_stream.sse.txt", format: "mastodon", posts: 13, deletes: 6, others: ["skipped other_event": 7]),
        Recording(file: "reddit_listing_children.jsonl", format: "reddit", posts: 40, deletes: 0, others: [:]),
        Recording(
            file: "bluesky_jetstream_events.jsonl", format: "jetstream", posts: 17, deletes: 1, accountEvents: 1,
            others: ["skipped other_event": 1, "skipped other_collection": 132]),
    ]

    @Test(.timeLimit(.minutes(10)))
    func recordedDocumentsAreAccountedFor() async throws {
        guard let folder = ProcessInfo.processInfo.environment["WINNOW_SHARED_DATA"] else {
            print("SKIPPED recordedDocumentsAreAccountedFor: no data sets; set WINNOW_SHARED_DATA to their folder")
            return
        }
        let place = try Place(topics: Self.recordings.map(\.topic))
        defer { place.postgres.stop() }
        for recording in Self.recordings {
            let data = try Data(contentsOf: URL(fileURLWithPath: folder).appendingPathComponent("wire/\(recording.file)"))
            let count = recording.posts + recording.deletes + recording.accountEvents + recording.others.values.reduce(0, +)
            let session = try await place.stream(data, topic: recording.topic, format: recording.format, records: count)
            var found = try outcomes(session)
            let written = ["inserted ", "edited ", "superseded ", "deleted "].map { found.removeValue(forKey: $0) ?? 0 }
            #expect(found == recording.others, "\(recording.file)")
            #expect(written.reduce(0, +) == recording.posts + recording.deletes + recording.accountEvents, "\(recording.file)")
            if recording.deletes == 0 { #expect(written[0] + written[1] + written[2] == recording.posts) }
            let keys = try lines(session, "SELECT state, count(*) FROM winnow.post_keys GROUP BY 1 ORDER BY 1")
            print("\(recording.file): \(count) records; \(written), \(found); keys \(keys)")
        }
    }
}
