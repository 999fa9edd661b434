// A small feed of each platform, written for these tests after the published shapes: what a collector hands to `winnow produce`,
// and what must be in the database afterwards.

struct FormatFeed: Sendable {
    struct Row: Equatable, Sendable {
        var key: String
        var author: String?
        var text: String
        var replyTo: String?
        var replyRoot: String?
        var repostOf: String?
        var quoteOf: String?

        init(
            _ key: String, _ author: String?, _ text: String, replyTo: String? = nil, replyRoot: String? = nil,
            repostOf: String? = nil, quoteOf: String? = nil
        ) {
            self.key = key
            self.author = author
            self.text = text
            self.replyTo = replyTo
            self.replyRoot = replyRoot
            self.repostOf = repostOf
            self.quoteOf = quoteOf
        }
    }

    let format: String
    let input: String
    /// `outcome reason` and how many records came to it.
    let outcomes: [String: Int]
    let rows: [Row]
    let tombstones: [String]
    /// Keys of posts that are kept and not shown.
    var hidden: [String] = []
    let accounts: [String]
    /// `reason key` of each.
    let letters: [String]
}

extension FormatFeed {
    static let all = [x2, x1, mastodon, reddit, mixed]

    private static func x2(_ id: String, _ author: String, _ text: String, _ rest: String = "") -> String {
        #"{"data":{"id":"\#(id)","author_id":"\#(author)","text":"\#(text)","created_at":"2026-03-01T08:00:00.000Z"\#(rest)}}"#
    }

    private static func compliance(_ name: String, _ inside: String) -> String {
        #"{"data":{"\#(name)":{\#(inside),"event_at":"2026-03-02T08:00:00.000Z"}}}"#
    }

    static let x2 = FormatFeed(
        format: "x2",
        input: [
            x2("1700000000000000100", "77", "fish &amp; chips by the pier"),
            x2(
                "1700000000000000200", "78", "not for me", #","conversation_id":"1700000000000000100","#
                    + #""referenced_tweets":[{"type":"replied_to","id":"1700000000000000100"}]"#),
            x2(
                "1700000000000000250", "78", "not for me, thanks", #","conversation_id":"1700000000000000100","#
                    + #""edit_history_tweet_ids":["1700000000000000200","1700000000000000250"],"#
                    + #""referenced_tweets":[{"type":"replied_to","id":"1700000000000000100"}]"#),
            x2(
                "1700000000000000300", "79", "RT @u: fish &amp; chips",
                #","referenced_tweets":[{"type":"retweeted","id":"1700000000000000100"}]"#),
            x2(
                "1700000000000000400", "80", "look at this",
                #","referenced_tweets":[{"type":"quoted","id":"1700000000000000100"}]"#),
            compliance("delete", #""tweet":{"id":"1700000000000000400","author_id":"80"}"#),
            compliance("user_suspend", #""user":{"id":"79"}"#),
            compliance("user_delete", #""user":{"id":"81"}"#),
            x2("1700000000000000050", "81", "from before the account went"),
            #"{"data":[{"id":"1700000000000000500","text":"one"},{"id":"1700000000000000501","text":"two"}],"meta":{"result_count":2}}"#,
            #"{"data":[{"id":"77","username":"u","name":"n"}],"meta":{"result_count":1}}"#,
            " ", #"{"data":{"id":"1700000000000000600"}}"#, #"{"data":{"id":"17"#,
        ].joined(separator: "\n") + "\n",
        outcomes: [
            "inserted ": 5, "edited ": 1, "deleted ": 2, "hidden ": 1, "superseded ": 1, "skipped other_event": 1,
            "skipped keep_alive": 1, "dead missing_text": 1, "dead malformed_json": 1,
        ],
        rows: [
            Row("1700000000000000100", "77", "fish & chips by the pier"),
            Row(
                "1700000000000000200", "78", "not for me, thanks", replyTo: "1700000000000000100",
                replyRoot: "1700000000000000100"),
            Row("1700000000000000300", "79", "RT @u: fish & chips", repostOf: "1700000000000000100"),
            Row("1700000000000000500", nil, "one"), Row("1700000000000000501", nil, "two"),
        ],
        tombstones: ["1700000000000000050", "1700000000000000400"], hidden: ["1700000000000000300"],
        accounts: ["79 hidden", "81 purged"], letters: ["malformed_json -", "missing_text 1700000000000000600"])

    private static func x1(_ id: String, _ author: String, _ text: String, _ rest: String = "") -> String {
        #"{"created_at":"Sun Mar 01 08:00:00 +0000 2026","id_str":"\#(id)","text":"\#(text)","user":{"id_str":"\#(author)"}\#(rest)}"#
    }

    static let x1 = FormatFeed(
        format: "x1",
        input: [
            x1(
                "1700000000000000100", "77", "cut off …",
                #","truncated":true,"extended_tweet":{"full_text":"salt &amp; vinegar, all of it"}"#),
            x1("1700000000000000200", "78", "me too", #","in_reply_to_status_id_str":"1700000000000000100""#),
            x1(
                "1700000000000000300", "79", "RT @u: salt",
                #","retweeted_status":{"id_str":"1700000000000000100","text":"salt","user":{"id_str":"77"}}"#),
            x1("1700000000000000400", "80", "look", #","quoted_status_id_str":"1700000000000000100""#),
            x1("1700000000000000400", "80", "look", #","quoted_status_id_str":"1700000000000000100""#),
            #"{"delete":{"status":{"id_str":"1700000000000000200","user_id_str":"78"},"timestamp_ms":"1772352060000"}}"#,
            #"{"limit":{"track":12,"timestamp_ms":"1772352060000"}}"#,
            #"{"friends":[1,2,3]}"#,
            #"{"user_protect":{"id":80,"event_at":"2026-03-02T08:00:00.000Z"}}"#,
            x1("1700000000000000500", "81", "").replacingOccurrences(of: #""text":"""#, with: #""text":7"#),
        ].joined(separator: "\n") + "\n",
        outcomes: [
            "inserted ": 4, "superseded ": 1, "deleted ": 1, "hidden ": 1, "skipped limit_notice": 1, "skipped other_event": 1,
            "dead wrong_type": 1,
        ],
        rows: [
            Row("1700000000000000100", "77", "salt & vinegar, all of it"),
            Row("1700000000000000300", "79", "RT @u: salt", repostOf: "1700000000000000100"),
            Row("1700000000000000400", "80", "look", quoteOf: "1700000000000000100"),
        ],
        tombstones: ["1700000000000000200"], hidden: ["1700000000000000400"], accounts: ["80 hidden"],
        letters: ["wrong_type 1700000000000000500"])

    private static func status(_ id: String, _ account: String, _ content: String, _ rest: String = "") -> String {
        #"{"id":"\#(id)","created_at":"2026-03-01T08:00:00Z","content":"\#(content)","#
            + #""uri":"https://home.example/users/\#(account)/statuses/\#(id)","account":{"acct":"\#(account)"}\#(rest)}"#
    }

    private static func frame(_ event: String, _ data: String) -> String { "event: \(event)\ndata: \(data)\n\n" }

    /// As the server sends it: frames, with comments that keep the connection open.
    static let mastodon = FormatFeed(
        format: "mastodon",
        input: ":)\n\n" + frame("update", status("111", "bo", "<p>Tea &amp; toast</p><p>at <b>ten</b></p>"))
            + frame("update", status("112", "ada@Far.example", "<p>at eleven</p>", #","in_reply_to_id":"111""#))
            + ":thump\n\n"
            + frame("update", status("113", "eve", "", #","reblog":{"id":"111","content":"<p>Tea</p>","account":{"acct":"bo"}}"#))
            + frame("update", status("114", "bo", "<p>gone soon</p>")) + frame("delete", "114")
            + frame(
                "status.update",
                status("112", "ada@Far.example", "<p>at noon</p>", #","edited_at":"2026-03-01T09:00:00Z","in_reply_to_id":"111""#))
            + frame("notification", #"{"id":"9","type":"follow"}"#) + ":thump\n\n"
            + frame("update", status("112", "ada@Far.example", "<p>at eleven</p>", #","in_reply_to_id":"111""#))
            + frame("update", #"{"id":"115","account":{"acct":"bo"},"uri":"https://home.example/x"}"#),
        outcomes: ["inserted ": 4, "edited ": 1, "deleted ": 1, "superseded ": 1, "skipped other_event": 1, "dead missing_text": 1],
        rows: [
            Row("home.example/111", "bo@home.example", "Tea & toast\n\nat ten"),
            Row("home.example/112", "ada@far.example", "at noon", replyTo: "home.example/111"),
            Row("home.example/113", "eve@home.example", "", repostOf: "home.example/111"),
        ],
        tombstones: ["home.example/114"], accounts: [], letters: ["missing_text home.example/115"])

    private static func thing(_ kind: String, _ name: String, _ fields: String) -> String {
        #"{"kind":"\#(kind)","data":{"name":"\#(name)","author":"mira","created_utc":1772352000.0,\#(fields)}}"#
    }

    static let reddit = FormatFeed(
        format: "reddit",
        input: [
            thing("t3", "t3_zzz", #""title":"Best harbour?","selftext":"Asking for a friend""#),
            thing("t1", "t1_aaa", #""body":"Hamburg","parent_id":"t3_zzz","link_id":"t3_zzz","edited":false"#),
            #"{"kind":"Listing","data":{"children":["#
                + thing("t1", "t1_bbb", #""body":"Rotterdam","parent_id":"t1_aaa","link_id":"t3_zzz""#) + ","
                + thing("t1", "t1_ccc", #""body":"Porto","parent_id":"t1_aaa","link_id":"t3_zzz""#) + "]}}",
            thing("t1", "t1_aaa", #""body":"Hamburg, of course","parent_id":"t3_zzz","link_id":"t3_zzz","edited":1772352060.0"#),
            thing("t1", "t1_ccc", #""body":"[removed]","parent_id":"t1_aaa","link_id":"t3_zzz""#),
            thing("t3", "t3_yyy", #""title":"Best harbour? (again)","selftext":"","crosspost_parent":"t3_zzz""#),
            #"{"kind":"more","data":{"count":3,"children":["ddd"]}}"#,
            #"{"kind":"Listing","data":{"children":[]}}"#,
            thing("t1", "t1_eee", #""parent_id":"t1_aaa""#),
        ].joined(separator: "\n") + "\n",
        outcomes: [
            "inserted ": 4, "edited ": 1, "deleted ": 1, "skipped other_event": 1, "skipped empty_page": 1, "dead missing_text": 1,
        ],
        rows: [
            Row("t1_aaa", "mira", "Hamburg, of course", replyTo: "t3_zzz", replyRoot: "t3_zzz"),
            Row("t1_bbb", "mira", "Rotterdam", replyTo: "t1_aaa", replyRoot: "t3_zzz"),
            Row("t3_yyy", "mira", "Best harbour? (again)", repostOf: "t3_zzz"),
            Row("t3_zzz", "mira", "Best harbour?\n\nAsking for a friend"),
        ],
        tombstones: ["t1_ccc"], accounts: [], letters: ["missing_text t1_eee"])

    /// A topic that several collectors write to.
    static let mixed = FormatFeed(
        format: "auto",
        input: [
            x2("1700000000000000100", "77", "fish and chips"), x1("1700000000000000200", "78", "salt"),
            status("111", "bo", "<p>tea</p>"), thing("t3", "t3_zzz", #""title":"Best harbour?","selftext":"""#),
            #"{"did":"did:plc:one","time_us":1772352000000000,"kind":"commit","commit":{"rev":"3kzzzzzzzzz22","operation":"create","#
                + #""collection":"app.bsky.feed.post","rkey":"a","record":{"$type":"app.bsky.feed.post","text":"hello sky"}}}"#,
            compliance("delete", #""tweet":{"id":"1700000000000000200","author_id":"78"}"#),
            #"{"did":"did:plc:one","time_us":1772352060000000,"kind":"account","#
                + #""account":{"did":"did:plc:one","active":false,"status":"deleted"}}"#,
            #"{"stream":["public"],"event":"delete","payload":"111"}"#,
            #"{"what":"is this"}"#,
        ].joined(separator: "\n") + "\n",
        outcomes: ["inserted ": 5, "deleted ": 3, "dead unknown_format": 1],
        rows: [Row("1700000000000000100", "77", "fish and chips"), Row("t3_zzz", "mira", "Best harbour?")],
        tombstones: ["1700000000000000200", "at://did:plc:one/app.bsky.feed.post/a", "home.example/111"],
        accounts: ["did:plc:one purged"], letters: ["unknown_format -"])
}
