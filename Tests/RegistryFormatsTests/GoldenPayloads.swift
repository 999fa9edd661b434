// Payloads that other implementations encoded (Fixtures/make_golden.py), and a registry that has their schemas.
import FlyingFox
import FlyingSocks
import Foundation
import RegistryFormats
import StreamCore
import Synchronization
import Testing

/// JSON with numbers as they are written, so that 64 bits can be compared.
struct GoldenPayloads {
    struct Case {
        let name: String
        let schema: Int
        let value: [UInt8]
        /// The same document, parsed.
        let json: NSObject
    }

    let cases: [Case]
    let schemas: [String: Data]
    let subjects: [String: Data]

    init() throws {
        let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
        let data = try Data(contentsOf: folder.appending(path: "golden.json"))
        let root = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        cases = try #require(root["cases"] as? [[String: Any]]).map { entry in
            Case(
                name: try #require(entry["name"] as? String), schema: try #require(entry["schema"] as? Int),
                value: Self.bytes(try #require(entry["value"] as? String)), json: try #require(entry["json"] as? NSObject))
        }
        schemas = try Self.documents(root["schemas"])
        subjects = try Self.documents(root["subjects"])
    }

    private static func documents(_ value: Any?) throws -> [String: Data] {
        let objects = try #require(value as? [String: Any])
        return try objects.mapValues { try JSONSerialization.data(withJSONObject: $0) }
    }

    static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).map { index in
            UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) ?? 0
        }
    }

    static func parse(_ json: [UInt8]) throws -> NSObject {
        try #require(JSONSerialization.jsonObject(with: Data(json), options: .fragmentsAllowed) as? NSObject)
    }
}

/// A server with the shape of a schema registry, on a free port of 127.0.0.1.
final class LocalRegistry: Sendable {
    enum Mood: Sendable {
        case well
        /// Every request is answered with this status and no registry's body.
        case status(Int)
        /// Every request is sent on to another path of the same server.
        case redirecting
    }

    private struct State {
        var mood = Mood.well
        var requests: [String] = []
        var authorizations: Set<String> = []
    }

    private let server: HTTPServer
    private let state = Mutex(State())
    private let schemas: [String: Data]
    private let subjects: [String: Data]
    private let running: Task<Void, any Error>
    let url: String

    init(schemas: [String: Data], subjects: [String: Data] = [:]) async throws {
        self.schemas = schemas
        self.subjects = subjects
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

    var requests: [String] { state.withLock { $0.requests } }
    var authorizations: Set<String> { state.withLock { $0.authorizations } }
    func become(_ mood: Mood) { state.withLock { $0.mood = mood } }

    func stop() async {
        await server.stop()
        running.cancel()
    }

    private func answer(_ request: HTTPRequest) -> HTTPResponse {
        let mood = state.withLock { state in
            state.requests.append(request.target.path())
            if let authorization = request.headers[.authorization] { state.authorizations.insert(authorization) }
            return state.mood
        }
        switch mood {
        case .well: break
        case .status(let code):
            return HTTPResponse(statusCode: HTTPStatusCode(code, phrase: "No"), body: Data("<html>".utf8))
        case .redirecting:
            return HTTPResponse(
                statusCode: HTTPStatusCode(302, phrase: "Found"), headers: [HTTPHeader("Location"): "\(url)/elsewhere"])
        }
        let parts = request.target.path().split(separator: "/").map { $0.removingPercentEncoding ?? "" }
        if parts == ["schemas", "types"] { return Self.json(Data(#"["JSON","PROTOBUF","AVRO"]"#.utf8)) }
        if parts.count == 3, parts[..<2] == ["schemas", "ids"] {
            return schemas[parts[2]].map(Self.json) ?? Self.refusal(40_403)
        }
        if parts.count == 4, parts[0] == "subjects", parts[2] == "versions" {
            return subjects["\(parts[1]) \(parts[3])"].map(Self.json) ?? Self.refusal(40_401)
        }
        return HTTPResponse(statusCode: .notFound, body: Data("no such page".utf8))
    }

    private static func json(_ body: Data) -> HTTPResponse {
        HTTPResponse(statusCode: .ok, headers: [.contentType: "application/vnd.schemaregistry.v1+json"], body: body)
    }

    private static func refusal(_ code: Int) -> HTTPResponse {
        HTTPResponse(statusCode: .notFound, body: Data(#"{"error_code":\#(code),"message":"not found"}"#.utf8))
    }

    func payloads(
        credentials: RegistryConfiguration.Credentials = .none, cachedSchemas: Int = 100, timeout: Duration = .seconds(60),
        observe: @escaping @Sendable (RegistryNotice) -> Void = { _ in }
    ) -> RegistryPayloads {
        RegistryPayloads(
            RegistryConfiguration(
                url: url + "/", credentials: credentials, timeout: timeout,
                retries: RetryPolicy(first: .milliseconds(20), last: .milliseconds(100)), cachedSchemas: cachedSchemas),
            observe: observe)
    }
}

/// On a thread of its own, as a worker's is: the calls block, and the server that they wait for needs the cooperative pool.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread { continuation.resume(returning: body()) }.start()
    }
}

extension RegistryPayloads {
    /// Blocks where the schema is not known yet.
    func readNow(_ value: [UInt8]) -> Result<[UInt8], UnreadablePayload> { value.withUnsafeBufferPointer { json($0) } }

    func read(_ value: [UInt8]) async -> Result<[UInt8], UnreadablePayload> { await onThread { self.readNow(value) } }

    func types() async -> Result<[String], RegistryFailure> {
        await onThread { Result { () throws(RegistryFailure) in try self.schemaTypes() } }
    }
}
