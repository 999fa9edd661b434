// `winnow check` as a person runs it, against a real PostgreSQL, a broker and a model: what is wrong is told in one line,
// and none of it holds a password.
import Foundation
import KafkaIngest
import PostgresDelivery
import Testing

@Suite(.serialized) struct CheckCommandTests {
    private struct Answer {
        let code: Int32
        let output: String

        /// The line of one check.
        func line(_ name: String) -> String {
            output.split(separator: "\n").map(String.init).first { $0.dropFirst(7).hasPrefix(name) } ?? ""
        }
    }

    private func check(_ brokers: String, _ url: String, _ arguments: String..., password: String? = nil) async throws -> Answer {
        var environment = [
            "WINNOW_KAFKA_BROKERS": brokers, "WINNOW_KAFKA_TOPICS": "posts", "WINNOW_POSTGRES_URL": url,
            "WINNOW_MODEL_MASK": "rules",
        ]
        environment["PGPASSWORD"] = password
        let process = try WinnowProcess(["check", "--model", WinnowProcess.tinyModel] + arguments, environment: environment)
        defer { try? FileManager.default.removeItem(at: process.log) }
        return Answer(code: try await process.exitCode(within: .seconds(120)), output: process.output)
    }

    @Test(.timeLimit(.minutes(6))) func saysWhatIsWrongWithTheDatabase() async throws {
        let postgres = try TemporaryPostgres()
        defer { postgres.stop() }
        let broker = try DevelopmentBroker(topics: [.init(name: "posts", partitionCount: 3)])
        let brokers = broker.bootstrapServers
        func url(_ role: String, _ database: String = "winnow") -> String {
            "postgresql://\(role)@127.0.0.1:\(postgres.port)/\(database)"
        }
        let owner = try AdministrationSession(url: postgres.url)
        for role in ["guest", "reader", "writer"] { try owner.script("CREATE ROLE \(role) LOGIN") }
        try owner.script("CREATE ROLE locked LOGIN PASSWORD 'open-sesame' IN ROLE writer")

        // Not migrated: fine for who may do it, and the others are told.
        let fresh = try await check(brokers, postgres.url)
        #expect(fresh.code == 0, "\(fresh.output)")
        #expect(fresh.line("postgres").contains("will apply 0001_tables"))
        let guest = try await check(brokers, url("guest"))
        #expect(guest.code == 1 && guest.line("postgres").contains("may not change it; run winnow migrate"), "\(guest.output)")

        _ = try MigrationRunner(options: PostgresOptions(url: postgres.url, consumerGroup: "winnow")).run()
        try owner.script("SELECT winnow.grant_roles('reader', 'writer')")
        for role in ["postgres", "writer"] {
            let good = try await check(brokers, url(role))
            #expect(good.code == 0, "\(good.output)")
            #expect(good.line("postgres").contains("schema up to date"))
            #expect(good.line("kafka").contains("posts with 3 partitions"))
            #expect(good.line("model").contains("tasks"))
        }
        let rightless = try await check(brokers, url("guest"))
        #expect(rightless.code == 1 && rightless.line("postgres").contains("the role lacks a right"), "\(rightless.output)")
        let reader = try await check(brokers, url("reader"))
        #expect(reader.code == 1 && reader.line("postgres").contains("may not write accounts"), "\(reader.output)")
        let missing = try await check(brokers, url("postgres", "nowhere"))
        #expect(missing.code == 1 && missing.line("postgres").contains("does not exist; create it"), "\(missing.output)")
        let stranger = try await check(brokers, url("nobody"))
        #expect(stranger.code == 1 && stranger.line("postgres").contains("does not exist; create it"), "\(stranger.output)")

        try askForThePassword(of: "locked", postgres)
        let opened = try await check(brokers, url("locked"), password: "open-sesame")
        #expect(opened.code == 0, "\(opened.output)")
        let wrong = try await check(brokers, url("locked"), "--print-settings", password: "hunter2")
        #expect(wrong.code == 1 && wrong.line("postgres").contains("password is wrong"), "\(wrong.output)")
        #expect(!wrong.output.contains("hunter2"))
        let inTheURL = try await check(brokers, url("locked:hunter2"), "--json")
        #expect(inTheURL.code == 1 && inTheURL.output.contains("password is wrong"), "\(inTheURL.output)")
        #expect(!inTheURL.output.contains("hunter2") && inTheURL.output.contains("locked:***@"))
        let object = try JSONSerialization.jsonObject(with: Data(inTheURL.output.utf8)) as? [String: Any]
        #expect(object?["ok"] as? Bool == false && (object?["checks"] as? [Any])?.count == 4)
    }

    /// A restart, since a reload takes effect at an unknown time.
    private func askForThePassword(of role: String, _ postgres: TemporaryPostgres) throws {
        let path = postgres.directory + "/data/pg_hba.conf"
        let rules = try String(contentsOfFile: path, encoding: .utf8)
        try "host all \(role) 127.0.0.1/32 scram-sha-256\n\(rules)".write(toFile: path, atomically: false, encoding: .utf8)
        try postgres.restart()
    }

    @Test(.timeLimit(.minutes(2))) func saysWhatIsWrongWithKafkaAndTheRest() async throws {
        let broker = try DevelopmentBroker(topics: [.init(name: "posts", partitionCount: 1)])
        let nobody = "postgresql://127.0.0.1:1/none"
        let answer = try await check(broker.bootstrapServers, nobody, "--topic", "comments,^posts")
        #expect(answer.code == 1)
        #expect(answer.line("kafka").contains("has no topic comments; create it"), "\(answer.output)")
        #expect(answer.line("postgres").contains("nothing listens there"), "\(answer.output)")
        #expect(answer.output.contains("2 of 4 checks failed"))
        let model = try await check(broker.bootstrapServers, nobody, "--model", "/nowhere", "--topic", "^posts")
        #expect(model.line("model").hasPrefix("FAILED") && model.line("model").contains("/nowhere"), "\(model.output)")
        #expect(model.line("kafka").contains("posts with 1 partitions"), "\(model.output)")
    }
}
