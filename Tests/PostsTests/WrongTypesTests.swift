// Every field of every feed, missing or of every wrong type, one at a time: what is not needed changes nothing about
// whether a document is a post, what is needed gives a rejection, and nothing traps.
import Foundation
import Posts
import Testing

struct WrongTypesTests {
    struct Case: CustomTestStringConvertible {
        let format: PostFormat
        let json: String
        /// Without these, or with a wrong type there, a document may be something else.
        let needed: Set<String>
        var testDescription: String { "\(format): \(json.prefix(60))" }
    }

    static let cases = [
        Case(format: .x2, json: XFixtures.stream, needed: ["data", "data.id", "data.text"]),
        Case(format: .x2, json: XFixtures.compliance("delete", #""tweet":{"id":"1","author_id":"2"}"#),
            needed: ["data", "data.delete", "data.delete.tweet", "data.delete.tweet.id"]),
        Case(format: .x2, json: XFixtures.compliance("user_suspend", #""user":{"id":"77"}"#),
            needed: ["data", "data.user_suspend", "data.user_suspend.user", "data.user_suspend.user.id"]),
        Case(format: .x1, json: XFixtures.status, needed: []),
        Case(format: .x1, json: XFixtures.retweet, needed: ["id_str", "full_text"]),
        Case(format: .x1, json: XFixtures.delete, needed: ["delete", "delete.status"]),
        Case(format: .mastodon, json: MastodonFixtures.status, needed: ["id", "content"]),
        Case(format: .mastodon, json: MastodonFixtures.local(rest: #","quote":{"quoted_status":{"id":"1"}},"reblog":{"id":"2"}"#),
            needed: ["id", "content", "uri"]),
        Case(format: .mastodon, json: MastodonFixtures.message("update", MastodonFixtures.status), needed: ["event", "payload"]),
        Case(format: .reddit, needing: ["kind", "data", "data.name", "data.body"],
            #"{"kind":"t1","data":{"name":"t1_a","author":"m","body":"b","parent_id":"t1_b","link_id":"t3_c","#
                + #""created_utc":1.5,"edited":2.5,"replies":""}}"#),
        Case(format: .reddit, needing: ["kind", "data", "data.name", "data.title", "data.selftext"],
            #"{"kind":"t3","data":{"name":"t3_a","author":"m","title":"t","selftext":"b","created_utc":1,"crosspost_parent":"t3_b"}}"#),
        Case(format: .jetstream, json: JetstreamFixtures.create,
            needed: [
                "did", "kind", "commit", "commit.collection", "commit.rkey", "commit.operation", "commit.record", "commit.record.text",
            ]),
    ]

    @Test(arguments: cases)
    func oneFieldAtATime(given: Case) throws {
        let whole = Decoding.decode(given.json, given.format).kind
        #expect(!whole.contains("rejected") && !whole.contains("skipped"))
        let document = try JSONSerialization.jsonObject(with: Data(given.json.utf8))
        var tried = 0
        for path in Self.paths(document) {
            for value in Self.wrongValues {
                let changed = try Self.text(Self.replacing(path[...], in: document, with: value == nil ? nil : "RAW"))
                    .replacingOccurrences(of: "\"RAW\"", with: value ?? "")
                for format in PostFormat.allCases {
                    let record = Decoding.decode(changed, format)
                    if let text = record.post?.text { #expect(!text.utf8.contains(0)) }
                    let name = path.filter { Int($0) == nil }.joined(separator: ".")
                    if format == given.format, !given.needed.contains(name) {
                        #expect(record.kind == whole, "\(name) = \(value ?? "missing")")
                    }
                }
                tried += 1
            }
        }
        #expect(tried >= 40)
    }

    /// What stands for a field; nil takes it away.
    static let wrongValues: [String?] = [
        nil, "null", "true", "7", "-1", "0.5", "1e999", "123456789012345678901234567890", #""""#, #""words""#, #""\u0000\ud800""#, "[]",
        "[1]", "{}", #"{"id":{}}"#, #"[[[{"a":[]}]]]"#,
    ]

    /// Ways to every value that lies in the document, containers included.
    static func paths(_ value: Any) -> [[String]] {
        var found: [[String]] = []
        if let object = value as? [String: Any] {
            for (name, child) in object { found += [[name]] + paths(child).map { [name] + $0 } }
        } else if let list = value as? [Any] {
            for (place, child) in list.enumerated() { found += [[String(place)]] + paths(child).map { [String(place)] + $0 } }
        }
        return found
    }

    static func replacing(_ path: ArraySlice<String>, in value: Any, with replacement: Any?) -> Any? {
        guard let step = path.first else { return replacement }
        if var object = value as? [String: Any], let child = object[step] {
            object[step] = replacing(path.dropFirst(), in: child, with: replacement)
            return object
        }
        if var list = value as? [Any], let place = Int(step), list.indices.contains(place) {
            if let changed = replacing(path.dropFirst(), in: list[place], with: replacement) {
                list[place] = changed
            } else {
                list.remove(at: place)
            }
            return list
        }
        return value
    }

    private static func text(_ value: Any?) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: value ?? [:], options: .withoutEscapingSlashes), as: UTF8.self)
    }
}

extension WrongTypesTests.Case {
    init(format: PostFormat, needing needed: Set<String>, _ json: String) {
        self.init(format: format, json: json, needed: needed)
    }
}
