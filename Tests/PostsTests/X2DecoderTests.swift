// X's API v2: posts, pages, edits, compliance, and everything that is none of these.
import Posts
import Testing

struct X2DecoderTests {
    @Test(arguments: [PostFormat.x2, .auto])
    func streamDocument(format: PostFormat) throws {
        let post = try #require(Decoding.decode(XFixtures.stream, format).post)
        #expect(post.key == PostKey(platform: "x", key: "1700000000000000100"))
        #expect(post.version == EventVersion(text: "01700000000000000100", scope: "id"))
        #expect(post.author == "77")
        #expect(post.createdAt == FeedTime.iso8601("2026-03-01T08:00:00.000Z"))
        #expect(post.language == "en")
        #expect(post.text == "fish & chips <3 &copy; 😀")
        #expect(post.replyTo == "1700000000000000001")
        #expect(post.replyRoot == "1700000000000000000")
        #expect(post.quoteOf == "1700000000000000002")
        #expect(post.repostOf == nil)
    }

    @Test func aRepostIsReferenced() throws {
        let post = try #require(
            Decoding.decode(
                XFixtures.tweet(rest: #","referenced_tweets":[{"type":"retweeted","id":"9"}],"conversation_id":"5""#), .x2
            ).post)
        #expect(post.repostOf == "9")
        #expect(post.replyRoot == nil, "a conversation of its own is no reply")
    }

    @Test(arguments: [PostFormat.x2, .auto])
    func anEditHasTheOldestIdAsKeyAndItsOwnAsVersion(format: PostFormat) throws {
        // Ids of other lengths: they are numbers, not texts.
        let first = XFixtures.tweet(id: "999", rest: #","edit_history_tweet_ids":["999"]"#)
        let second = XFixtures.tweet(id: "1001", rest: #","edit_history_tweet_ids":["1001","999"]"#)
        let stale = XFixtures.tweet(id: "999", rest: #","edit_history_tweet_ids":["999","1001"]"#)
        let posts = try [first, second, stale].map { try #require(Decoding.decode($0, format).post) }
        #expect(Set(posts.map(\.key)) == [PostKey(platform: "x", key: "999")])
        #expect(posts[1].version.text > posts[0].version.text)
        // An old text that is looked up after the edit must not win over the new one.
        #expect(posts[2].version == posts[0].version)
    }

    @Test(arguments: [PostFormat.x2, .auto])
    func deletes(format: PostFormat) {
        let key = PostKey(platform: "x", key: "1700000000000000100")
        let version = EventVersion(number: 1_772_352_000_000_000, scope: "delete")
        for name in ["delete", "drop"] {
            let json = XFixtures.compliance(name, #""tweet":{"id":"1700000000000000100","author_id":"77"}"#)
            #expect(Decoding.decode(json, format).deletion == PostDeletion(key: key, version: version, author: "77"))
        }
        let row = #"{"id":"1700000000000000100","action":"delete","created_at":"2026-01-01T00:00:00Z","reason":"suspended"}"#
        #expect(
            Decoding.decode(row, format).deletion
                == PostDeletion(key: key, version: EventVersion(kafkaOrderOf: Decoding.position), author: nil))
    }

    @Test(arguments: [
        ("user_delete", AccountChange.Kind.purge), ("user_undelete", .restore), ("user_suspend", .hide),
        ("user_unsuspend", .restore), ("user_protect", .hide), ("user_unprotect", .restore), ("user_withheld", .hide),
    ])
    func accounts(name: String, kind: AccountChange.Kind) {
        for format in [PostFormat.x2, .auto] {
            #expect(
                Decoding.decode(XFixtures.compliance(name, #""user":{"id":"77"}"#), format).accountChange
                    == AccountChange(
                        platform: "x", account: "77", kind: kind,
                        version: EventVersion(number: 1_772_352_000_000_000, scope: "account")))
        }
    }

    @Test(arguments: [
        (XFixtures.compliance("undrop", #""tweet":{"id":"1"}"#), SkipReason.otherEvent),
        (XFixtures.compliance("withheld", #""tweet":{"id":"1"},"withheld_in_countries":["DE"]"#), .otherEvent),
        (XFixtures.compliance("tweet_edit", #""tweet":{"id":"2"},"initial_tweet_id":"1","edit_tweet_ids":["1","2"]"#), .otherEvent),
        (#"{"meta":{"result_count":0}}"#, .emptyPage), (#"{"data":[],"meta":{}}"#, .emptyPage),
        (#"{"errors":[{"title":"operational-disconnect"}]}"#, .otherEvent),
        (#"{"data":{"id":"5","name":"n","username":"u"}}"#, .otherEvent), ("{}", .otherEvent),
        ("\r\n", .keepAlive), ("", .keepAlive), (#"{"id":"1","action":"scrub_geo","created_at":"x","reason":"y"}"#, .otherEvent),
    ])
    func skips(json: String, reason: SkipReason) {
        #expect(Decoding.decode(json, .x2).skipReason == reason)
    }

    @Test(arguments: [
        (#"{"data":{"text":"t"}}"#, RejectionReason.missingIdentifier), (#"{"data":{"id":"1"}}"#, .missingText),
        (#"{"data":{"id":"1","text":null}}"#, .missingText), (#"{"data":{"id":"1","text":["t"]}}"#, .wrongType),
        (#"{"data":{"id":"one","text":"t"}}"#, .wrongType), (#"{"data":{"id":1e400,"text":"t"}}"#, .wrongType),
        (#"{"data":{"id":-5,"text":"t"}}"#, .wrongType), (#"{"data":{"id":"007","text":"t"}}"#, .wrongType),
        (#"{"data":{"id":123456789012345678901234567890,"text":"t"}}"#, .wrongType), (#"{"data":7}"#, .wrongType),
        (#"{"data":{"delete":{"tweet":{}}}}"#, .missingIdentifier), (#"{"data":{"delete":{}}}"#, .missingIdentifier),
        (#"{"data":{"user_delete":{"user":{}}}}"#, .missingIdentifier), (#"{"data":{}}"#, .missingIdentifier),
        (#"{"data":{"author_id":"77""#, .malformedJSON), ("7", .notAnObject),
    ])
    func rejects(json: String, reason: RejectionReason) {
        #expect(Decoding.decode(json, .x2).rejection?.reason == reason)
    }

    @Test func fieldsOfTheWrongTypeAreNull() throws {
        let json = XFixtures.tweet(
            rest: #","author_id":{},"created_at":[],"lang":7,"referenced_tweets":{"a":1},"edit_history_tweet_ids":"x""#)
        let post = try #require(Decoding.decode(json, .x2).post)
        #expect(post.author == nil && post.createdAt == nil && post.language == nil && post.replyTo == nil)
        #expect(post.key.key == "10")
    }

    @Test func idsAreToldFromWhatIsCutOff() {
        let rejection = Decoding.decode(#"{"data":{"author_id":"77","id":"1001","edit_history_tweet_ids":["999","#, .x2).rejection
        #expect(rejection?.key == PostKey(platform: "x", key: "999"))
        #expect(rejection?.author == "77")
    }

    @Test func nullValuesDeleteTheirKey() {
        let key = Array("1700000000000000100".utf8)
        for format in [PostFormat.x2, .x1] {
            #expect(Decoding.decode(nil, key: key, format).deletion?.key == PostKey(platform: "x", key: "1700000000000000100"))
            #expect(Decoding.decode(nil, key: Array("abc".utf8), format).skipReason == .nullValue)
        }
    }
}
