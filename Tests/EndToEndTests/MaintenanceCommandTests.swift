// `winnow run` looks after the tables by itself, and `winnow maintain` does it when asked.
import Foundation
import KafkaIngest
import PostgresDelivery
import Testing

@Suite(.serialized) struct MaintenanceCommandTests {
    /// Drops the partition that is farthest ahead; answers with its name.
    private func dropOne(_ session: AdministrationSession) throws -> String {
        let rows = try session.rows(
            """
            SELECT c.oid::regclass FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'winnow.enrichments'::regclass ORDER BY c.relname DESC LIMIT 1
            """)
        let name = try #require(rows.first?.first ?? nil)
        try session.script("DROP TABLE \(name)")
        return name
    }

    private func exists(_ name: String, _ session: AdministrationSession) throws -> Bool {
        try session.rows("SELECT to_regclass($1) IS NOT NULL", [name]).first?.first == "t"
    }

    @Test(.timeLimit(.minutes(3)))
    func runAndMaintainMakeWhatIsMissing() async throws {
        let postgres = try TemporaryPostgres()
        defer { postgres.stop() }
        let broker = try DevelopmentBroker(topics: [.init(name: "feed", partitionCount: 1)])
        let environment = [
            "WINNOW_POSTGRES_URL": postgres.url, "WINNOW_KAFKA_BROKERS": broker.bootstrapServers, "WINNOW_KAFKA_TOPICS": "feed",
            "WINNOW_MAINTENANCE_INTERVAL": "1s", "WINNOW_OPERATIONS_LISTEN": "127.0.0.1:0", "WINNOW_MODEL_MASK": "rules",
        ]
        #expect(try await WinnowProcess(["migrate"], environment: environment).exitCode(within: .seconds(60)) == 0)
        let session = try AdministrationSession(url: postgres.url)

        let asked = try dropOne(session)
        let command = try WinnowProcess(["maintain"], environment: environment)
        #expect(try await command.exitCode(within: .seconds(60)) == 0, "\(command.output)")
        #expect(command.output.contains("partitions: 1"))
        #expect(try exists(asked, session))

        let missing = try dropOne(session)
        let process = try WinnowProcess(["run", "--model", WinnowProcess.tinyModel], environment: environment)
        try await waitUntil(within: .seconds(60), "the maintenance") { try exists(missing, session) }
        try await waitUntil(within: .seconds(20), "its log line") { process.output.contains("maintenance: partitions: 1") }
        process.send(SIGTERM)
        #expect(try await process.exitCode(within: .seconds(40)) == 0, "\(process.output.suffix(2_000))")
    }
}
