// Configured fields: where they are found, what their types may be, and what order events have.
import Foundation
import Posts
import Testing

struct GenericDecoderTests {
    private func paths(_ change: (inout GenericFieldPaths) -> Void) -> GenericFieldPaths {
        var paths = GenericFieldPaths()
        change(&paths)
        return paths
    }

    @Test func fieldsAreFoundAtTheirPaths() throws {
        let configured = paths {
            $0.platform = "forum"
            $0.identifier = ["data.id"]
            $0.text = ["data.title", "data.body.0"]
            $0.version = ["meta.edited", "meta.created"]
            $0.author = ["user.id"]
            $0.createdAt = ["meta.created"]
            $0.replyTo = ["data.parent"]
            $0.replyRoot = ["data.thread"]
            $0.repostOf = ["data.shared"]
            $0.quoteOf = ["data.quoted"]
            $0.language = ["data.tags.1"]
        }
        let post = try #require(
            Decoding.decode(
                """
                {"data":{"id":12345678901234567890123,"title":null,"body":["hi","no"],"parent":"p","thread":7,\
                "shared":"s","quoted":"q","tags":["x","de"]},"user":{"id":42},"meta":{"created":1767225600,"edited":null}}
                """, .generic, configured
            ).post)
        #expect(post.key == PostKey(platform: "forum", key: "12345678901234567890123"))
        #expect(post.text == "hi")
        #expect(post.version == EventVersion(text: "00000000001767225600"))
        #expect(post.author == "42")
        #expect(post.createdAt == Timestamp(microseconds: 1_767_225_600_000_000))
        #expect((post.replyTo, post.replyRoot, post.repostOf, post.quoteOf) == ("p", "7", "s", "q"))
        #expect(post.language == "de")
    }

    @Test func withoutVersionKafkaDecides() {
        let post = Decoding.decode(#"{"id":"1","text":"t"}"#).post
        #expect(post?.version == EventVersion(text: "00000000000000000042", scope: "feed/3"))
    }

    @Test func versionsSortAsTheyShould() throws {
        let configured = paths { $0.version = ["v"] }
        func version(_ json: String) throws -> EventVersion {
            try #require(Decoding.decode(#"{"id":"1","text":"t","v":\#(json)}"#, .generic, configured).post).version
        }
        let ascending = ["0", "9", "10", "10.25", "10.5", "\"11\"", "1700000000", "1.8e9", "18446744073709551615"]
        let versions = try ascending.map(version)
        #expect(versions.allSatisfy { $0.scope.isEmpty })
        for (one, other) in zip(versions, versions.dropFirst()) { #expect(one.text < other.text, "\(one) \(other)") }
        #expect(try version("\"2026-01-02T00:00:00Z\"").text == "2026-01-02T00:00:00Z")
        for nothing in ["null", "true", "-5", "{}", "1e300", "\"\""] {
            #expect(try version(nothing).scope == "feed/3", "\(nothing)")
        }
    }

    @Test(arguments: [
        ("true", true), ("false", false), ("null", false), ("0", false), ("1", true), ("0.0", false), ("\"\"", false),
        ("\"false\"", false), ("\"0\"", false), ("\"true\"", true), ("\"2026-01-01T00:00:00Z\"", true), ("[]", true),
    ])
    func deletedFlag(value: String, isDeleted: Bool) {
        let configured = paths { $0.deleted = ["gone"] }
        let record = Decoding.decode(#"{"id":"1","author":"me","text":"t","gone":\#(value)}"#, .generic, configured)
        #expect((record.deletion != nil) == isDeleted)
        #expect((record.post != nil) != isDeleted)
        if isDeleted { #expect(record.deletion?.author == "me") }
    }

    @Test func aDeletedPostNeedsNoText() {
        let configured = paths { $0.deleted = ["gone"] }
        #expect(Decoding.decode(#"{"id":"1","gone":true}"#, .generic, configured).deletion?.key.key == "1")
    }

    @Test func nullValueOfAKeyedRecordDeletes() {
        let deletion = Decoding.decode(nil, key: Array("a\0b".utf8), .generic).deletion
        #expect(deletion?.key == PostKey(platform: "generic", key: "ab"))
        #expect(deletion?.version == EventVersion(kafkaOrderOf: Decoding.position))
        #expect(Decoding.decode(nil, key: nil, .generic).skipReason == .nullValue)
        #expect(Decoding.decode(nil, key: [], .generic).skipReason == .nullValue)
        #expect(Decoding.decode(nil, key: [UInt8](repeating: 0x61, count: 2_000), .generic).skipReason == .nullValue)
    }

    @Test(arguments: [
        (#"{"text":"t"}"#, RejectionReason.missingIdentifier), (#"{"id":null,"text":"t"}"#, .missingIdentifier),
        (#"{"id":{},"text":"t"}"#, .wrongType), (#"{"id":true,"text":"t"}"#, .wrongType),
        (#"{"id":"","text":"t"}"#, .wrongType),
        (#"{"id":"1"}"#, .missingText), (#"{"id":"1","text":null}"#, .missingText),
        (#"{"id":"1","text":5}"#, .wrongType),
        (#"{"id":"1","text":["a"]}"#, .wrongType), ("{}", .missingIdentifier),
    ])
    func rejects(json: String, reason: RejectionReason) {
        #expect(Decoding.decode(json).rejection?.reason == reason)
    }

    @Test func anEmptyTextIsAText() {
        #expect(Decoding.decode(#"{"id":"1","text":""}"#).post?.text == "")
    }

    @Test func autoTellsFormatsApart() {
        #expect(Decoding.decode(JetstreamFixtures.create, .auto).post?.key.platform == "bluesky")
        #expect(Decoding.decode(#"{"id":"1","text":"t"}"#, .auto).post?.key.platform == "generic")
        #expect(Decoding.decode(#"{"id":"1","text":"t","kind":"note"}"#, .auto).post?.key.platform == "generic")
        #expect(Decoding.decode(#"{"text":"t"}"#, .auto).rejection?.reason == .missingIdentifier)
        #expect(Decoding.decode(#"{"something":"else"}"#, .auto).rejection?.reason == .unknownFormat)
        #expect(Decoding.decode(#"{"did":"did:plc:a","kind":"comm"#, .auto).rejection?.reason == .malformedJSON)
    }

    @Test func textIsTheWholeLine() {
        let post = Decoding.decode(#"{"id": not JSON\n}"#, .text).post
        #expect(post?.text == #"{"id": not JSON\n}"#)
        #expect(post?.key == PostKey(platform: "text", key: "42"))
    }
}
