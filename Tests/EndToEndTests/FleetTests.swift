// The built binary against a broker and a real PostgreSQL: instances are killed, stopped and woken while the feed runs; in the end
// every record has one outcome and every row is what an oracle says.
import Foundation
import KafkaIngest
import PostgresDelivery
import Testing

@Suite(.serialized, .takingTurns) struct FleetTests {
    private static let records = 6_000
    private static let keys = 900

    /// Versions rise from line to line, so the newest event of a key decides.
    private struct Feed {
        var lines: [String] = []
        /// Key to the text that must stand in the database; nil where it must be gone.
        var expected: [String: String?] = [:]

        init() {
            for number in 0..<FleetTests.records {
                let key = "post-\((number &* 2_654_435_761) % FleetTests.keys)"
                switch number % 50 {
                case 7: lines.append("{\"id\": \"broken\", \"text\": ")
                case 11, 31:
                    lines.append("{\"id\": \"\(key)\", \"version\": \(number), \"gone\": true}")
                    expected[key] = .some(nil)
                default:
                    let text = "post number \(number) says hello from the harbour 🚢 #\(number % 9)"
                    lines.append("{\"id\": \"\(key)\", \"version\": \(number), \"text\": \"\(text)\"}")
                    expected[key] = .some(text)
                }
            }
        }

        func write() throws -> URL {
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("feed-\(UUID().uuidString).jsonl")
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
            return file
        }
    }

    private struct Fleet {
        let brokers: String
        let database: String

        var environment: [String: String] {
            [
                "WINNOW_KAFKA_BROKERS": brokers, "WINNOW_KAFKA_TOPICS": "fleet", "WINNOW_POSTGRES_URL": database,
                "WINNOW_FORMAT": "generic", "WINNOW_GENERIC_VERSION": "version", "WINNOW_GENERIC_DELETED": "gone",
                "WINNOW_KAFKA_SESSION_TIMEOUT": "6s", "WINNOW_LIMITS_DRAIN_DEADLINE": "3s",
                "WINNOW_OPERATIONS_LISTEN": "127.0.0.1:0", "WINNOW_MODEL_MASK": "rules",
                "WINNOW_LIMITS_RECORDS_IN_FLIGHT": "400", "WINNOW_LIMITS_DELIVERY_RECORDS": "100",
            ]
        }

        func start() throws -> WinnowProcess {
            try WinnowProcess(["run", "--model", WinnowProcess.tinyModel], environment: environment)
        }

        func audit() throws -> WinnowProcess { try WinnowProcess(["status", "--audit"], environment: environment) }
    }

    private func delivered(_ session: AdministrationSession) throws -> Int {
        let rows = try session.rows(
            "SELECT coalesce(sum(next_offset - first_offset), 0) FROM winnow.partition_progress")
        return Int(rows.first?.first.flatMap { $0 } ?? "") ?? 0
    }

    @Test(.timeLimit(.minutes(8)))
    func everyRecordHasOneOutcomeWhoeverDies() async throws {
        let postgres = try TemporaryPostgres()
        defer { postgres.stop() }
        let broker = try DevelopmentBroker(topics: [.init(name: "fleet", partitionCount: 6)])
        let fleet = Fleet(brokers: broker.bootstrapServers, database: postgres.url)
        #expect(try await WinnowProcess(["migrate"], environment: fleet.environment).exitCode(within: .seconds(30)) == 0)
        let session = try AdministrationSession(url: postgres.url)
        let feed = Feed()
        let file = try feed.write()
        defer { try? FileManager.default.removeItem(at: file) }
        var first = try fleet.start()
        let second = try fleet.start()
        let producer = try WinnowProcess(
            ["produce", "--brokers", fleet.brokers, "--topic", "fleet", "--rate", "500", "--quiet"], input: file)

        // kill -9 in the middle of the stream; another process takes its place.
        try await waitUntil(within: .seconds(90), "a sixth") { try delivered(session) > Self.records / 6 }
        first.send(SIGKILL)
        _ = try await first.exitCode(within: .seconds(5))
        first = try fleet.start()
        // The other one is stopped for longer than its session: its partitions move, and it wakes as a zombie.
        try await waitUntil(within: .seconds(90), "a third") { try delivered(session) > Self.records / 3 }
        second.send(SIGSTOP)
        try await waitUntil(within: .seconds(120), "the takeover") {
            first.output.components(separatedBy: ": claimed at offset").count > 6
        }
        second.send(SIGCONT)
        // A database that goes away and comes back costs nothing but time.
        try postgres.restart()
        let third = try fleet.start()
        #expect(try await producer.exitCode(within: .seconds(120)) == 0)
        let after = try AdministrationSession(url: postgres.url)
        try await waitUntil(within: .seconds(180), "the last record") { try delivered(after) >= Self.records }

        for process in [first, second, third] { process.send(SIGTERM) }
        for process in [first, second, third] {
            #expect(try await process.exitCode(within: .seconds(30)) == 0, "\(process.output.suffix(2_000))")
        }
        let audit = try fleet.audit()
        #expect(try await audit.exitCode(within: .seconds(60)) == 0, "\(audit.output)")
        try check(feed, after)
        // Post text never reaches a log.
        for process in [first, second, third, audit] { #expect(!process.output.contains("harbour")) }
    }

    private func check(_ feed: Feed, _ session: AdministrationSession) throws {
        #expect(try delivered(session) == Self.records)
        let outcomes = try session.rows("SELECT coalesce(sum(count), 0) FROM winnow.partition_outcomes")
        #expect(outcomes.first?.first == String(Self.records))
        var found: [String: String] = [:]
        for row in try session.rows("SELECT key, text FROM winnow.posts") {
            if let key = row[0], let text = row[1] { found[key] = text }
        }
        for (key, text) in feed.expected { #expect(found[key] == text, "\(key)") }
        #expect(found.count == feed.expected.values.filter { $0 != nil }.count)
        let dead = try session.rows("SELECT count(*), count(DISTINCT (source_partition, source_offset)) FROM winnow.dead_letters")
        #expect(dead.first?.compactMap { $0 } == ["120", "120"])
    }

    @Test(.timeLimit(.minutes(2)))
    func stuckBrokerAndDatabaseCannotHangTheExit() async throws {
        let postgres = try TemporaryPostgres()
        defer { postgres.stop() }
        let broker = try DevelopmentBroker(topics: [.init(name: "fleet", partitionCount: 2)])
        let fleet = Fleet(brokers: broker.bootstrapServers, database: postgres.url)
        let process = try fleet.start()
        try await waitUntil(within: .seconds(40), "the claims") {
            process.output.components(separatedBy: ": claimed at offset").count > 2
        }
        broker.setDown()
        try postgres.crash()
        process.send(SIGTERM)
        #expect(try await process.exitCode(within: .seconds(25)) == 0, "\(process.output.suffix(2_000))")
        #expect(process.output.contains("left to the next owner"))
    }

    /// Records are in flight and cannot be delivered: the first signal waits for them, the second does not.
    @Test(.timeLimit(.minutes(4)))
    func secondSignalCutsADrainShort() async throws {
        let postgres = try TemporaryPostgres()
        defer { postgres.stop() }
        let broker = try DevelopmentBroker(topics: [.init(name: "fleet", partitionCount: 1)])
        var environment = Fleet(brokers: broker.bootstrapServers, database: postgres.url).environment
        // The drain alone would take longer than this test waits for the end.
        environment["WINNOW_KAFKA_SESSION_TIMEOUT"] = "200s"
        environment["WINNOW_LIMITS_DRAIN_DEADLINE"] = "150s"
        environment["WINNOW_STOP_DEADLINE"] = "150s"
        let process = try WinnowProcess(["run", "--model", WinnowProcess.tinyModel], environment: environment)
        try await waitUntil(within: .seconds(90), "the claim") { process.output.contains(": claimed at offset") }
        try postgres.crash()
        let producer = try KafkaProducer(brokers: broker.bootstrapServers)
        for number in 0..<20 {
            try producer.send(topic: "fleet", partition: 0, value: Array("{\"id\": \"\(number)\", \"text\": \"harbour\"}".utf8))
        }
        #expect(producer.flush(within: .seconds(60)))
        try await waitUntil(within: .seconds(60), "a delivery that fails") { process.output.contains("delivery 0 waits") }
        process.send(SIGTERM)
        try await waitUntil(within: .seconds(30), "the first signal") { process.output.contains("stopping: finishing") }
        #expect(process.isRunning)
        process.send(SIGTERM)
        #expect(try await process.exitCode(within: .seconds(30)) == 130, "\(process.output.suffix(2_000))")
        #expect(process.output.contains("ended at once"))
    }

    @Test(.timeLimit(.minutes(1)))
    func secondSignalEndsAtOnce() async throws {
        // Nobody listens on these ports: the run waits for both.
        let process = try WinnowProcess(
            ["run", "--model", WinnowProcess.tinyModel],
            environment: Fleet(brokers: "127.0.0.1:1", database: "postgresql://127.0.0.1:1/none").environment)
        try await waitUntil(within: .seconds(20), "the start") { process.output.contains("mask rules") }
        process.send(SIGTERM)
        try await waitUntil(within: .seconds(10), "the first signal") { process.output.contains("stopping") || !process.isRunning }
        process.send(SIGTERM)
        #expect([0, 130].contains(try await process.exitCode(within: .seconds(10))))
    }
}
