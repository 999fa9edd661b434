// Bluesky's Jetstream: commits of posts, account changes, and a great deal that is neither.
//
// Versions: a commit's `rev` (a sortable text) in the scope `rev`; account changes and commits without one have
// `time_us` in the scope `time`; without either Kafka's order decides.

enum JetstreamDecoder {
    static let platform = "bluesky"
    private static let postCollection: StaticString = "app.bsky.feed.post"

    /// Whether a document has the shape of a Jetstream event.
    static func fits(_ tape: JSONTape) -> Bool {
        tape.kind(tape.member("did", of: tape.rootObject)) == .string
            && tape.kind(tape.member("kind", of: tape.rootObject)) == .string
    }

    static func decode(_ tape: JSONTape, at position: SourcePosition) -> DecodedRecord {
        let root = tape.rootObject
        let kind = tape.member("kind", of: root)
        if tape.isText(kind, "commit") { return commit(tape, at: position) }
        if tape.isText(kind, "account") { return account(tape, at: position) }
        if tape.kind(kind) == .string { return .skip(.otherEvent) }
        return .reject(Rejection(reason: .unknownFormat, detail: "the event has no kind"))
    }

    // MARK: Commits

    private static func commit(_ tape: JSONTape, at position: SourcePosition) -> DecodedRecord {
        let commit = tape.member("commit", of: tape.rootObject)
        guard tape.kind(commit) == .object else {
            return .reject(Rejection(reason: .wrongType, detail: "the field commit is no object"))
        }
        let collection = tape.member("collection", of: commit)
        guard tape.kind(collection) == .string else {
            return .reject(Rejection(reason: .missingIdentifier, detail: "the commit has no collection"))
        }
        guard tape.isText(collection, postCollection) else { return .skip(.otherCollection) }
        let known = identifiers(tape)
        guard let key = known.key else {
            return .reject(
                Rejection(
                    reason: .missingIdentifier, detail: "the commit has no usable did or rkey", author: known.author))
        }
        let version = version(tape, commit: commit, at: position)
        let operation = tape.member("operation", of: commit)
        if tape.isText(operation, "delete") {
            return .event(.delete(PostDeletion(key: key, version: version, author: known.author)))
        }
        guard tape.isText(operation, "create") || tape.isText(operation, "update") else {
            return .skip(.otherEvent)
        }
        return post(tape, record: tape.member("record", of: commit), key, version, author: known.author)
    }

    private static func post(
        _ tape: JSONTape, record: Int?, _ key: PostKey, _ version: EventVersion, author: String?
    ) -> DecodedRecord {
        func rejected(_ reason: RejectionReason, _ detail: String) -> DecodedRecord {
            .reject(Rejection(reason: reason, detail: detail, key: key, author: author))
        }
        let textIndex = tape.member("text", of: record)
        switch tape.kind(textIndex) {
        case .string: break
        case nil, .null: return rejected(.missingText, "the post has no text")
        default: return rejected(.wrongType, "the post's text is no string")
        }
        // A post that is only a picture has an empty text: it is a post.
        var post = Post(key: key, version: version, author: author, text: tape.text(textIndex) ?? "")
        post.createdAt = tape.text(tape.member("createdAt", of: record)).flatMap(FeedTime.iso8601)
        post.language = tape.languageTag(tape.element(0, of: tape.member("langs", of: record)))
        let reply = tape.member("reply", of: record)
        post.replyTo = tape.identifier(tape.member("uri", of: tape.member("parent", of: reply)))
        post.replyRoot = tape.identifier(tape.member("uri", of: tape.member("root", of: reply)))
        post.quoteOf = quoted(tape, embed: tape.member("embed", of: record))
        return .event(.upsert(post))
    }

    /// `embed.record` holds what is quoted, one level deeper where pictures come with it. Lists and feeds can be
    /// embedded too: they are no posts.
    private static func quoted(_ tape: JSONTape, embed: Int?) -> String? {
        let type = tape.member("$type", of: embed)
        var record = tape.member("record", of: embed)
        if tape.isText(type, "app.bsky.embed.recordWithMedia") {
            record = tape.member("record", of: record)
        } else if !tape.isText(type, "app.bsky.embed.record") {
            return nil
        }
        let uri = tape.identifier(tape.member("uri", of: record))
        return uri.flatMap(identifiers(uri:)) == nil ? nil : uri
    }

    // MARK: Accounts

    private static func account(_ tape: JSONTape, at position: SourcePosition) -> DecodedRecord {
        let account = tape.member("account", of: tape.rootObject)
        guard tape.kind(account) == .object else {
            return .reject(Rejection(reason: .wrongType, detail: "the field account is no object"))
        }
        let did =
            tape.identifier(tape.member("did", of: account))
            ?? tape.identifier(tape.member("did", of: tape.rootObject))
        guard let did else {
            return .reject(Rejection(reason: .missingIdentifier, detail: "the account event has no did"))
        }
        guard let kind = accountChange(tape, account) else { return .skip(.otherAccountEvent) }
        return .event(
            .account(
                AccountChange(
                    platform: platform, account: did, kind: kind, version: timeVersion(tape, at: position))))
    }

    /// nil: nothing that concerns the account's posts.
    private static func accountChange(_ tape: JSONTape, _ account: Int?) -> AccountChange.Kind? {
        let active = tape.flag(tape.member("active", of: account))
        if active == true { return .restore }
        switch tape.text(tape.member("status", of: account)) {
        case "deleted": return .purge
        case "suspended", "takendown", "deactivated": return .hide
        // Not active and no word why: not to be shown.
        case nil: return active == false ? .hide : nil
        default: return nil
        }
    }

    // MARK: Identifiers and versions

    /// What can be told of a document, broken ones included.
    static func identifiers(_ tape: JSONTape) -> (key: PostKey?, author: String?) {
        let did = tape.identifier(tape.member("did", of: tape.rootObject))
        let commit = tape.member("commit", of: tape.rootObject)
        guard let did, tape.isText(tape.member("collection", of: commit), postCollection),
            let recordKey = tape.identifier(tape.member("rkey", of: commit))
        else { return (nil, did) }
        let uri = "at://\(did)/\(postCollection)/\(recordKey)"
        if uri.utf8.count > PostDecoder.longestIdentifier { return (nil, did) }
        return (PostKey(platform: platform, key: uri), did)
    }

    /// Key and author of a post's URI; nil for a URI of anything else.
    static func identifiers(uri: String) -> (key: PostKey, author: String)? {
        let parts = uri.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == "at:", parts[1].isEmpty, !parts[2].isEmpty,
            parts[3] == postCollection.description, !parts[4].isEmpty
        else { return nil }
        return (PostKey(platform: platform, key: uri), String(parts[2]))
    }

    private static func version(_ tape: JSONTape, commit: Int?, at position: SourcePosition) -> EventVersion {
        if let revision = tape.identifier(tape.member("rev", of: commit)) {
            return EventVersion(text: revision, scope: "rev")
        }
        return timeVersion(tape, at: position)
    }

    private static func timeVersion(_ tape: JSONTape, at position: SourcePosition) -> EventVersion {
        if let time = tape.integer(tape.member("time_us", of: tape.rootObject)), time >= 0 {
            return EventVersion(number: UInt64(time), scope: "time")
        }
        return EventVersion(kafkaOrderOf: position)
    }
}
