// X's API v1.1: statuses of its streams and lookups, delete notices, and the many notices that are neither.
//
// A status of this API is never edited: its version is the time it was made. Deletes have a scope of their own and so
// are final.

enum X1Decoder {
    static let platform = XAccountEvents.platform

    /// Whether a document has a shape that only this API has.
    static func fits(_ tape: JSONTape) -> Bool {
        let root = tape.rootObject
        if tape.kind(tape.member("id_str", of: root)) == .string, tape.kind(tape.member("user", of: root)) == .object {
            return true
        }
        if tape.has("id", of: root) || tape.has("text", of: root) { return false }
        return deletedStatus(tape) != nil || isLimit(tape) || isNotice(tape, root) || XAccountEvents.fits(tape, in: root)
    }

    private static func deletedStatus(_ tape: JSONTape) -> Int? {
        let status = tape.member("status", of: tape.member("delete", of: tape.rootObject))
        return tape.kind(status) == .object ? status : nil
    }

    private static func isLimit(_ tape: JSONTape) -> Bool { tape.has("track", of: tape.member("limit", of: tape.rootObject)) }

    private static func isNotice(_ tape: JSONTape, _ root: Int?) -> Bool {
        let friends = tape.member("friends", of: root) ?? tape.member("friends_str", of: root)
        if tape.kind(friends) == .array { return true }
        for name in ["warning", "disconnect"] as [StaticString] where tape.has("code", of: tape.member(name, of: root)) {
            return true
        }
        for name in ["direct_message", "scrub_geo", "status_withheld", "control"] as [StaticString]
        where tape.kind(tape.member(name, of: root)) == .object {
            return true
        }
        return tape.kind(tape.member("event", of: root)) == .string
            && tape.kind(tape.member("source", of: root)) == .object
    }

    static func decode(_ tape: JSONTape, at position: SourcePosition) -> DecodedRecord {
        let root = tape.rootObject
        if tape.kind(tape.member("delete", of: root)) == .object { return deletion(tape, at: position) }
        if let change = XAccountEvents.decode(tape, in: root, at: position) { return change }
        if isLimit(tape) { return .skip(.limitNotice) }
        let names: [StaticString] = ["id_str", "id", "text", "full_text", "extended_tweet"]
        let isStatus = names.contains { tape.has($0, of: root) }
        return isStatus && !isNotice(tape, root) ? status(tape, at: position) : .skip(.otherEvent)
    }

    private static func status(_ tape: JSONTape, at position: SourcePosition) -> DecodedRecord {
        let root = tape.rootObject
        let known = identifiers(tape)
        guard let key = known.key else {
            let isThere = tape.has("id_str", of: root) || tape.has("id", of: root)
            return .reject(
                Rejection(
                    reason: isThere ? .wrongType : .missingIdentifier,
                    detail: isThere ? "the status's id is no whole number" : "the status has no id",
                    author: known.author))
        }
        let fields = [
            tape.member("full_text", of: tape.member("extended_tweet", of: root)), tape.member("full_text", of: root),
            tape.member("text", of: root),
        ].filter { $0 != nil && tape.kind($0) != .null }
        guard let text = fields.lazy.compactMap({ tape.text($0) }).first else {
            return .reject(
                Rejection(
                    reason: fields.isEmpty ? .missingText : .wrongType,
                    detail: fields.isEmpty ? "the status has no text" : "the status's text is no string", key: key,
                    author: known.author))
        }
        let createdAt = tape.text(tape.member("created_at", of: root)).flatMap {
            FeedTime.wordedDate($0) ?? FeedTime.iso8601($0)
        }
        var post = Post(
            key: key, version: EventVersion(createdAt, scope: "time", otherwise: position), author: known.author,
            text: CharacterReferences.decoded(text, .markupCharacters))
        post.createdAt = createdAt
        post.language = tape.languageTag(tape.member("lang", of: root))
        post.replyTo =
            tape.digits(tape.member("in_reply_to_status_id_str", of: root))
            ?? tape.digits(tape.member("in_reply_to_status_id", of: root))
        post.repostOf = identifier(tape, tape.member("retweeted_status", of: root))
        post.quoteOf =
            identifier(tape, tape.member("quoted_status", of: root))
            ?? tape.digits(tape.member("quoted_status_id_str", of: root))
        return .event(.upsert(post))
    }

    private static func deletion(_ tape: JSONTape, at position: SourcePosition) -> DecodedRecord {
        let notice = tape.member("delete", of: tape.rootObject)
        let status = tape.member("status", of: notice)
        // Direct messages are deleted too: they are no posts.
        guard tape.kind(status) == .object else {
            return tape.has("direct_message", of: notice)
                ? .skip(.otherEvent)
                : .reject(Rejection(reason: .missingIdentifier, detail: "the delete names no status"))
        }
        let author = tape.digits(tape.member("user_id_str", of: status)) ?? tape.digits(tape.member("user_id", of: status))
        guard let identifier = identifier(tape, status) else {
            return .reject(
                Rejection(reason: .missingIdentifier, detail: "the delete names no status", author: author))
        }
        let time = tape.time(tape.member("timestamp_ms", of: notice))
        return .event(
            .delete(
                PostDeletion(
                    key: PostKey(platform: platform, key: identifier),
                    version: EventVersion(time, scope: "delete", otherwise: position), author: author)))
    }

    private static func identifier(_ tape: JSONTape, _ object: Int?) -> String? {
        tape.digits(tape.member("id_str", of: object)) ?? tape.digits(tape.member("id", of: object))
    }

    /// What can be told of a document, broken ones included.
    static func identifiers(_ tape: JSONTape) -> (key: PostKey?, author: String?) {
        let author = identifier(tape, tape.member("user", of: tape.rootObject))
        let key = identifier(tape, tape.rootObject).map { PostKey(platform: platform, key: $0) }
        return (key, author)
    }
}
