// Dead letters and replays as a person works with them: the built binary against a broker and a real PostgreSQL, with a
// stream that runs beside.
import Foundation
import KafkaIngest
import PostgresDelivery
import Testing

@Suite(.serialized) struct ReplayCommandTests {
    private struct Place {
        let postgres: TemporaryPostgres
        let broker: DevelopmentBroker
        let session: AdministrationSession
        var environment: [String: String]

        init() throws {
            postgres = try TemporaryPostgres(settings: ["fsync = off"])
            broker = try DevelopmentBroker(topics: [.init(name: "feed", partitionCount: 2)])
            session = try AdministrationSession(url: postgres.url)
            environment = [
                "WINNOW_KAFKA_BROKERS": broker.bootstrapServers, "WINNOW_KAFKA_TOPICS": "feed",
                "WINNOW_POSTGRES_URL": postgres.url, "WINNOW_FORMAT": "generic", "WINNOW_GENERIC_VERSION": "version",
                "WINNOW_GENERIC_DELETED": "gone", "WINNOW_OPERATIONS_LISTEN": "127.0.0.1:0", "WINNOW_MODEL_MASK": "rules",
                "WINNOW_MODEL_PATH": WinnowProcess.tinyModel,
            ]
        }

        func start(_ arguments: String..., setting: [String: String] = [:]) throws -> WinnowProcess {
            try WinnowProcess(arguments, environment: environment.merging(setting) { $1 })
        }

        /// Runs to the end; answers with exit code and output.
        func run(_ arguments: String..., setting: [String: String] = [:]) async throws -> (code: Int32, output: String) {
            let process = try WinnowProcess(arguments, environment: environment.merging(setting) { $1 })
            let code = try await process.exitCode(within: .seconds(120))
            return (code, process.output)
        }

        func produce(_ lines: [String]) async throws {
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("feed-\(UUID().uuidString).jsonl")
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let producer = try WinnowProcess(
                ["produce", "--brokers", broker.bootstrapServers, "--topic", "feed", "--quiet"], input: file)
            #expect(try await producer.exitCode(within: .seconds(120)) == 0)
        }

        func value(_ sql: String) throws -> String? { try session.rows(sql).first?.first ?? nil }

        /// Runs the stream until it has taken so many records, and leaves it running.
        func streamUntil(_ records: Int) async throws -> WinnowProcess {
            let stream = try start("run")
            try await waitUntil(within: .seconds(120), "\(records) records") {
                try value("SELECT sum(next_offset - first_offset) FROM winnow.partition_progress") == String(records)
            }
            return stream
        }

        func end(_ stream: WinnowProcess) async throws {
            stream.send(SIGTERM)
            #expect(try await stream.exitCode(within: .seconds(90)) == 0)
        }

        /// The group's offsets in Kafka and in the database, and the number of claims.
        func groupPosition() throws -> String {
            try value("SELECT string_agg(partition || ':' || next_offset || ':' || claim_counter, ',' ORDER BY partition) "
                + "FROM winnow.partition_progress") ?? ""
        }
    }

    private static func lines(_ range: Range<Int>, field: String = "text") -> [String] {
        range.map { number in
            "{\"id\": \"post-\(number)\", \"version\": 1, \"\(field)\": \"the ferry number \(number) leaves the harbour 🚢\"}"
        }
    }

    /// The tiny model under another version: the same weights, another identity.
    private static func secondModel() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tiny-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: URL(fileURLWithPath: WinnowProcess.tinyModel), to: folder)
        let file = folder.appendingPathComponent("config.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(text.replacing("\"version\": \"1\"", with: "\"version\": \"2\"").utf8).write(to: file)
        return folder
    }

    @Test(.timeLimit(.minutes(8)))
    func deadLettersAreTakenInAgainWithTheRightSettings() async throws {
        let place = try Place()
        defer { place.postgres.stop() }
        #expect(try await place.run("migrate").code == 0)
        // Half of the feed has its text in a field that the settings do not name yet.
        try await place.produce(Self.lines(0..<20) + Self.lines(20..<40, field: "message") + ["{\"id\": \"broken\", "])
        let stream = try await place.streamUntil(41)
        let list = try await place.run("deadletters", "list", "--limit", "3")
        #expect(list.code == 0 && list.output.contains("21 dead letters: 20 missing_text, 1 malformed_json."), "\(list.output)")
        #expect(list.output.contains("The first 3 are shown") && !list.output.contains("harbour"))
        let shown = try await place.run("deadletters", "show", "1")
        #expect(shown.code == 0 && shown.output.contains("not shown") && !shown.output.contains("harbour"))
        let raw = try await place.run("deadletters", "show", "1", "--raw")
        #expect(raw.code == 0 && raw.output.hasPrefix("{\"id\":") && raw.output.contains("harbour"))
        #expect(try await place.run("deadletters", "purge").code == 2)

        let right = ["WINNOW_GENERIC_TEXT": "message"]
        let dry = try await place.run("deadletters", "redrive", "--dry-run", "--json", setting: right)
        #expect(dry.code == 0 && dry.output.contains("\"dead(malformed_json)\":1,\"post\":20"), "\(dry.output)")
        #expect(try place.value("SELECT count(*) FROM winnow.dead_letters") == "21")
        let redriven = try await place.run("deadletters", "redrive", "--batch", "6", setting: right)
        #expect(redriven.code == 0 && redriven.output.contains("20 dead letters were taken in, 1 stay."), "\(redriven.output)")
        #expect(try place.value("SELECT count(*) FROM winnow.posts") == "40")
        #expect(try place.value("SELECT string_agg(reason || redrive_count, ',') FROM winnow.dead_letters") == "malformed_json1")
        // The stream that ran beside goes on, and the books balance.
        try await place.produce(Self.lines(40..<44))
        try await waitUntil(within: .seconds(90), "the last posts") { try place.value("SELECT count(*) FROM winnow.posts") == "44" }
        let purged = try await place.run("deadletters", "purge", "--reason", "malformed_json", "--json")
        #expect(purged.code == 0 && purged.output.contains("\"purged\":1"))
        try await place.end(stream)
        let audit = try await place.run("status", "--audit", "--no-broker")
        #expect(audit.code == 0, "\(audit.output)")
    }

    @Test(.timeLimit(.minutes(8)))
    func aReplayThatIsKilledGoesOnAndDisturbsNobody() async throws {
        let place = try Place()
        defer { place.postgres.stop() }
        #expect(try await place.run("migrate").code == 0)
        try await place.produce(Self.lines(0..<120))
        let stream = try await place.streamUntil(120)
        let model = try Self.secondModel()
        defer { try? FileManager.default.removeItem(at: model) }
        let before = try place.groupPosition()
        let arguments = ["replay", "--source", "database", "--beside", "--model", model.path]

        // Killed in the middle, then broken off in good order, then to its end.
        let first = try WinnowProcess(arguments + ["--rate", "5"], environment: place.environment)
        try await waitUntil(within: .seconds(90), "the first rows") {
            try (Int(place.value("SELECT count(*) FROM winnow.enrichments") ?? "") ?? 0) > 0
        }
        first.send(SIGKILL)
        _ = try await first.exitCode(within: .seconds(5))
        let second = try WinnowProcess(arguments + ["--rate", "5"], environment: place.environment)
        try await waitUntil(within: .seconds(90), "the second start") { second.output.contains("goes on") }
        second.send(SIGTERM)
        #expect(try await second.exitCode(within: .seconds(90)) == 130, "\(second.output)")
        #expect(second.output.contains("winnow replay --resume 1"))
        // Deletes of the stream in the meantime win.
        try await place.produce(["{\"id\": \"post-3\", \"version\": 2, \"gone\": true}"])
        try await waitUntil(within: .seconds(90), "the delete") { try place.value("SELECT count(*) FROM winnow.posts") == "119" }
        let last = try await place.run("replay", "--resume", "1", "--model", model.path, "--json")
        #expect(last.code == 0 && last.output.contains("\"finished\":true"), "\(last.output)")
        #expect(try place.value("SELECT count(*) FROM winnow.enrichments") == "119")
        #expect(try place.value("SELECT count(*) FROM winnow.enrichments WHERE sentiment IS NOT NULL OR topic IS NOT NULL") != nil)
        // The same weights: the two models agree everywhere, and a whole replay gives the same rows.
        let rows = "SELECT md5(string_agg((post_id, sentiment, sentiment_scores, topic_scores, entities)::text, ',' ORDER BY post_id)) "
            + "FROM winnow.enrichments"
        let inPieces = try place.value(rows)
        #expect(try place.value("SELECT count(*) FROM winnow.model_disagreements WHERE label <> other_label") == "0")
        #expect(try await place.run("replay", "--source", "database", "--beside", "--model", model.path, "--quiet").code == 0)
        #expect(try place.value(rows) == inPieces)

        let fromKafka = try await place.run(
            "replay", "--source", "kafka", "--adopt", "--from", "10", "--to", "1000", "--model", model.path, "--json")
        #expect(fromKafka.code == 0, "\(fromKafka.output)")
        #expect(
            try place.value("SELECT count(*) FROM winnow.visible_posts WHERE model LIKE 'tiny-2+%'")
                == place.value("SELECT count FROM winnow.replay_outcomes WHERE replay_id = 3 AND outcome = 'adopted'"))
        #expect(try place.value("SELECT done = total AND finished_at IS NOT NULL FROM winnow.replays WHERE replay_id = 3") == "t")
        #expect(
            try place.value("SELECT sum(count) = (SELECT done FROM winnow.replays WHERE replay_id = 3) FROM winnow.replay_outcomes "
                + "WHERE replay_id = 3") == "t")
        // The delete moved one partition by one; nothing else moved, and nobody claimed anew.
        let moved = try place.value("SELECT sum(next_offset) FROM winnow.partition_progress")
        #expect(moved == "121")
        #expect(try place.value("SELECT max(claim_counter) FROM winnow.partition_progress") == "1", "\(before)")
        #expect(!stream.output.contains("asked back") && !stream.output.contains("fenced"))
        try await place.end(stream)
        let audit = try await place.run("status", "--audit", "--no-broker")
        #expect(audit.code == 0, "\(audit.output)")
        for output in [second.output, last.output, fromKafka.output, stream.output] { #expect(!output.contains("ferry")) }
    }

    @Test(.timeLimit(.minutes(3)))
    func wrongUsageIsToldInOneSentence() async throws {
        for (arguments, sentence) in [
            (["replay", "--beside"], "Say where the texts come from"),
            (["replay", "--source", "database"], "Say where the results go"),
            (["replay", "--source", "database", "--beside", "--from", "7"], "need --source kafka"),
            (["replay", "--source", "kafka", "--adopt", "--language", "en"], "need --source database"),
            (["replay", "--source", "database", "--beside", "--rate", "0"], "--rate takes a number above 0"),
            (["deadletters", "show", "1", "--raw", "--json"], "exclude each other"),
        ] {
            let process = try WinnowProcess(arguments)
            #expect(try await process.exitCode(within: .seconds(60)) == 2, "\(arguments)")
            #expect(process.output.contains(sentence), "\(process.output)")
        }
    }
}
