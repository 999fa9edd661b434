// X's API v1.1: statuses, deletes, and its many notices.
import Posts
import Testing

struct X1DecoderTests {
    @Test(arguments: [PostFormat.x1, .auto])
    func status(format: PostFormat) throws {
        let post = try #require(Decoding.decode(XFixtures.status, format).post)
        #expect(post.key == PostKey(platform: "x", key: "1700000000000000100"))
        #expect(post.version == EventVersion(number: 1_772_352_000_000_000, scope: "time"))
        #expect(post.author == "77")
        #expect(post.createdAt == Timestamp(microseconds: 1_772_352_000_000_000))
        #expect(post.language == "en")
        #expect(post.text == "salt & vinegar, all of it")
        #expect(post.replyTo == "1700000000000000001")
        #expect(post.quoteOf == "1700000000000000002")
        #expect(post.repostOf == nil && post.replyRoot == nil)
    }

    @Test func aRetweetIsReferencedAndKeepsItsOwnText() throws {
        let post = try #require(Decoding.decode(XFixtures.retweet, .x1).post)
        #expect(post.repostOf == "4")
        #expect(post.text == "RT @a: other")
    }

    @Test func theLongestTextIsTaken() {
        func text(_ fields: String) -> String? { Decoding.decode(#"{"id_str":"1","user":{},\#(fields)}"#, .x1).post?.text }
        #expect(text(#""text":"a""#) == "a")
        #expect(text(#""text":"a","full_text":"ab""#) == "ab")
        #expect(text(#""text":"a","full_text":"ab","extended_tweet":{"full_text":"abc"}"#) == "abc")
        #expect(text(#""text":"a","extended_tweet":{"full_text":null}"#) == "a")
        #expect(text(#""text":"a","extended_tweet":7"#) == "a")
    }

    @Test(arguments: [PostFormat.x1, .auto])
    func deletes(format: PostFormat) {
        #expect(
            Decoding.decode(XFixtures.delete, format).deletion
                == PostDeletion(
                    key: PostKey(platform: "x", key: "1700000000000000100"),
                    version: EventVersion(number: 1_772_352_000_000_000, scope: "delete"), author: "77"))
        let timeless = #"{"delete":{"status":{"id":5,"user_id":7}}}"#
        #expect(
            Decoding.decode(timeless, format).deletion
                == PostDeletion(
                    key: PostKey(platform: "x", key: "5"), version: EventVersion(kafkaOrderOf: Decoding.position), author: "7"))
    }

    @Test func accountsOfTheComplianceStream() {
        let json = #"{"user_delete":{"id":77,"timestamp_ms":"1772352000000"}}"#
        for format in [PostFormat.x1, .auto] {
            #expect(
                Decoding.decode(json, format).accountChange
                    == AccountChange(
                        platform: "x", account: "77", kind: .purge,
                        version: EventVersion(number: 1_772_352_000_000_000, scope: "account")))
        }
    }

    @Test(arguments: [
        (#"{"limit":{"track":1234,"timestamp_ms":"1"}}"#, SkipReason.limitNotice), (#"{"friends":[1,2]}"#, .otherEvent),
        (#"{"friends_str":["1"]}"#, .otherEvent), (#"{"direct_message":{"id":1,"text":"private"}}"#, .otherEvent),
        (#"{"event":"follow","source":{"id":1},"target":{"id":2},"created_at":"x"}"#, .otherEvent),
        (#"{"warning":{"code":"FALLING_BEHIND","message":"m","percent_full":60}}"#, .otherEvent),
        (#"{"disconnect":{"code":4,"reason":"r"}}"#, .otherEvent), (#"{"scrub_geo":{"user_id":1}}"#, .otherEvent),
        (#"{"status_withheld":{"id":1,"user_id":2}}"#, .otherEvent), (#"{"control":{"control_uri":"u"}}"#, .otherEvent),
        ("\r\n", .keepAlive),
    ])
    func skips(json: String, reason: SkipReason) {
        for format in [PostFormat.x1, .auto] { #expect(Decoding.decode(json, format).skipReason == reason, "\(format)") }
    }

    @Test(arguments: [
        (#"{"text":"t","user":{}}"#, RejectionReason.missingIdentifier), (#"{"id_str":"1","user":{}}"#, .missingText),
        (#"{"id_str":"1","text":7,"user":{}}"#, .wrongType), (#"{"id_str":"x","text":"t","user":{}}"#, .wrongType),
        (#"{"id":1.5,"text":"t"}"#, .wrongType), (#"{"delete":{}}"#, .missingIdentifier),
        (#"{"delete":{"status":{"id_str":"x"}}}"#, .missingIdentifier), (#"{"id_str":"1","text":"t"#, .malformedJSON),
    ])
    func rejects(json: String, reason: RejectionReason) {
        #expect(Decoding.decode(json, .x1).rejection?.reason == reason)
    }

    @Test func deletesOfMessagesAreNoDeletesOfPosts() {
        #expect(Decoding.decode(#"{"delete":{"direct_message":{"id":1}}}"#, .x1).skipReason == .otherEvent)
        #expect(Decoding.decode("{}", .x1).skipReason == .otherEvent)
    }

    @Test func wordedDates() {
        #expect(FeedTime.wordedDate("Wed Apr 06 19:13:37 +0000 2011") == FeedTime.iso8601("2011-04-06T19:13:37Z"))
        #expect(FeedTime.wordedDate("Wed Apr 6 19:13:37 -0230 2011") == FeedTime.iso8601("2011-04-06T21:43:37Z"))
        for text in ["", "Wed Apr 06 2011", "Wed Foo 06 19:13:37 +0000 2011", "Wed Feb 30 19:13:37 +0000 2011", "a b c d e f"] {
            #expect(FeedTime.wordedDate(text) == nil, "\(text)")
        }
    }

    @Test func onlyWhatXEscapesIsUnescaped() {
        func text(_ raw: String) -> String? { Decoding.decode(#"{"id_str":"1","user":{},"text":"\#(raw)"}"#, .x1).post?.text }
        #expect(text("&lt;b&gt; &amp;amp; &quot;&#39;") == "<b> &amp; \"'")
        #expect(text("AT&T &eacute; &nbsp; & &; &#233; &amp") == "AT&T &eacute; &nbsp; & &; &#233; &amp")
    }
}
