// Avro values through the built binary while the schema registry is away, back, and away again: an outage is waited for, a stop is
// still possible, and only what the registry itself does not know becomes a dead letter.
import FlyingFox
import FlyingSocks
import Foundation
import KafkaIngest
import PostgresDelivery
import Synchronization
import Testing

@Suite(.serialized, .takingTurns) struct RegistryStreamTests {
    private static let topic = "framed"
    private static let password = "p4ss-w0rd"

    /// Answers with one schema for the numbers 1 and 2, or with 503.
    private final class Registry: Sendable {
        private struct State {
            var isWell = false
            var requests = 0
            var authorizations: Set<String> = []
        }
        private let state = Mutex(State())
        private let server: HTTPServer
        private let running: Task<Void, any Error>
        let url: String

        init() async throws {
            let server = HTTPServer(
                config: HTTPServer.Configuration(
                    address: try sockaddr_in.inet(ip4: "127.0.0.1", port: 0), timeout: 120, logger: .disabled))
            self.server = server
            running = Task { try await server.run() }
            try await server.waitUntilListening(timeout: 60)
            guard case .ip4(_, let port)? = await server.listeningAddress else { throw CancellationError() }
            url = "http://127.0.0.1:\(port)"
            await server.appendRoute("*") { [self] request in answer(request) }
        }

        var requests: Int { state.withLock { $0.requests } }
        var authorizations: Set<String> { state.withLock { $0.authorizations } }
        func set(isWell: Bool) {
            state.withLock { state in
                state.isWell = isWell
                state.requests = 0
            }
        }

        func stop() async {
            await server.stop()
            running.cancel()
        }

        private func answer(_ request: HTTPRequest) -> HTTPResponse {
            let isWell = state.withLock { state in
                state.requests += 1
                if let authorization = request.headers[.authorization] { state.authorizations.insert(authorization) }
                return state.isWell
            }
            guard isWell else { return HTTPResponse(statusCode: .serviceUnavailable) }
            let schema = #"{"schema":"{\"type\":\"record\",\"name\":\"P\",\"fields\":[{\"name\":\"id\",\"type\":\"string\"},"#
                + #"{\"name\":\"text\",\"type\":\"string\"}]}"}"#
            switch request.path {
            case "/schemas/ids/3": return HTTPResponse(statusCode: .ok, body: Data(#"{"schema":"\"string\""}"#.utf8))
            case "/schemas/ids/1", "/schemas/ids/2": return HTTPResponse(statusCode: .ok, body: Data(schema.utf8))
            case "/schemas/types": return HTTPResponse(statusCode: .ok, body: Data(#"["AVRO"]"#.utf8))
            default: return HTTPResponse(statusCode: .notFound, body: Data(#"{"error_code":40403,"message":"no"}"#.utf8))
            }
        }
    }

    /// A payload of texts, each shorter than 64 bytes.
    private static func value(schema: UInt8, _ texts: String...) -> [UInt8] {
        [0, 0, 0, 0, schema] + texts.flatMap { [UInt8($0.utf8.count * 2)] + Array($0.utf8) }
    }

    private func number(_ session: AdministrationSession, _ sql: String) throws -> Int {
        Int(try session.rows(sql).first?.first.flatMap { $0 } ?? "") ?? -1
    }

    private func delivered(_ session: AdministrationSession) throws -> Int {
        try number(session, "SELECT coalesce(sum(next_offset - first_offset), 0)::bigint FROM winnow.partition_progress")
    }

    /// Of seven records five have one of two schemas that are usable: asked for, or known by then. Several workers may ask for
    /// one at the same time.
    private func checkMetrics(_ port: UInt16) async throws {
        let usable = "winnow_schema_requests_total{result=\"usable\"}", hits = "winnow_schema_cache_hits_total"
        let well = try await metrics(port) { values in
            values["winnow_schema_registry_waiting"] == 0 && values["winnow_schemas_cached"] == 3
                && (values[usable] ?? 0) + (values[hits] ?? 0) >= 5
        }
        #expect(well[usable] ?? 0 >= 2 && well[usable] ?? 0 <= 5)
        #expect(well["winnow_schema_requests_total{result=\"unknown\"}"] ?? 0 >= 1)
        #expect(well["winnow_schema_requests_total{result=\"unusable\"}"] == 0)
    }

    /// The metrics once they show what is asked for; they are renewed once a second.
    private func metrics(_ port: UInt16, _ condition: ([String: Double]) -> Bool) async throws -> [String: Double] {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let values = try await MetricsPage.read(port)
            if condition(values) { return values }
            try #require(ContinuousClock.now < deadline, "\(values.filter { $0.key.contains("schema") })")
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    @Test(.timeLimit(.minutes(4)))
    func outagesAreWaitedForAndStopsStayPossible() async throws {
        let registry = try await Registry()
        let postgres = try TemporaryPostgres()
        defer { postgres.stop() }
        let broker = try DevelopmentBroker(topics: [.init(name: Self.topic, partitionCount: 1)])
        let environment = [
            "WINNOW_KAFKA_BROKERS": broker.bootstrapServers, "WINNOW_KAFKA_TOPICS": Self.topic,
            "WINNOW_POSTGRES_URL": postgres.url, "WINNOW_FORMAT": "generic", "WINNOW_KAFKA_SESSION_TIMEOUT": "6s",
            "WINNOW_LIMITS_DRAIN_DEADLINE": "2s", "WINNOW_LIMITS_RETRY_LAST": "500ms", "WINNOW_MODEL_MASK": "none",
            "WINNOW_OPERATIONS_LISTEN": "127.0.0.1:0", "WINNOW_KAFKA_VALUE_ENCODING": "schema_registry",
            "WINNOW_SCHEMA_REGISTRY_URL": registry.url, "WINNOW_SCHEMA_REGISTRY_USERNAME": "ann",
            "WINNOW_SCHEMA_REGISTRY_PASSWORD": Self.password, "WINNOW_MODEL_PATH": WinnowProcess.tinyModel,
        ]
        #expect(try await WinnowProcess(["migrate"], environment: environment).exitCode(within: .seconds(60)) == 0)
        let session = try AdministrationSession(url: postgres.url)
        let producer = try KafkaProducer(brokers: broker.bootstrapServers)
        let values = [
            Self.value(schema: 1, "a", "the ferry left"), Self.value(schema: 9, "b", "nobody knows this"),
            Array(#"{"id": "c", "text": "plain"}"#.utf8), Self.value(schema: 1, "d", "rain again") + [0],
            Self.value(schema: 1, "e", "sun at last"), Self.value(schema: 1, "g", "to be deleted"),
        ]
        for value in values { try producer.send(topic: Self.topic, partition: 0, value: value) }
        // A deletion whose key is in the wire format too.
        try producer.send(topic: Self.topic, partition: 0, key: Self.value(schema: 3, "g"), value: nil)
        #expect(producer.flush(within: .seconds(20)))

        let first = try WinnowProcess(["run"], environment: environment)
        try await waitUntil(within: .seconds(60), "four tries") { registry.requests >= 4 }
        #expect(try delivered(session) == 0)
        #expect(try number(session, "SELECT count(*) FROM winnow.dead_letters") == 0)
        let port = try #require(MetricsPage.port(of: first))
        let waiting = try await metrics(port) { $0["winnow_schema_registry_waiting"] ?? 0 > 0 }
        #expect(waiting["winnow_schema_requests_total{result=\"unavailable\"}"] ?? 0 >= 1)
        let sick = try WinnowProcess(["check"], environment: environment)
        #expect(try await sick.exitCode(within: .seconds(60)) == 1)
        #expect(sick.output.contains("FAILED registry") && sick.output.contains("503"))
        registry.set(isWell: true)
        try await waitUntil(within: .seconds(60), "the first seven") { try delivered(session) == 7 }
        try await checkMetrics(port)
        let letters = try session.rows("SELECT source_offset::text, reason FROM winnow.dead_letters ORDER BY source_offset")
        let reasons = [["1", "unknown_schema"], ["2", "not_wire_format"], ["3", "malformed_payload"]]
        #expect(letters.map { $0.map { $0 ?? "" } } == reasons)
        let posts = try session.rows("SELECT key, text FROM winnow.posts ORDER BY key").map { $0.map { $0 ?? "" } }
        #expect(posts == [["a", "the ferry left"], ["e", "sun at last"]])
        let fit = try WinnowProcess(["check"], environment: environment)
        #expect(try await fit.exitCode(within: .seconds(60)) == 0, "\(fit.output)")

        // Away again: the stream ends within its bound, and the next one reads what was left.
        registry.set(isWell: false)
        try producer.send(topic: Self.topic, partition: 0, value: Self.value(schema: 2, "f", "later"))
        try await waitUntil(within: .seconds(60), "two tries more") { registry.requests >= 2 }
        first.send(SIGTERM)
        #expect(try await first.exitCode(within: .seconds(30)) == 0, "\(first.output.suffix(2_000))")
        #expect(first.output.contains("left to the next owner: 1 records"))
        #expect(try delivered(session) == 7)
        registry.set(isWell: true)
        let second = try WinnowProcess(["run"], environment: environment)
        try await waitUntil(within: .seconds(60), "the last one") { try delivered(session) == 8 }
        second.send(SIGTERM)
        #expect(try await second.exitCode(within: .seconds(30)) == 0)
        #expect(try number(session, "SELECT count(*) FROM winnow.dead_letters") == 3)
        #expect(try number(session, "SELECT count(*) FROM winnow.posts") == 3)
        #expect(registry.authorizations == ["Basic \(Data("ann:\(Self.password)".utf8).base64EncodedString())"])
        for process in [first, second, sick, fit] {
            #expect(!process.output.contains(Self.password) && !process.output.contains("ferry"))
        }
        await registry.stop()
    }
}
