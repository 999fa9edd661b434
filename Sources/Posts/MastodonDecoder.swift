// Mastodon's streaming API: frames of server-sent events, WebSocket messages, and bare statuses.
//
// The key is the server's name and the id it gave. The server is the one that sends the stream, from the settings; without
// one it is taken from the status, which fits local posts only, and deletes cannot be read: they are a bare id.

struct MastodonDecoder: Sendable {
    static let platform = "mastodon"

    let instances: MastodonInstances

    /// Whether a document has the shape of a status or of a WebSocket message.
    static func fits(_ tape: JSONTape) -> Bool {
        let root = tape.rootObject
        return isMessage(tape) || tape.kind(tape.member("content", of: root)) == .string
            && tape.kind(tape.member("account", of: root)) == .object
            && (tape.has("uri", of: root) || tape.has("visibility", of: root))
    }

    private static func isMessage(_ tape: JSONTape) -> Bool {
        let root = tape.rootObject
        return tape.kind(tape.member("event", of: root)) == .string
            && (tape.has("payload", of: root) || tape.kind(tape.member("stream", of: root)) == .array)
    }

    func decode(_ tape: JSONTape, at position: SourcePosition) -> DecodedRecord {
        guard Self.isMessage(tape) else { return status(tape, at: position) }
        let event = tape.text(tape.member("event", of: tape.rootObject)) ?? ""
        let payload = tape.member("payload", of: tape.rootObject)
        if let payload, tape.kind(payload) == .object || tape.kind(payload) == .number {
            return decode(event: event, data: tape.raw(payload), at: position)
        }
        // A document written into a string.
        let document = Array((tape.text(payload) ?? "").utf8)
        return document.withUnsafeBufferPointer { decode(event: event, data: $0, at: position) }
    }

    /// One event with its payload, as frames and WebSocket messages have it.
    func decode(event: String, data: UnsafeBufferPointer<UInt8>, at position: SourcePosition) -> DecodedRecord {
        switch event {
        case "update", "status.update": break
        case "delete": return deletion(data, at: position)
        // A frame that was parted from its `event` line. A status says what it is; a bare number could be anything.
        case "", "message":
            if JSONTape(data).rootObject != nil { break }
            return .reject(
                Rejection(reason: .unknownFormat, detail: "the frame has data but no event: records must hold whole frames"))
        default: return .skip(.otherEvent)
        }
        let tape = JSONTape(data)
        if let fault = tape.fault {
            let known = identifiers(tape, at: position)
            return .reject(Rejection(fault, key: known.key, author: known.author))
        }
        guard tape.rootObject != nil else {
            return .reject(Rejection(reason: .notAnObject, detail: "the event's payload is JSON but no object"))
        }
        return status(tape, at: position)
    }

    // MARK: Statuses

    private func status(_ tape: JSONTape, at position: SourcePosition) -> DecodedRecord {
        let root = tape.rootObject
        let hasContent = tape.has("content", of: root)
        if !hasContent, !tape.has("uri", of: root), !tape.has("account", of: root) { return .skip(.otherEvent) }
        // Announcements have an id and a content, but nobody's.
        if hasContent, tape.has("published_at", of: root), !tape.has("account", of: root) { return .skip(.otherEvent) }
        let known = identifiers(tape, at: position)
        guard let key = known.key else {
            return .reject(unidentified(tape, author: known.author))
        }
        guard let content = tape.text(tape.member("content", of: root)) else {
            return .reject(
                Rejection(
                    reason: hasContent ? .wrongType : .missingText,
                    detail: hasContent ? "the status's content is no string" : "the status has no content", key: key,
                    author: known.author))
        }
        let createdAt = tape.time(tape.member("created_at", of: root))
        let changedAt = tape.time(tape.member("edited_at", of: root)) ?? createdAt
        var post = Post(
            key: key, version: EventVersion(changedAt, scope: "time", otherwise: position), author: known.author,
            text: MarkupText.text(content))
        post.createdAt = createdAt
        post.language = tape.languageTag(tape.member("language", of: root))
        let instance = key.key.prefix { $0 != "/" }
        func reference(_ index: Int?) -> String? { statusIdentifier(tape, index).map { "\(instance)/\($0)" } }
        post.replyTo = reference(tape.member("in_reply_to_id", of: root))
        post.repostOf = reference(tape.member("id", of: tape.member("reblog", of: root)))
        let quote = tape.member("quote", of: root)
        post.quoteOf =
            reference(tape.member("id", of: tape.member("quoted_status", of: quote)))
            ?? reference(tape.member("quoted_status_id", of: quote)) ?? reference(tape.member("quote_id", of: root))
        return .event(.upsert(post))
    }

    private func unidentified(_ tape: JSONTape, author: String?) -> Rejection {
        let identifier = tape.member("id", of: tape.rootObject)
        if identifier == nil || tape.kind(identifier) == .null {
            return Rejection(reason: .missingIdentifier, detail: "the status has no id", author: author)
        }
        if statusIdentifier(tape, identifier) == nil {
            return Rejection(reason: .wrongType, detail: "the status's id is neither a number nor letters and digits", author: author)
        }
        return Rejection(
            reason: .missingInstance,
            detail: "neither the status nor mastodon.instance says which server the id is of", author: author)
    }

    // MARK: Deletes

    private func deletion(_ data: UnsafeBufferPointer<UInt8>, at position: SourcePosition) -> DecodedRecord {
        let text = SafeText.text(data, isEscaped: false).filter { !$0.isWhitespace && $0 != "\"" }
        guard Self.isStatusIdentifier(text) else {
            return .reject(Rejection(reason: .missingIdentifier, detail: "the delete holds no id"))
        }
        guard let instance = instances.instance(for: position.topicPartition.topic) else {
            return .reject(
                Rejection(
                    reason: .missingInstance,
                    detail: "a delete is a bare id: mastodon.instance must name the server that sends the stream"))
        }
        let key = PostKey(platform: Self.platform, key: "\(instance)/\(text)")
        // Without a time of its own: ordered by Kafka, in a scope apart, and so final.
        return .event(.delete(PostDeletion(key: key, version: EventVersion(kafkaOrderOf: position), author: nil)))
    }

    /// A record's key that names a post: `server/id`, or an id alone where the settings name the server.
    func key(named text: String, at position: SourcePosition) -> PostKey? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let identifier = parts.last, Self.isStatusIdentifier(String(identifier)) else { return nil }
        let given = parts.count == 2 ? String(parts[0]).lowercased() : nil
        let known = parts.count == 1 ? instances.instance(for: position.topicPartition.topic) : nil
        guard let instance = given ?? known, MastodonInstances.isServerName(instance) else { return nil }
        return PostKey(platform: Self.platform, key: "\(instance)/\(identifier)")
    }

    // MARK: Identifiers

    /// Mastodon counts in decimal digits; servers that speak its protocol have letters too.
    private static func isStatusIdentifier(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
            }
    }

    private func statusIdentifier(_ tape: JSONTape, _ index: Int?) -> String? {
        tape.digits(index) ?? tape.identifier(index).flatMap { Self.isStatusIdentifier($0) ? $0 : nil }
    }

    /// What can be told of a document, broken ones included.
    func identifiers(_ tape: JSONTape, at position: SourcePosition) -> (key: PostKey?, author: String?) {
        let root = tape.rootObject
        let server = instances.instance(for: position.topicPartition.topic)
        let home = home(tape)
        let author = author(tape, server: server, home: home)
        guard let identifier = statusIdentifier(tape, tape.member("id", of: root)), let instance = server ?? home else {
            return (nil, author)
        }
        return (PostKey(platform: Self.platform, key: "\(instance)/\(identifier)"), author)
    }

    /// The server of the status's author.
    private func home(_ tape: JSONTape) -> String? {
        let root = tape.rootObject
        let account = tape.member("account", of: root)
        if let name = tape.identifier(tape.member("acct", of: account)), let at = name.lastIndex(of: "@") {
            let server = name[name.index(after: at)...].lowercased()
            if MastodonInstances.isServerName(server) { return server }
        }
        return host(tape.identifier(tape.member("uri", of: root))) ?? host(tape.identifier(tape.member("url", of: account)))
    }

    /// `acct` is a bare name for accounts of the sending server; name and server are told apart by the one `@`.
    private func author(_ tape: JSONTape, server: String?, home: String?) -> String? {
        let account = tape.member("account", of: tape.rootObject)
        guard let name = tape.identifier(tape.member("acct", of: account)), !name.isEmpty else { return nil }
        if let at = name.lastIndex(of: "@") { return "\(name[..<at])@\(name[name.index(after: at)...].lowercased())" }
        guard let server = server ?? home else { return nil }
        let author = "\(name)@\(server)"
        return author.utf8.count <= PostDecoder.longestIdentifier ? author : nil
    }

    private func host(_ address: String?) -> String? {
        guard let address, let mark = address.firstRange(of: "://") else { return nil }
        let host = address[mark.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }.lowercased()
        return MastodonInstances.isServerName(host) ? host : nil
    }
}
