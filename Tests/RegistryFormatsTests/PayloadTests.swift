// Payloads of other implementations become the JSON that those say, whatever hostile bytes do.
import Foundation
import Posts
import RegistryFormats
import Testing

@Suite struct PayloadTests {
    @Test func goldenPayloadsBecomeTheirJSON() async throws {
        let golden = try GoldenPayloads()
        let registry = try await LocalRegistry(schemas: golden.schemas, subjects: golden.subjects)
        let payloads = registry.payloads()
        #expect(golden.cases.count >= 10)
        for entry in golden.cases {
            switch await payloads.read(entry.value) {
            case .success(let json):
                let found = try GoldenPayloads.parse(json)
                #expect(found == entry.json, "\(entry.name): \(String(decoding: json, as: UTF8.self))")
            case .failure(let unreadable): Issue.record("\(entry.name): \(unreadable.rejection)")
            }
        }
        // Each schema was asked for once.
        #expect(registry.requests.count == golden.schemas.count + golden.subjects.count)
        await registry.stop()
    }

    @Test func theGenericDecoderReadsThem() async throws {
        let golden = try GoldenPayloads()
        let registry = try await LocalRegistry(schemas: golden.schemas, subjects: golden.subjects)
        let payloads = registry.payloads()
        var paths = GenericFieldPaths()
        paths.createdAt = ["seen_at"]
        paths.author = ["author.id"]
        paths.version = ["edited_at", "likes"]
        paths.deleted = ["deleted"]
        let decoder = PostDecoder(format: .generic, generic: paths)
        let position = SourcePosition(topicPartition: TopicPartition(topic: "t", partition: 0), offset: 3)
        let value = try #require(golden.cases.first { $0.name == "avro, every type" }).value
        let json = try await payloads.read(value).get()
        guard case .event(.upsert(let post)) = json.withUnsafeBufferPointer({ decoder.decode($0, at: position) }) else {
            Issue.record("no post")
            return
        }
        #expect(post.key.key == "a1")
        #expect(post.text == "café \"quoted\" \\ 🚢\n\u{1}end")
        #expect(post.author == "me")
        #expect(post.createdAt == FeedTime.iso8601("2026-07-04T14:38:06.240Z"))
        #expect(post.version.text == "1969-12-31T23:59:59.999999Z")
        await registry.stop()
    }

    /// Bytes changed, cut, repeated and put in: each gives JSON or a reason of the list, within bounds.
    @Test func mutatedPayloadsAreReadOrRejected() async throws {
        let golden = try GoldenPayloads()
        let registry = try await LocalRegistry(schemas: golden.schemas, subjects: golden.subjects)
        let payloads = registry.payloads()
        var random = SeededGenerator(state: 7)
        let allowed: Set<RejectionReason> = [
            .malformedPayload, .nestedTooDeep, .tooLarge, .unusableSchema, .notWireFormat, .unknownSchema,
        ]
        var (read, rejected) = (0, 0)
        // From here on every schema is known, and nothing blocks.
        for entry in golden.cases { _ = try await payloads.read(entry.value).get() }
        for round in 0..<20_000 {
            let entry = golden.cases[round % golden.cases.count]
            switch payloads.readNow(entry.value.mutated(using: &random)) {
            case .success: read += 1
            case .failure(let unreadable):
                rejected += 1
                #expect(allowed.contains(unreadable.rejection.reason), "\(entry.name): \(unreadable.rejection)")
                #expect(unreadable.rejection.detail.utf8.count < 500)
            }
        }
        #expect(read > 1_000 && rejected > 1_000, "\(read) read, \(rejected) rejected: the mutations are lopsided")
        await registry.stop()
    }

    @Test func hostilePayloadsAreBounded() async throws {
        let nulls = #"{"type":"array","items":"null"}"#
        let chain = #"{"type":"record","name":"N","fields":[{"name":"n","type":["null","N"]}]}"#
        let proto = "syntax = \"proto3\"; message M { M m = 1; repeated M all = 2; string s = 3; repeated int64 n = 4; }"
        let schemas = try [
            "1": ["schema": nulls], "2": ["schema": chain], "3": ["schema": "\"string\""],
            "4": ["schema": proto, "schemaType": "PROTOBUF"],
        ].mapValues { try JSONSerialization.data(withJSONObject: $0) }
        let registry = try await LocalRegistry(schemas: schemas)
        let payloads = registry.payloads()
        func reason(_ schema: UInt8, _ payload: [UInt8]) async -> RejectionReason? {
            guard case .failure(let unreadable) = await payloads.read([0, 0, 0, 0, schema] + payload) else { return nil }
            return unreadable.rejection.reason
        }
        // Six bytes that promise 2^40 nulls, a chain of 2,000,000 records, texts of 8 GiB and of a negative length.
        #expect(await reason(1, [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0]) == .malformedPayload)
        #expect(await reason(2, [UInt8](repeating: 2, count: 2_000_000)) == .nestedTooDeep)
        #expect(await reason(3, [0x80, 0x80, 0x80, 0x80, 0x80, 0x01]) == .malformedPayload)
        #expect(await reason(3, [0x01]) == .malformedPayload)
        #expect(await reason(3, [UInt8](repeating: 0xff, count: 30)) == .malformedPayload)
        // 400 blocks of 10,000 nulls: no block is too long, the JSON is.
        #expect(await reason(1, [[UInt8]](repeating: [0xa0, 0x9c, 0x01], count: 400).joined() + [0]) == .tooLarge)
        // Bytes that are left over.
        #expect(await reason(3, [0x02, 0x61, 0x00]) == .malformedPayload)
        // Messages within messages, and two bytes each for millions of messages.
        var nested: [UInt8] = []
        for _ in 0..<300 { nested = [0x0a] + Self.varint(nested.count) + nested }
        #expect(await reason(4, [0] + nested) == .nestedTooDeep)
        #expect(await reason(4, [0] + [[UInt8]](repeating: [0x12, 0x00], count: 2_000_000).joined()) == .tooLarge)
        #expect(await reason(4, [0, 0x1a, 0x05, 0x61]) == .malformedPayload)
        #expect(await reason(4, [0, 0x0b, 0x0c, 0x0c]) == .malformedPayload)
        // A path to a message type that is not there, and none at all.
        #expect(await reason(4, [2, 40]) == .unusableSchema)
        #expect(await reason(4, [0x80]) == .malformedPayload)
        #expect(await reason(4, [0xfe, 0xff, 0xff, 0x0f]) == .malformedPayload)
        for value in [[], [0], [0, 0, 0, 1], [1, 0, 0, 0, 1, 2], Array("{\"id\": 1}".utf8)] {
            guard case .failure(let unreadable) = await payloads.read(value.map { UInt8($0) }) else {
                Issue.record("\(value) was read")
                continue
            }
            #expect(unreadable.rejection.reason == .notWireFormat)
        }
        await registry.stop()
    }

    private static func varint(_ number: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = number
        while rest > 127 {
            bytes.append(UInt8(rest & 127 | 128))
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}

/// SplitMix64 (Steele, Lea, Flood).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension [UInt8] {
    /// The header's number stays as it is, mostly: what is behind it is the aim.
    func mutated(using random: inout SeededGenerator) -> [UInt8] {
        var bytes = self
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: Swift.min(5, bytes.count)...bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where place < bytes.count: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
            case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes.removeSubrange(place...)
            case 3: bytes.insert([0, 1, 2, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0, at: place)
            case 4 where place < bytes.count: bytes.insert(contentsOf: bytes[place...].prefix(20), at: place)
            default:
                let run = [UInt8](repeating: [0, 2, 0xff].randomElement(using: &random) ?? 0, count: 12)
                bytes.insert(contentsOf: run, at: place)
            }
        }
        return bytes
    }
}
