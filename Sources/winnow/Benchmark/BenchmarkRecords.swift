// Made-up records of each format for `winnow benchmark --stage decode`: a third with emoji, a third with escapes, half of them
// replies, with the fields around the text that the platforms send.
import ArgumentParser
import Foundation
import Posts
import RegistryFormats

/// What the records are written in.
enum BenchmarkFormat: String, ExpressibleByArgument, CaseIterable {
    case jetstream, x2, x1, mastodon, reddit, generic, avro, protobuf

    /// The format behind the payload.
    var posts: PostFormat {
        switch self {
        case .jetstream: .jetstream
        case .x2: .x2
        case .x1: .x1
        case .mastodon: .mastodon
        case .reddit: .reddit
        case .generic, .avro, .protobuf: .generic
        }
    }

    /// The schema of the wire format under the number 1; nil where records are JSON.
    var schema: (text: String, type: String?)? {
        switch self {
        case .avro:
            (#"{"type":"record","name":"Post","fields":[{"name":"id","type":"string"},{"name":"text","type":"string"},"#
                + #"{"name":"author","type":["null","string"]},{"name":"lang","type":"string"},"#
                + #"{"name":"created_at","type":{"type":"long","logicalType":"timestamp-micros"}},"#
                + #"{"name":"reply_to","type":["null","string"]}]}"#, "AVRO")
        case .protobuf:
            ("""
            syntax = "proto3";
            message Post { string id = 1; string text = 2; string author = 3; string lang = 4; int64 created_at = 5;
                           optional string reply_to = 6; }
            """, "PROTOBUF")
        case .jetstream, .x2, .x1, .mastodon, .reddit, .generic: nil
        }
    }
}

struct BenchmarkRecords {
    let format: BenchmarkFormat

    func value(_ number: Int) -> [UInt8] {
        switch format {
        case .jetstream: Array(jetstream(number).utf8)
        case .x2: Array(x2(number).utf8)
        case .x1: Array(x1(number).utf8)
        case .mastodon: Array(mastodon(number).utf8)
        case .reddit: Array(reddit(number).utf8)
        case .generic: Array(generic(number).utf8)
        case .avro: avro(number)
        case .protobuf: protobuf(number)
        }
    }

    /// As JSON has it, escapes included.
    private static func quoted(_ number: Int) -> String {
        let texts = [
            "just missed the last train again, walking home in the rain with cold chips number \(number)",
            "おはよう☀️ 今日はいい天気ですね 🌸 散歩に行こうかな \(number)",
            #"she said \"never again\"\nand then ordered \ud83c\udf55 twice, see https://example.org/\#(number)"#,
        ]
        return texts[number % 3]
    }

    private static func plain(_ number: Int) -> String {
        number % 3 < 2 ? quoted(number) : "she said \"never again\"\nand then ordered 🍕 twice, see https://example.org/\(number)"
    }

    private static func isReply(_ number: Int) -> Bool { number % 2 == 0 }
    private static func tweet(_ number: Int) -> Int { 1_800_000_000_000_000_000 + number }

    // MARK: JSON

    private func jetstream(_ number: Int) -> String {
        let reply = """
            "reply":{"parent":{"cid":"bafyreib\(number)",\
            "uri":"at://did:plc:p\(number)/app.bsky.feed.post/3kp\(number)"},\
            "root":{"cid":"bafyreic\(number)","uri":"at://did:plc:r\(number)/app.bsky.feed.post/3kr\(number)"}},
            """
        return """
            {"did":"did:plc:abcdefghijklmnop\(number)","time_us":\(1_783_175_888_090_631 + number),"kind":"commit",\
            "commit":{"rev":"3mptbyp\(number)","operation":"create","collection":"app.bsky.feed.post",\
            "rkey":"3mptbyo\(number)","record":{"$type":"app.bsky.feed.post","createdAt":"2026-07-04T14:38:06.240Z",\
            "facets":[{"features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://example.org/\(number)"}],\
            "index":{"byteEnd":31,"byteStart":0}}],"langs":["en"],\(Self.isReply(number) ? reply : "")\
            "text":"\(Self.quoted(number))"},"cid":"bafyreiapzyf65cmq55jklpnrihiygze2jmmdqvvkwqeiomd72pbp2iazuu"}}
            """
    }

    private func x2(_ number: Int) -> String {
        let reply = #""referenced_tweets":[{"type":"replied_to","id":"\#(Self.tweet(number) - 9)"}],"in_reply_to_user_id":"7","#
        return """
            {"data":{"author_id":"77\(number)","conversation_id":"\(Self.tweet(number) - 9)",\
            "created_at":"2026-07-04T14:38:06.000Z","edit_controls":{"edits_remaining":5,"is_edit_eligible":true,\
            "editable_until":"2026-07-04T15:38:06.000Z"},"edit_history_tweet_ids":["\(Self.tweet(number))"],\
            "entities":{"urls":[{"start":10,"end":33,"url":"https://t.co/abc\(number)","expanded_url":"https://example.org/\(number)"}]},\
            "id":"\(Self.tweet(number))","lang":"en","possibly_sensitive":false,"public_metrics":{"retweet_count":0,\
            "reply_count":0,"like_count":3,"quote_count":0,"bookmark_count":0,"impression_count":0},\
            \(Self.isReply(number) ? reply : "")"reply_settings":"everyone","text":"\(Self.quoted(number)) &amp; more"},\
            "includes":{"users":[{"id":"77\(number)","name":"somebody","username":"user\(number)","verified":false}]},\
            "matching_rules":[{"id":"1480","tag":"trains"}]}
            """
    }

    private func x1(_ number: Int) -> String {
        let reply = #""in_reply_to_status_id":\#(Self.tweet(number) - 9),"in_reply_to_status_id_str":"\#(Self.tweet(number) - 9)","#
        return """
            {"created_at":"Sat Jul 04 14:38:06 +0000 2026","id":\(Self.tweet(number)),"id_str":"\(Self.tweet(number))",\
            "text":"\(Self.quoted(number)) &amp; more","source":"<a href=\\"https://example.org\\" rel=\\"nofollow\\">web</a>",\
            "truncated":false,\(Self.isReply(number) ? reply : "")"user":{"id":77\(number),"id_str":"77\(number)","name":"somebody",\
            "screen_name":"user\(number)","location":null,"description":"trains & tea","protected":false,"followers_count":12,\
            "friends_count":40,"created_at":"Mon Mar 01 08:00:00 +0000 2021","profile_image_url_https":"https://example.org/a.png"},\
            "geo":null,"coordinates":null,"place":null,"is_quote_status":false,"quote_count":0,"reply_count":0,"retweet_count":0,\
            "entities":{"hashtags":[],"urls":[],"user_mentions":[],"symbols":[]},"favorited":false,"lang":"en",\
            "timestamp_ms":"1783175886000"}
            """
    }

    private func mastodon(_ number: Int) -> String {
        let text = Self.quoted(number).replacing(#"\n"#, with: "</p><p>")
        return """
            event: update
            data: {"id":"\(116_000_000_000_000_000 + number)","created_at":"2026-07-04T14:38:06.240Z","edited_at":null,\
            "in_reply_to_id":\(Self.isReply(number) ? "\"115999999999\"" : "null"),"in_reply_to_account_id":null,"sensitive":false,\
            "spoiler_text":"","visibility":"public","language":"en","uri":"https://far.example/users/u\(number)/statuses/9",\
            "url":"https://far.example/@u\(number)/9","replies_count":0,"reblogs_count":0,"favourites_count":0,\
            "content":"<p>\(text) &amp; <a href=\\"https://far.example/tags/tea\\" class=\\"mention hashtag\\">#<span>tea</span></a></p>",\
            "reblog":null,"account":{"id":"5\(number)","username":"u\(number)","acct":"u\(number)@far.example",\
            "display_name":"somebody","url":"https://far.example/@u\(number)","note":"<p>trains</p>","followers_count":12},\
            "media_attachments":[],"mentions":[],"tags":[{"name":"tea","url":"https://far.example/tags/tea"}],"emojis":[]}

            """
    }

    private func reddit(_ number: Int) -> String {
        let name = String(number + 50_000_000, radix: 36)
        return """
            {"kind":"t1","data":{"subreddit_id":"t5_2qh33","approved_at_utc":null,"author_is_blocked":false,"subreddit":"trains",\
            "likes":null,"replies":"","saved":false,"id":"\(name)","gilded":0,"archived":false,"author":"user\(number)",\
            "parent_id":"\(Self.isReply(number) ? "t1" : "t3")_abc\(number % 900)","score":3,"author_fullname":"t2_\(name)",\
            "body":"\(Self.quoted(number))","edited":false,"name":"t1_\(name)","downs":0,"is_submitter":false,\
            "body_html":"&lt;div class=\\"md\\"&gt;&lt;p&gt;as above&lt;/p&gt;&lt;/div&gt;","stickied":false,\
            "permalink":"/r/trains/comments/zzz/_/\(name)/","created":1783175886.0,"created_utc":1783175886.0,\
            "link_id":"t3_zzz","controversiality":0,"depth":1,"ups":3}}
            """
    }

    private func generic(_ number: Int) -> String {
        let reply = Self.isReply(number) ? #""reply_to":"p\#(number)","# : ""
        return #"{"id":"post-\#(number)","text":"\#(Self.quoted(number))","author":"user\#(number)","lang":"en",\#(reply)"#
            + #""created_at":"2026-07-04T14:38:06.240Z"}"#
    }

    // MARK: The wire format of schema registries

    private static let created: UInt64 = 1_783_175_886_240_000

    private func avro(_ number: Int) -> [UInt8] {
        func long(_ value: UInt64) -> [UInt8] { Self.variable(value << 1) }
        func text(_ text: String) -> [UInt8] { long(UInt64(text.utf8.count)) + text.utf8 }
        let reply = Self.isReply(number) ? long(1) + text("p\(number)") : long(0)
        return [0, 0, 0, 0, 1] + text("post-\(number)") + text(Self.plain(number)) + long(1) + text("user\(number)")
            + text("en") + long(Self.created) + reply
    }

    private func protobuf(_ number: Int) -> [UInt8] {
        func text(_ field: UInt8, _ text: String) -> [UInt8] {
            [field << 3 | 2] + Self.variable(UInt64(text.utf8.count)) + text.utf8
        }
        let reply = Self.isReply(number) ? text(6, "p\(number)") : []
        // Behind the number: the path to the message type, in short form.
        return [0, 0, 0, 0, 1, 0] + text(1, "post-\(number)") + text(2, Self.plain(number)) + text(3, "user\(number)")
            + text(4, "en") + [5 << 3] + Self.variable(Self.created) + reply
    }

    /// Seven bits a byte, the lowest first.
    private static func variable(_ value: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
