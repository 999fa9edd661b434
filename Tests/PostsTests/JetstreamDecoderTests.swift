// Every kind of Jetstream event, and the recorded window of the real feed.
import Foundation
import Posts
import Testing

struct JetstreamDecoderTests {
    private let key = PostKey(platform: "bluesky", key: "at://did:plc:alice/app.bsky.feed.post/3mptbyoeyc22k")

    @Test(arguments: [PostFormat.jetstream, .auto])
    func create(format: PostFormat) throws {
        let post = try #require(Decoding.decode(JetstreamFixtures.create, format).post)
        #expect(post.key == key)
        #expect(post.version == EventVersion(text: "3mptbypcq372f", scope: "rev"))
        #expect(post.author == "did:plc:alice")
        #expect(post.createdAt == Timestamp(microseconds: 1_783_175_886_240_000))
        #expect(post.language == "pt")
        #expect(post.text == "bom dia 😀 gente")
        #expect(post.replyTo == "at://did:plc:bob/app.bsky.feed.post/p1")
        #expect(post.replyRoot == "at://did:plc:carol/app.bsky.feed.post/r1")
        #expect(post.quoteOf == "at://did:plc:dora/app.bsky.feed.post/q1")
        #expect(post.repostOf == nil)
    }

    @Test func updateIsAnUpsertWithALaterVersion() throws {
        let json = JetstreamFixtures.create.replacingOccurrences(of: "\"create\"", with: "\"update\"")
            .replacingOccurrences(of: "3mptbypcq372f", with: "3mptbzzzzzzzz")
        let post = try #require(Decoding.decode(json, .jetstream).post)
        #expect(post.key == key)
        #expect(post.version.text > "3mptbypcq372f")
    }

    @Test(arguments: [PostFormat.jetstream, .auto])
    func delete(format: PostFormat) {
        #expect(
            Decoding.decode(JetstreamFixtures.delete, format).deletion
                == PostDeletion(
                    key: key, version: EventVersion(text: "3mptbypuw3t2q", scope: "rev"), author: "did:plc:alice"))
    }

    @Test func quotesWithPicturesAndEmbedsThatAreNoPosts() {
        func quote(_ embed: String) -> String? {
            Decoding.decode(
                JetstreamFixtures.commit(rest: #","record":{"text":"","embed":\#(embed)}"#), .jetstream
            ).post?.quoteOf
        }
        let uri = "at://did:plc:d/app.bsky.feed.post/q"
        #expect(quote(#"{"$type":"app.bsky.embed.recordWithMedia","record":{"record":{"uri":"\#(uri)"}}}"#) == uri)
        #expect(
            quote(#"{"$type":"app.bsky.embed.record","record":{"uri":"at://did:plc:d/app.bsky.graph.list/l"}}"#) == nil)
        #expect(quote(#"{"$type":"app.bsky.embed.external","record":{"uri":"\#(uri)"}}"#) == nil)
        #expect(quote("[]") == nil)
    }

    @Test func withoutRevisionTheTimeIsTheVersion() {
        let post = Decoding.decode(JetstreamFixtures.commit(rest: #","record":{"text":"x"}"#), .jetstream).post
        #expect(post?.version == EventVersion(text: "00000000000000000017", scope: "time"))
        let bare =
            #"{"did":"d","kind":"commit","commit":{"operation":"delete","collection":"app.bsky.feed.post","rkey":"k"}}"#
        #expect(Decoding.decode(bare, .jetstream).deletion?.version == EventVersion(kafkaOrderOf: Decoding.position))
    }

    @Test func picturesOnlyIsAPostWithoutTextIsNone() {
        func decode(_ record: String) -> DecodedRecord {
            Decoding.decode(JetstreamFixtures.commit(rest: ",\"record\":\(record)"), .jetstream)
        }
        #expect(decode(#"{"text":""}"#).post?.text == "")
        for record in ["{}", #"{"text":null}"#, "[]", "null", "7"] {
            #expect(decode(record).rejection?.reason == .missingText, "\(record)")
            #expect(decode(record).rejection?.key?.key == "at://did:plc:alice/app.bsky.feed.post/k")
            #expect(decode(record).rejection?.author == "did:plc:alice")
        }
        #expect(decode(#"{"text":7}"#).rejection?.reason == .wrongType)
        #expect(Decoding.decode(JetstreamFixtures.commit(rest: ""), .jetstream).rejection?.reason == .missingText)
    }

    @Test func fieldsOfTheWrongTypeAreNull() {
        let post = Decoding.decode(
            JetstreamFixtures.commit(
                rest: #","record":{"text":"x","langs":"en","createdAt":7,"reply":"no","embed":3}"#),
            .jetstream
        ).post
        #expect(post?.text == "x")
        #expect(post?.language == nil && post?.createdAt == nil && post?.replyTo == nil && post?.quoteOf == nil)
    }

    @Test(arguments: [
        ("\"active\":true", AccountChange.Kind.restore), ("\"active\":true,\"status\":\"deleted\"", .restore),
        ("\"active\":false,\"status\":\"deleted\"", .purge), ("\"active\":false,\"status\":\"suspended\"", .hide),
        ("\"active\":false,\"status\":\"takendown\"", .hide), ("\"active\":false,\"status\":\"deactivated\"", .hide),
        ("\"active\":false", .hide), ("\"status\":\"deleted\"", .purge),
    ])
    func accounts(inside: String, kind: AccountChange.Kind) {
        #expect(
            Decoding.decode(JetstreamFixtures.account(inside), .jetstream).accountChange
                == AccountChange(
                    platform: "bluesky", account: "did:plc:alice", kind: kind,
                    version: EventVersion(text: "00000000000000000017", scope: "time")))
    }

    @Test(arguments: [
        (JetstreamFixtures.identity, SkipReason.otherEvent),
        (#"{"did":"d","kind":"something new"}"#, .otherEvent),
        (JetstreamFixtures.commit(operation: "archive", rest: ""), .otherEvent),
        (JetstreamFixtures.commit(collection: "app.bsky.feed.like", rest: ""), .otherCollection),
        (
            JetstreamFixtures.commit(operation: "delete", collection: "app.bsky.graph.follow", rest: ""),
            .otherCollection
        ),
        (JetstreamFixtures.account("\"active\":false,\"status\":\"desynchronized\""), .otherAccountEvent),
        (JetstreamFixtures.account(""), .otherAccountEvent),
    ])
    func skips(json: String, reason: SkipReason) {
        #expect(Decoding.decode(json, .jetstream).skipReason == reason)
    }

    @Test(arguments: [
        (#"{"did":"d"}"#, RejectionReason.unknownFormat), (#"{"kind":"commit","did":"d"}"#, .wrongType),
        (#"{"kind":"commit","did":"d","commit":{}}"#, .missingIdentifier),
        (#"{"kind":"commit","commit":{"collection":"app.bsky.feed.post","rkey":"k"}}"#, .missingIdentifier),
        (#"{"kind":"commit","did":"d","commit":{"collection":"app.bsky.feed.post"}}"#, .missingIdentifier),
        (#"{"kind":"account","did":"d"}"#, .wrongType), (#"{"kind":"account","account":{}}"#, .missingIdentifier),
    ])
    func rejects(json: String, reason: RejectionReason) {
        #expect(Decoding.decode(json, .jetstream).rejection?.reason == reason)
    }

    @Test func nullValues() {
        let uri = Array(key.key.utf8)
        for format in [PostFormat.jetstream, .auto] {
            #expect(
                Decoding.decode(nil, key: uri, format).deletion
                    == PostDeletion(
                        key: key, version: EventVersion(kafkaOrderOf: Decoding.position), author: "did:plc:alice"))
            #expect(
                Decoding.decode(nil, key: Array("at://did:plc:a/app.bsky.feed.like/k".utf8), format).skipReason
                    == .nullValue)
            #expect(Decoding.decode(nil, key: nil, format).skipReason == .nullValue)
        }
        #expect(Decoding.decode(nil, key: Array("did:plc:alice".utf8), .jetstream).skipReason == .nullValue)
    }

    @Test func theRecordedWindow() throws {
        guard let folder = Decoding.sharedData else {
            print("SKIPPED theRecordedWindow: no data sets; set WINNOW_SHARED_DATA to their folder")
            return
        }
        let file = folder.appendingPathComponent("wire/bluesky_jetstream_events.jsonl")
        let lines = try Data(contentsOf: file).split(separator: 0x0A)
        #expect(lines.count == 152)
        for format in [PostFormat.jetstream, .auto] {
            var counts: [String: Int] = [:]
            for line in lines {
                let record = Decoding.decode(Array(line), key: nil, format)
                switch record {
                case .event(.upsert(let post)):
                    counts["upsert", default: 0] += 1
                    let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
                    let commit = object["commit"] as? [String: Any]
                    let text = (commit?["record"] as? [String: Any])?["text"] as? String
                    #expect(text.map { Array($0.utf8) } == Array(post.text.utf8))
                    #expect(post.createdAt != nil)
                case .event(.delete): counts["delete", default: 0] += 1
                case .event(.account(let change)): counts[change.kind.rawValue, default: 0] += 1
                case .skip(let reason): counts[reason.rawValue, default: 0] += 1
                case .reject(let rejection): Issue.record("\(rejection)")
                case .several: Issue.record("a line of this feed is one event")
                }
            }
            #expect(counts == ["upsert": 17, "delete": 1, "restore": 1, "other_event": 1, "other_collection": 132])
        }
    }
}
