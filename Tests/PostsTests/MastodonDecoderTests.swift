// Mastodon: statuses in frames, in messages and bare; whose server an id is of; and what is no post.
import Posts
import Testing

struct MastodonDecoderTests {
    private typealias Feed = MastodonFixtures

    private func decode(_ json: String, _ format: PostFormat = .mastodon, _ instances: [String] = []) -> DecodedRecord {
        Decoding.decode(Array(json.utf8), format, instances: instances)
    }

    /// The three ways in which a stream carries a status.
    private static func ways(_ event: String, _ status: String) -> [String] {
        [Feed.frame(event, status), Feed.message(event, status), "event: \(event)\r\ndata:\(status)"]
    }

    @Test(arguments: [PostFormat.mastodon, .auto])
    func status(format: PostFormat) throws {
        for json in Self.ways("update", Feed.status) + Self.ways("status.update", Feed.status) + [Feed.status, "data: " + Feed.status] {
            let post = try #require(decode(json, format).post)
            #expect(post.key == PostKey(platform: "mastodon", key: "far.example/111"))
            #expect(post.version == EventVersion(number: 1_772_352_000_000_000, scope: "time"))
            #expect(post.author == "ada@far.example")
            #expect(post.createdAt == Timestamp(microseconds: 1_772_352_000_000_000))
            #expect(post.language == "de")
            #expect(post.text == "Guten Morgen")
            #expect(post.replyTo == "far.example/110")
            #expect(post.repostOf == nil && post.quoteOf == nil)
        }
    }

    @Test func theServerOfTheSettingsOwnsTheIds() throws {
        // The id is of the server that sends, wherever the author lives.
        let post = try #require(decode(Feed.status, .mastodon, ["home.example"]).post)
        #expect(post.key.key == "home.example/111")
        #expect(post.author == "ada@far.example")
        #expect(post.replyTo == "home.example/110")
        let local = try #require(decode(Feed.local(), .mastodon, ["Home.Example"]).post)
        #expect(local.key.key == "home.example/111" && local.author == "bo@home.example")
        let byTopic = try #require(decode(Feed.status, .mastodon, ["other.example", "feed=home.example", "x=y.example"]).post)
        #expect(byTopic.key.key == "home.example/111")
        #expect(decode(Feed.status, .mastodon, ["x=y.example"]).post?.key.key == "far.example/111")
    }

    @Test func localStatusesSayTheirServerThemselves() {
        let post = decode(Feed.local()).post
        #expect(post?.key.key == "home.example/111")
        #expect(post?.author == "bo@home.example")
        let nowhere = #"{"id":"1","content":"x","account":{"acct":"bo"}}"#
        #expect(decode(nowhere).rejection?.reason == .missingInstance)
        #expect(decode(nowhere, .mastodon, ["home.example"]).post?.key.key == "home.example/1")
    }

    @Test(arguments: [PostFormat.mastodon, .auto])
    func aDeleteFindsTheKeyOfItsPost(format: PostFormat) throws {
        let post = try #require(decode(Feed.frame("update", Feed.status), format, ["home.example"]).post)
        for json in [Feed.frame("delete", "111"), Feed.message("delete", "111"), "event:delete\ndata:\"111\""] {
            let deletion = try #require(decode(json, format, ["home.example"]).deletion)
            #expect(deletion.key == post.key)
            #expect(deletion.version == EventVersion(kafkaOrderOf: Decoding.position))
            // Another scope than the post's: whichever comes first, the delete is final.
            #expect(deletion.version.scope != post.version.scope)
        }
        #expect(decode(#"{"event":"delete","payload":111}"#, format, ["home.example"]).deletion?.key == post.key)
        #expect(decode(Feed.frame("delete", "111"), format).rejection?.reason == .missingInstance)
    }

    @Test func anEditIsNewer() throws {
        let first = try #require(decode(Feed.local()).post)
        let edited = try #require(decode(Feed.local(edited: #""2026-03-01T08:05:00.5Z""#)).post)
        #expect(edited.key == first.key)
        #expect(edited.version.scope == first.version.scope && edited.version.text > first.version.text)
        #expect(edited.createdAt == first.createdAt)
    }

    @Test func boostsAndQuotesAreReferenced() {
        #expect(decode(Feed.local(rest: #","reblog":{"id":"42","content":"x"}"#)).post?.repostOf == "home.example/42")
        #expect(decode(Feed.local(rest: #","quote":{"state":"accepted","quoted_status":{"id":"43"}}"#)).post?.quoteOf == "home.example/43")
        #expect(decode(Feed.local(rest: #","quote":{"quoted_status_id":"44"}"#)).post?.quoteOf == "home.example/44")
    }

    @Test(arguments: [
        "notification", "conversation", "announcement", "announcement.reaction", "announcement.delete", "filters_changed",
        "encrypted_message", "something.new",
    ])
    func otherEventsAreSkipped(event: String) {
        for format in [PostFormat.mastodon, .auto] {
            #expect(decode(Feed.frame(event, #"{"id":"1"}"#), format).skipReason == .otherEvent)
            #expect(decode(Feed.frame(event, "undefined"), format).skipReason == .otherEvent)
            #expect(decode(Feed.message(event, "1"), format).skipReason == .otherEvent)
        }
    }

    @Test(arguments: [":thump\n", ":thump", "\n", ":\n\n:thump\n\n", "event: update\n\n", "retry: 5\n"])
    func keepAlives(text: String) {
        for format in [PostFormat.mastodon, .auto] { #expect(decode(text, format).skipReason == .keepAlive) }
    }

    @Test func payloadOverSeveralDataLines() {
        let lines = Feed.status.split(separator: ",", maxSplits: 1).map(String.init)
        #expect(decode("event: update\nid: 7\ndata: \(lines[0]),\ndata: \(lines[1])\n\n").post?.key.key == "far.example/111")
    }

    @Test(arguments: [
        (MastodonFixtures.frame("update", "{"), RejectionReason.malformedJSON), (MastodonFixtures.frame("update", "[]"), .notAnObject),
        (MastodonFixtures.frame("update", "undefined"), .malformedJSON), (MastodonFixtures.message("update", "{"), .malformedJSON),
        (MastodonFixtures.frame("delete", ""), .missingIdentifier), (MastodonFixtures.frame("delete", "{}"), .missingIdentifier),
        ("data: 111\n\n", .unknownFormat), (MastodonFixtures.message("delete", ""), .missingIdentifier),
        (#"{"uri":"https://a.example/1","account":{"acct":"a"},"content":"x"}"#, .missingIdentifier),
        (#"{"id":"1","uri":"https://a.example/1","account":{"acct":"a"}}"#, .missingText),
        (#"{"id":"1","uri":"https://a.example/1","account":{"acct":"a"},"content":null}"#, .missingText),
        (#"{"id":"1","uri":"https://a.example/1","account":{"acct":"a"},"content":7}"#, .wrongType),
        (#"{"id":[],"uri":"https://a.example/1","account":{"acct":"a"},"content":"x"}"#, .wrongType),
        (#"{"id":"1/2","uri":"https://a.example/1","account":{"acct":"a"},"content":"x"}"#, .wrongType),
        (#"{"id":"1","uri":7,"account":"a","content":"x"}"#, .missingInstance),
    ])
    func rejects(json: String, reason: RejectionReason) {
        #expect(decode(json).rejection?.reason == reason)
    }

    @Test func nullValuesDeleteTheirKey() {
        func delete(_ key: String, _ instances: [String]) -> String? {
            Decoding.decode(nil, key: Array(key.utf8), .mastodon, instances: instances).deletion?.key.key
        }
        #expect(delete("home.example/111", []) == "home.example/111")
        #expect(delete("111", ["home.example"]) == "home.example/111")
        #expect(delete("111", []) == nil && delete("a/b/c", []) == nil && delete("!/1", []) == nil)
    }

    @Test func instanceSettings() {
        #expect(MastodonInstances(["a.example", "topic=b.example:3000"])?.instance(for: "topic") == "b.example:3000")
        #expect(MastodonInstances(["a.example", "topic=b.example"])?.instance(for: "other") == "a.example")
        for entry in ["", "=a.example", "topic=", "https://a.example", "a b", "a.example/x", ".a"] {
            #expect(MastodonInstances.fault(in: entry) != nil, "\(entry)")
            #expect(MastodonInstances([entry]) == nil)
        }
    }
}
