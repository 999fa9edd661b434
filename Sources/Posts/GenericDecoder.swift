// JSON objects of any make: the settings say where id, text and the rest are.

struct GenericDecoder: Sendable {
    private let paths: GenericFieldPaths
    private let identifier: FieldPaths
    private let text: FieldPaths
    private let version: FieldPaths
    private let author: FieldPaths
    private let createdAt: FieldPaths
    private let language: FieldPaths
    private let deleted: FieldPaths
    private let replyTo: FieldPaths
    private let replyRoot: FieldPaths
    private let repostOf: FieldPaths
    private let quoteOf: FieldPaths

    var platform: String { paths.platform }

    init(paths: GenericFieldPaths) {
        self.paths = paths
        identifier = FieldPaths(paths.identifier)
        text = FieldPaths(paths.text)
        version = FieldPaths(paths.version)
        author = FieldPaths(paths.author)
        createdAt = FieldPaths(paths.createdAt)
        language = FieldPaths(paths.language)
        deleted = FieldPaths(paths.deleted)
        replyTo = FieldPaths(paths.replyTo)
        replyRoot = FieldPaths(paths.replyRoot)
        repostOf = FieldPaths(paths.repostOf)
        quoteOf = FieldPaths(paths.quoteOf)
    }

    /// Whether an object could be a post of this feed.
    func fits(_ tape: JSONTape) -> Bool {
        identifier.value(in: tape) != nil || text.value(in: tape) != nil
    }

    /// What can be told of a document, broken ones included.
    func identifiers(_ tape: JSONTape) -> (key: PostKey?, author: String?) {
        let key = identifierText(identifier.value(in: tape), tape)
        return (key.map { PostKey(platform: platform, key: $0) }, identifierText(author.value(in: tape), tape))
    }

    func decode(_ tape: JSONTape, at position: SourcePosition) -> DecodedRecord {
        let known = identifiers(tape)
        guard let key = known.key else {
            let isThere = identifier.value(in: tape) != nil
            return .reject(
                Rejection(
                    reason: isThere ? .wrongType : .missingIdentifier,
                    detail: isThere
                        ? "the post's id is no text or number, empty, or above \(PostDecoder.longestIdentifier) bytes"
                        : "the post has no id where generic.id says",
                    author: known.author))
        }
        let version = eventVersion(tape, at: position)
        if isDeleted(tape) {
            return .event(.delete(PostDeletion(key: key, version: version, author: known.author)))
        }
        let textIndex = text.value(in: tape)
        guard tape.kind(textIndex) == .string else {
            let isMissing = textIndex == nil
            return .reject(
                Rejection(
                    reason: isMissing ? .missingText : .wrongType,
                    detail: isMissing ? "the post has no text where generic.text says" : "the post's text is no string",
                    key: key, author: known.author))
        }
        var post = Post(key: key, version: version, author: known.author, text: tape.text(textIndex) ?? "")
        post.createdAt = time(createdAt.value(in: tape), tape)
        post.language = tape.languageTag(language.value(in: tape))
        post.replyTo = identifierText(replyTo.value(in: tape), tape)
        post.replyRoot = identifierText(replyRoot.value(in: tape), tape)
        post.repostOf = identifierText(repostOf.value(in: tape), tape)
        post.quoteOf = identifierText(quoteOf.value(in: tape), tape)
        return .event(.upsert(post))
    }

    /// Identifiers are texts; numbers are taken as they are written.
    private func identifierText(_ index: Int?, _ tape: JSONTape) -> String? {
        guard let index, tape.kind(index) == .number else { return tape.identifier(index) }
        let raw = tape.raw(index)
        return raw.count <= PostDecoder.longestIdentifier ? String(decoding: raw, as: UTF8.self) : nil
    }

    private func isDeleted(_ tape: JSONTape) -> Bool {
        guard let index = deleted.value(in: tape) else { return false }
        switch tape.kind(index) {
        case .false_, .null, nil: return false
        case .number: return tape.number(index) != 0
        case .string: return !["", "0", "false"].contains(tape.text(index))
        case .true_, .object, .array: return true
        }
    }

    /// Whole numbers, also as strings, are padded so that they sort as numbers; other texts (times) sort as they are.
    private func eventVersion(_ tape: JSONTape, at position: SourcePosition) -> EventVersion {
        guard let index = version.value(in: tape), let text = identifierText(index, tape) else {
            return EventVersion(kafkaOrderOf: position)
        }
        if let number = UInt64(text) { return EventVersion(number: number) }
        if tape.kind(index) == .string { return EventVersion(text: text) }
        guard let number = tape.number(index), number >= 0, number < 1e19 else {
            return EventVersion(kafkaOrderOf: position)
        }
        // A number with a fraction, such as seconds with microseconds: the fraction sorts after the padded whole.
        let fraction = text.contains("e") || text.contains("E") ? "" : text.drop { $0 != "." }
        return EventVersion(text: EventVersion(number: UInt64(number)).text + fraction)
    }

    private func time(_ index: Int?, _ tape: JSONTape) -> Timestamp? {
        if let number = tape.number(index) { return FeedTime.sinceEpoch(number) }
        guard let text = tape.text(index) else { return nil }
        return FeedTime.iso8601(text) ?? Double(text).flatMap(FeedTime.sinceEpoch)
    }
}

/// The paths of one field, taken apart once.
private struct FieldPaths: Sendable {
    private struct Step: Sendable {
        let name: [UInt8]
        /// Set where the name could also count into a list.
        let place: Int?
    }
    private let paths: [[Step]]

    init(_ paths: [String]) {
        self.paths = paths.map { path in
            path.split(separator: ".").map { Step(name: Array($0.utf8), place: Int($0)) }
        }
    }

    /// The first value other than null.
    func value(in tape: JSONTape) -> Int? {
        for path in paths {
            var index = tape.rootObject
            for step in path {
                if tape.kind(index) == .array {
                    index = step.place.flatMap { tape.element($0, of: index) }
                } else {
                    index = step.name.withUnsafeBufferPointer { tape.member($0, of: index) }
                }
                if index == nil { break }
            }
            if let index, tape.kind(index) != .null { return index }
        }
        return nil
    }
}
