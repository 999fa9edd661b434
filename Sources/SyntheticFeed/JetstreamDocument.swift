// Writes the JSON documents of Bluesky's Jetstream: commits, identity and account events, keys in the feed's order.
// Writes only what the synthetic feed says; it is no general JSON encoder.
import Posts

struct JetstreamDocument: Sendable {
    static let postCollection = "app.bsky.feed.post"

    let account: String
    let time: Timestamp

    enum Operation: String { case create, update, delete }

    func commit(
        _ operation: Operation, collection: String, recordKey: String, revision: String, record: String?,
        contentID: String?
    ) -> String {
        var commit = "{\"rev\":\"\(revision)\",\"operation\":\"\(operation.rawValue)\","
        commit += "\"collection\":\"\(collection)\",\"rkey\":\"\(recordKey)\""
        if let record { commit += ",\"record\":\(record)" }
        if let contentID { commit += ",\"cid\":\"\(contentID)\"" }
        commit += "}"
        return envelope(kind: "commit", body: commit)
    }

    func identity(sequence: Int) -> String {
        envelope(
            kind: "identity",
            body: "{\"did\":\"\(account)\",\"seq\":\(sequence),\"time\":\"\(DocumentTime.text(of: time))\"}")
    }

    /// `status` is nil for an account in good standing.
    func accountStatus(_ status: String?, sequence: Int) -> String {
        let ending = status.map { ",\"status\":\"\($0)\"" } ?? ""
        return envelope(
            kind: "account",
            body: "{\"active\":\(status == nil),\"did\":\"\(account)\",\"seq\":\(sequence)\(ending),"
                + "\"time\":\"\(DocumentTime.text(of: time))\"}")
    }

    private func envelope(kind: String, body: String) -> String {
        "{\"did\":\"\(account)\",\"time_us\":\(time.microseconds),\"kind\":\"\(kind)\",\"\(kind)\":\(body)}"
    }

    func postRecord(_ post: SyntheticPost, reply: ReplyReference?) -> String {
        var record = "{\"$type\":\"\(Self.postCollection)\",\"createdAt\":\"\(DocumentTime.text(of: time))\""
        if !post.facets.isEmpty {
            record += ",\"facets\":[" + post.facets.map(Self.facet).joined(separator: ",") + "]"
        }
        if let language = post.language { record += ",\"langs\":[\"\(language)\"]" }
        if let reply {
            record += ",\"reply\":{\"parent\":\(reply.parent.json),\"root\":\(reply.root.json)}"
        }
        return record + ",\"text\":\"\(Self.escaped(post.text))\(post.hostileEscape ?? "")\"}"
    }

    func subjectRecord(type: String, subject: RecordReference) -> String {
        "{\"$type\":\"\(type)\",\"createdAt\":\"\(DocumentTime.text(of: time))\",\"subject\":\(subject.json)}"
    }

    func followRecord(of account: String) -> String {
        "{\"$type\":\"app.bsky.graph.follow\",\"createdAt\":\"\(DocumentTime.text(of: time))\","
            + "\"subject\":\"\(account)\"}"
    }

    private static func facet(_ facet: ComposedText.Facet) -> String {
        let feature =
            switch facet.feature {
            case .link(let uri): "{\"$type\":\"app.bsky.richtext.facet#link\",\"uri\":\"\(escaped(uri))\"}"
            case .tag(let tag): "{\"$type\":\"app.bsky.richtext.facet#tag\",\"tag\":\"\(escaped(tag))\"}"
            case .mention(let account): "{\"$type\":\"app.bsky.richtext.facet#mention\",\"did\":\"\(account)\"}"
            }
        return "{\"features\":[\(feature)],\"index\":{\"byteEnd\":\(facet.byteEnd),\"byteStart\":\(facet.byteStart)}}"
    }

    static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\t": escaped += "\\t"
            case "\r": escaped += "\\r"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// One record of the network, as others point to it.
struct RecordReference: Sendable {
    let uri: String
    let contentID: String
    var json: String { "{\"cid\":\"\(contentID)\",\"uri\":\"\(uri)\"}" }
}

struct ReplyReference: Sendable {
    let root: RecordReference
    let parent: RecordReference
}
