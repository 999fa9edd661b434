// X's API v2: the documents of its streams, bare posts, and what the compliance streams and batch jobs say.
//
// An edit has an id of its own and lists all ids of the post, oldest first. The oldest is the post's key; the id of the
// document is the version. Deletes have a scope of their own and so are final: X gives no id out twice.

enum X2Decoder {
    static let platform = XAccountEvents.platform

    /// Whether a document has a shape that only this API has; see `decode` for what is read.
    static func fits(_ tape: JSONTape) -> Bool {
        let root = tape.rootObject
        let data = tape.member("data", of: root)
        if isPost(tape, data) || isCompliance(tape, data) { return true }
        if tape.kind(data) == .array {
            let first = tape.element(0, of: data)
            return isPost(tape, first) || isCompliance(tape, first)
        }
        if isCompliance(tape, root) && data == nil || isBatchRow(tape, root) { return true }
        // A bare post: a generic one has an id and a text too, but not these.
        return isPost(tape, root)
            && (tape.kind(tape.member("edit_history_tweet_ids", of: root)) == .array
                || tape.kind(tape.member("conversation_id", of: root)) == .string)
    }

    private static func isPost(_ tape: JSONTape, _ object: Int?) -> Bool {
        tape.kind(tape.member("id", of: object)) == .string && tape.kind(tape.member("text", of: object)) == .string
    }

    /// `delete`, `drop` and the like hold an object with the post's id.
    private static func isCompliance(_ tape: JSONTape, _ object: Int?) -> Bool {
        if XAccountEvents.fits(tape, in: object) { return true }
        for name in ["delete", "drop", "undrop", "withheld", "tweet_edit"] as [StaticString]
        where tape.kind(tape.member("tweet", of: tape.member(name, of: object))) == .object {
            return true
        }
        return false
    }

    /// A line of a batch compliance job.
    private static func isBatchRow(_ tape: JSONTape, _ object: Int?) -> Bool {
        tape.digits(tape.member("id", of: object)) != nil && tape.kind(tape.member("action", of: object)) == .string
            && tape.member("text", of: object) == nil && tape.has("created_at", of: object)
            && (tape.has("reason", of: object) || tape.has("redacted_at", of: object))
    }

    /// The posts of a page, nil where the document is no page.
    static func page(_ tape: JSONTape, _ document: Int) -> [Int]? {
        let data = tape.member("data", of: document)
        return tape.kind(data) == .array ? tape.elements(data) : nil
    }

    /// `isPageData`: the document is an element of a page's `data`, and so a post, or an event of one, whatever it lacks.
    static func decode(_ tape: JSONTape, isPageData: Bool = false, at position: SourcePosition) -> DecodedRecord {
        let root = tape.rootObject
        let data = isPageData ? root : tape.member("data", of: root)
        let object = tape.kind(data) == .object ? data : root
        if let change = XAccountEvents.decode(tape, in: object, at: position) { return change }
        for name in ["delete", "drop"] as [StaticString] {
            let event = tape.member(name, of: object)
            if tape.kind(event) == .object { return deletion(tape, event, at: position) }
        }
        if isBatchRow(tape, object) { return batchRow(tape, object, at: position) }
        if tape.kind(data) == .object || tape.has("id", of: root) || tape.has("text", of: root) {
            return post(tape, object, at: position)
        }
        if data != nil, tape.kind(data) != .null {
            return .reject(Rejection(reason: .wrongType, detail: "the field data is neither an object nor a list"))
        }
        return .skip(tape.has("meta", of: root) ? .emptyPage : .otherEvent)
    }

    // MARK: Posts

    private static func post(_ tape: JSONTape, _ object: Int?, at position: SourcePosition) -> DecodedRecord {
        let known = identifiers(tape, object)
        let textIndex = tape.member("text", of: object)
        let hasText = tape.has("text", of: object)
        if !hasText, isOther(tape, object) { return .skip(.otherEvent) }
        guard let key = known.key, let identifier = tape.digits(tape.member("id", of: object)) else {
            let isThere = tape.has("id", of: object)
            return .reject(
                Rejection(
                    reason: isThere ? .wrongType : .missingIdentifier,
                    detail: isThere ? "the post's id is no whole number" : "the post has no id", author: known.author))
        }
        guard let text = tape.text(textIndex) else {
            return .reject(
                Rejection(
                    reason: hasText ? .wrongType : .missingText,
                    detail: hasText ? "the post's text is no string" : "the post has no text", key: key,
                    author: known.author))
        }
        var post = Post(
            key: key, version: DecimalIdentifier.version(identifier, scope: "id"), author: known.author,
            text: CharacterReferences.decoded(text, .markupCharacters))
        post.createdAt = tape.time(tape.member("created_at", of: object))
        post.language = tape.languageTag(tape.member("lang", of: object))
        for reference in tape.elements(tape.member("referenced_tweets", of: object)) {
            let identifier = tape.digits(tape.member("id", of: reference))
            let type = tape.member("type", of: reference)
            if tape.isText(type, "replied_to") { post.replyTo = identifier }
            if tape.isText(type, "retweeted") { post.repostOf = identifier }
            if tape.isText(type, "quoted") { post.quoteOf = identifier }
        }
        if post.replyTo != nil { post.replyRoot = tape.digits(tape.member("conversation_id", of: object)) }
        return .event(.upsert(post))
    }

    /// Users, spaces, lists and events of these streams that give no text: nothing that could be a post.
    private static func isOther(_ tape: JSONTape, _ object: Int?) -> Bool {
        for name in ["username", "undrop", "withheld", "tweet_edit", "scrub_geo", "user_scrub_geo"] as [StaticString]
        where tape.has(name, of: object) {
            return true
        }
        return tape.has("user_profile_modification", of: object) || !tape.has("id", of: object) && isCompliance(tape, object)
    }

    // MARK: Compliance

    private static func deletion(_ tape: JSONTape, _ event: Int?, at position: SourcePosition) -> DecodedRecord {
        let tweet = tape.member("tweet", of: event)
        let author = tape.digits(tape.member("author_id", of: tweet))
        guard let identifier = tape.digits(tape.member("id", of: tweet)) else {
            return .reject(
                Rejection(reason: .missingIdentifier, detail: "the delete names no post", author: author))
        }
        let time = tape.time(tape.member("event_at", of: event))
        return .event(
            .delete(
                PostDeletion(
                    key: PostKey(platform: platform, key: identifier),
                    version: EventVersion(time, scope: "delete", otherwise: position), author: author)))
    }

    /// The actions of batch jobs: `delete`, whatever the reason; others take nothing that is kept here.
    private static func batchRow(_ tape: JSONTape, _ row: Int?, at position: SourcePosition) -> DecodedRecord {
        guard tape.isText(tape.member("action", of: row), "delete") else { return .skip(.otherEvent) }
        guard let identifier = tape.digits(tape.member("id", of: row)) else {
            return .reject(Rejection(reason: .wrongType, detail: "the row's id is no whole number"))
        }
        let time = tape.time(tape.member("redacted_at", of: row))
        return .event(
            .delete(
                PostDeletion(
                    key: PostKey(platform: platform, key: identifier),
                    version: EventVersion(time, scope: "delete", otherwise: position), author: nil)))
    }

    // MARK: Identifiers

    /// What can be told of a document, broken ones included.
    static func identifiers(_ tape: JSONTape) -> (key: PostKey?, author: String?) {
        let data = tape.member("data", of: tape.rootObject)
        return identifiers(tape, tape.kind(data) == .object ? data : tape.rootObject)
    }

    private static func identifiers(_ tape: JSONTape, _ object: Int?) -> (key: PostKey?, author: String?) {
        let author = tape.digits(tape.member("author_id", of: object))
        guard let identifier = tape.digits(tape.member("id", of: object)) else { return (nil, author) }
        let history = tape.elements(tape.member("edit_history_tweet_ids", of: object)).compactMap { tape.digits($0) }
        let oldest = history.reduce(identifier) { DecimalIdentifier.precedes($1, $0) ? $1 : $0 }
        return (PostKey(platform: platform, key: oldest), author)
    }
}
