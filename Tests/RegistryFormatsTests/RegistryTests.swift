// The registry as it can be: away, slow, wrong, strange. Only its own word that it has no such schema makes a dead letter.
import Foundation
import Posts
import RegistryFormats
import StreamCore
import Synchronization
import Testing

@Suite struct RegistryTests {
    private static let text: [String: Data] = ["7": Data(#"{"schema":"\"string\""}"#.utf8)]
    /// "hi" with schema 7.
    private static let value: [UInt8] = [0, 0, 0, 0, 7, 4, 0x68, 0x69]

    /// What a reading came to, once it has.
    private final class Reading: Sendable {
        private let result = Mutex<Result<[UInt8], UnreadablePayload>?>(nil)
        var outcome: Result<[UInt8], UnreadablePayload>? { result.withLock { $0 } }

        /// On a thread of its own, as a worker's is: the call may wait for long.
        init(_ payloads: RegistryPayloads, _ value: [UInt8]) {
            Thread { [self] in
                let read = payloads.readNow(value)
                result.withLock { $0 = read }
            }.start()
        }

        func end() async throws -> Result<[UInt8], UnreadablePayload> {
            try await RegistryTests.wait { self.outcome != nil }
            return try #require(outcome)
        }
    }

    private static func wait(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while !condition() {
            try #require(ContinuousClock.now < deadline, "it did not come within two minutes")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    @Test(arguments: [500, 503, 401, 403, 404, 429, 200])
    func whatIsNoWordOfTheRegistryIsWaitedFor(status: Int) async throws {
        let registry = try await LocalRegistry(schemas: Self.text)
        registry.become(.status(status))
        let notices = Mutex<[RegistryNotice]>([])
        let payloads = registry.payloads { notice in notices.withLock { $0.append(notice) } }
        let reading = Reading(payloads, Self.value)
        try await Self.wait { registry.requests.count >= 4 }
        #expect(reading.outcome == nil, "status \(status) was taken for an answer")
        registry.become(.well)
        #expect(try await reading.end() == .success(Array("\"hi\"".utf8)))
        let seen = notices.withLock { $0 }
        #expect(seen.last == .recovered)
        let activity = payloads.activity
        #expect(activity.waiting == 0 && activity.cachedSchemas == 1)
        #expect(activity.requests == [.usable: 1, .unavailable: registry.requests.count - 1])
        guard case .waiting(7, let reason, _) = seen.first else {
            Issue.record("nobody was told")
            return
        }
        #expect(reason.contains(registry.url))
        await registry.stop()
    }

    @Test func aRegistryThatIsAwayIsWaitedFor() async throws {
        // Nobody listens on port 1.
        let notices = Mutex<[RegistryNotice]>([])
        let payloads = RegistryPayloads(
            RegistryConfiguration(
                url: "http://127.0.0.1:1", credentials: .none, timeout: .seconds(2),
                retries: RetryPolicy(first: .milliseconds(10), last: .milliseconds(20)), cachedSchemas: 5)
        ) { notice in notices.withLock { $0.append(notice) } }
        let reading = Reading(payloads, Self.value)
        try await Self.wait { notices.withLock { $0.count } >= 3 }
        #expect(reading.outcome == nil)
        #expect(payloads.activity.waiting == 1)
        // The end of the stream lets go of whoever waits.
        payloads.end()
        guard case .failure(let unreadable) = try await reading.end() else {
            Issue.record("it was read")
            return
        }
        #expect(unreadable.rejection.reason == .registryWaitEnded)
        guard case .failure(.unavailable) = await payloads.types() else {
            Issue.record("somebody answers on port 1")
            return
        }
    }

    /// A redirect could carry the credentials elsewhere.
    @Test func redirectsAreNotFollowed() async throws {
        let registry = try await LocalRegistry(schemas: Self.text)
        registry.become(.redirecting)
        let notices = Mutex<[RegistryNotice]>([])
        let payloads = registry.payloads(credentials: .bearer(token: "t0ken"), timeout: .seconds(20)) { notice in
            notices.withLock { $0.append(notice) }
        }
        let reading = Reading(payloads, Self.value)
        try await Self.wait { notices.withLock { $0.count } >= 2 }
        registry.become(.well)
        #expect(try await reading.end() == .success(Array("\"hi\"".utf8)))
        guard case .waiting(_, let reason, _) = notices.withLock({ $0 }).first else {
            Issue.record("nobody was told")
            return
        }
        #expect(reason.contains("redirects (302)"), "\(reason)")
        #expect(!registry.requests.contains("/elsewhere"))
        await registry.stop()
    }

    @Test func unknownSchemasAreDeadLettersAndAskedForAgainLater() async throws {
        let registry = try await LocalRegistry(schemas: Self.text)
        let payloads = registry.payloads()
        for _ in 0..<3 {
            guard case .failure(let unreadable) = await payloads.read([0, 0, 0, 1, 0, 4]) else {
                Issue.record("it was read")
                return
            }
            #expect(unreadable.rejection.reason == .unknownSchema)
            #expect(unreadable.rejection.detail.contains("256"))
        }
        #expect(registry.requests == ["/schemas/ids/256"])
        #expect(payloads.activity.requests == [.unknown: 1])
        #expect(payloads.activity.cacheHits == 2)
        await registry.stop()
    }

    @Test func theCacheIsBoundedAndKeepsWhatIsUsed() async throws {
        let schemas = Dictionary(uniqueKeysWithValues: (1...9).map { ("\($0)", Data(#"{"schema":"\"string\""}"#.utf8)) })
        let registry = try await LocalRegistry(schemas: schemas)
        let payloads = registry.payloads(cachedSchemas: 3)
        func read(_ number: UInt8) async throws { _ = try await payloads.read([0, 0, 0, 0, number, 0]).get() }
        try await read(1)
        try await read(2)
        try await read(3)
        // Numbers that nobody knows take one place, however many they are.
        for number in 100..<110 { _ = await payloads.read([0, 0, 0, 0, UInt8(number), 0]) }
        var before = registry.requests.count
        try await read(2)
        try await read(3)
        #expect(registry.requests.count == before)
        try await read(1)
        before = registry.requests.count
        try await read(1)
        #expect(registry.requests.count == before)
        try await read(4)
        try await read(1)
        #expect(registry.requests.count == before + 1, "the schema used last was dropped")
        await registry.stop()
    }

    @Test func credentialsAreSentAndNeverShown() async throws {
        let registry = try await LocalRegistry(schemas: Self.text)
        let basic = RegistryConfiguration.Credentials.basic(username: "ann", password: "öpen")
        _ = try await registry.payloads(credentials: basic).read(Self.value).get()
        _ = try await registry.payloads(credentials: .bearer(token: "t0ken")).read(Self.value).get()
        #expect(try await registry.payloads().types().get() == ["JSON", "PROTOBUF", "AVRO"])
        let pair = Data("ann:öpen".utf8).base64EncodedString()
        #expect(registry.authorizations == ["Basic \(pair)", "Bearer t0ken"])
        let configuration = RegistryConfiguration(
            url: registry.url, credentials: basic, timeout: .seconds(1),
            retries: RetryPolicy(first: .seconds(1), last: .seconds(1)), cachedSchemas: 1)
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!"\(configuration) \(dumped)".contains("öpen"))
        await registry.stop()
    }

    @Test func unusableSchemasAreDeadLettersWithTheReason() async throws {
        let deep = String(repeating: #"{"type":"array","items":"#, count: 200) + "\"int\"" + String(repeating: "}", count: 200)
        let documents: [String: (json: [String: Any], sentence: String)] = [
            "1": (["schema": "no json"], "no JSON"),
            "2": (["schema": #"{"type":"record","name":"R","fields":[{"name":"a","type":"Missing"}]}"#], "Missing"),
            "3": (["schema": "x", "schemaType": "THRIFT"], "THRIFT"),
            "4": (["schema": "message {", "schemaType": "PROTOBUF"], "line 1"),
            "5": (["schema": "syntax = \"proto3\"; import \"a/b.proto\";", "schemaType": "PROTOBUF"], "imports a/b.proto"),
            "6": (["schema": #""Other""#, "references": [["name": "Other", "subject": "gone", "version": 3]]], "version 3 of gone"),
            "7": (["schema": deep], "deeper"),
            "8": (["schema": #"{"type":"enum","name":"E","symbols":[]}"#], "symbols"),
        ]
        let schemas = try documents.mapValues { try JSONSerialization.data(withJSONObject: $0.json) }
        let registry = try await LocalRegistry(schemas: schemas)
        let payloads = registry.payloads()
        for (number, document) in documents.sorted(by: { $0.key < $1.key }) {
            guard case .failure(let unreadable) = await payloads.read([0, 0, 0, 0, UInt8(number) ?? 0, 0]) else {
                Issue.record("schema \(number) was used")
                continue
            }
            #expect(unreadable.rejection.reason == .unusableSchema)
            #expect(unreadable.rejection.detail.contains(document.sentence), "\(unreadable.rejection.detail)")
        }
        await registry.stop()
    }
}
