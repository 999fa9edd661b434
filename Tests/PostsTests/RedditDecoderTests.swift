// Reddit's comments and submissions, alone and in listings; deletes that are texts.
import Posts
import Testing

struct RedditDecoderTests {
    private static func comment(_ name: String = "t1_abc", body: String = "well put", rest: String = "") -> String {
        #"{"kind":"t1","data":{"name":"\#(name)","author":"mira","body":"\#(body)","parent_id":"t1_aaa","link_id":"t3_zzz","#
            + #""created_utc":1772352000.0,"edited":false\#(rest)}}"#
    }

    @Test(arguments: [PostFormat.reddit, .auto])
    func comment(format: PostFormat) throws {
        let post = try #require(Decoding.decode(Self.comment(), format).post)
        #expect(post.key == PostKey(platform: "reddit", key: "t1_abc"))
        #expect(post.version == EventVersion(number: 1_772_352_000_000_000, scope: "time"))
        #expect(post.author == "mira")
        #expect(post.createdAt == Timestamp(microseconds: 1_772_352_000_000_000))
        #expect(post.text == "well put")
        #expect(post.replyTo == "t1_aaa" && post.replyRoot == "t3_zzz")
    }

    @Test func anEditIsNewer() throws {
        let first = try #require(Decoding.decode(Self.comment(), .reddit).post)
        let edited = try #require(Decoding.decode(Self.comment(rest: #","edited":1772352060.0"#), .reddit).post)
        #expect(edited.version == EventVersion(number: 1_772_352_060_000_000, scope: "time"))
        #expect(edited.version.text > first.version.text)
        // Very old things say only that they were edited.
        #expect(Decoding.decode(Self.comment(rest: #","edited":true"#), .reddit).post?.version == first.version)
    }

    @Test(arguments: [PostFormat.reddit, .auto])
    func submission(format: PostFormat) throws {
        func decode(_ fields: String) -> DecodedRecord {
            Decoding.decode(#"{"kind":"t3","data":{"name":"t3_abc","author":"mira","created_utc":1772352000,\#(fields)}}"#, format)
        }
        #expect(decode(#""title":"A title","selftext":"and a text""#).post?.text == "A title\n\nand a text")
        #expect(decode(#""title":"A link","selftext":"""#).post?.text == "A link")
        #expect(decode(#""title":"A link","crosspost_parent":"t3_first""#).post?.repostOf == "t3_first")
        #expect(decode(#""title":"A title","selftext":"[removed]""#).deletion?.key.key == "t3_abc")
        #expect(decode(#""selftext":7,"title":"x""#).rejection?.reason == .wrongType)
        #expect(decode(#""x":1"#).rejection?.reason == .missingText)
    }

    @Test(arguments: ["[deleted]", "[removed]"])
    func textsThatWereTakenAwayAreDeletes(body: String) {
        let version = EventVersion(kafkaOrderOf: Decoding.position)
        #expect(
            Decoding.decode(Self.comment(body: body), .reddit).deletion
                == PostDeletion(key: PostKey(platform: "reddit", key: "t1_abc"), version: version, author: "mira"))
        #expect(Decoding.decode(Self.comment(body: body, rest: #","author":"[deleted]""#), .auto).deletion?.author == nil)
    }

    @Test func bareThingsOfArchives() {
        let comment = #"{"id":"abc","author":"mira","body":"hello","subreddit":"s","created_utc":"1772352000","link_id":"t3_z"}"#
        for format in [PostFormat.reddit, .auto] {
            let post = Decoding.decode(comment, format).post
            #expect(post?.key.key == "t1_abc")
            #expect(post?.createdAt == Timestamp(microseconds: 1_772_352_000_000_000))
        }
        #expect(Decoding.decode(#"{"id":"abc","title":"hello","subreddit":"s","created_utc":1}"#, .reddit).post?.key.key == "t3_abc")
    }

    @Test(arguments: [
        (#"{"kind":"more","data":{"count":3,"children":["a"]}}"#, SkipReason.otherEvent),
        (#"{"kind":"t5","data":{"name":"t5_x"}}"#, .otherEvent), (#"{"kind":"t2","data":{"name":"t2_x"}}"#, .otherEvent),
        (#"{"kind":"Listing","data":{"children":[]}}"#, .emptyPage), (#"{"kind":"Listing","data":{}}"#, .emptyPage),
    ])
    func skips(json: String, reason: SkipReason) {
        for format in [PostFormat.reddit, .auto] { #expect(Decoding.decode(json, format).skipReason == reason, "\(format)") }
    }

    @Test(arguments: [
        (#"{"kind":"t1","data":{"body":"x"}}"#, RejectionReason.missingIdentifier),
        (#"{"kind":"t1","data":{"name":"t1_a"}}"#, .missingText), (#"{"kind":"t1","data":{"name":"t1_a","body":{}}}"#, .wrongType),
        (#"{"kind":"t1","data":{"name":"t9_a","body":"x"}}"#, .missingIdentifier),
        (#"{"kind":"t1","data":{"name":"t1_AB","body":"x"}}"#, .missingIdentifier),
        (#"{"kind":"t1","data":{"name":17,"body":"x"}}"#, .missingIdentifier), (#"{"kind":"t1","data":7}"#, .wrongType),
        (#"{"kind":"t1","data":{"name":"t1_a","body":"x""#, .malformedJSON),
    ])
    func rejects(json: String, reason: RejectionReason) {
        #expect(Decoding.decode(json, .reddit).rejection?.reason == reason)
    }

    @Test func listingsAndAnswersComeInOrder() throws {
        let answer = Self.comment("t1_c", body: "an answer")
        let first = Self.comment("t1_b", rest: #","replies":{"kind":"Listing","data":{"children":[\#(answer)]}}"#)
        let listing = #"{"kind":"Listing","data":{"after":null,"children":[\#(first),\#(Self.comment("t1_d")),{"kind":"more","data":{}}]}}"#
        for format in [PostFormat.reddit, .auto] {
            let documents = Decoding.decode(listing, format).documents
            #expect(documents.map { $0.content.post?.key.key } == ["t1_b", "t1_c", "t1_d", nil])
            // A page of comments is a list of two listings.
            #expect(Decoding.decode("[\(listing),\(listing)]", format).documents.count == 8)
        }
    }

    @Test func nullValuesDeleteTheirKey() {
        for format in [PostFormat.reddit, .auto] {
            #expect(
                Decoding.decode(nil, key: Array("t3_abc".utf8), format).deletion?.key == PostKey(platform: "reddit", key: "t3_abc"))
        }
        #expect(Decoding.decode(nil, key: Array("abc".utf8), .reddit).skipReason == .nullValue)
    }
}
