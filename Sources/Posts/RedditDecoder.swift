// Reddit's things: comments (t1) and submissions (t3), alone, in listings and with the comments that answer them.
//
// Reddit has no delete events. A text that was taken away reads `[deleted]` or `[removed]`, with the times it had before:
// such a delete is ordered by Kafka, so that it is final and no older copy of the thing brings the text back.

enum RedditDecoder {
    static let platform = "reddit"

    /// Whether a document has the shape of a thing or a listing, or of a bare comment or submission.
    static func fits(_ tape: JSONTape) -> Bool {
        let root = tape.rootObject
        if tape.kind(tape.member("data", of: root)) == .object {
            let kind = tape.text(tape.member("kind", of: root)) ?? ""
            return ["Listing", "more", "wiki", "t1", "t2", "t3", "t4", "t5", "t6"].contains(kind)
        }
        return tape.kind(tape.member("subreddit", of: root)) == .string && tape.has("created_utc", of: root)
            && !tape.has("text", of: root)
    }

    /// The things in a listing, and the comments in the replies of a comment, each before those that answer it; nil where
    /// the document holds none but itself.
    static func things(_ tape: JSONTape, _ document: Int) -> [Int]? {
        let data = tape.member("data", of: document)
        let replies = tape.member("replies", of: data)
        guard isListing(tape, document) || isListing(tape, replies) else { return nil }
        var found: [Int] = []
        collect(tape, document, into: &found)
        return found
    }

    /// As deep as the document is nested, which the tape bounds.
    private static func collect(_ tape: JSONTape, _ thing: Int, into found: inout [Int]) {
        let data = tape.member("data", of: thing)
        if isListing(tape, thing) {
            for child in tape.elements(tape.member("children", of: data)) { collect(tape, child, into: &found) }
        } else {
            found.append(thing)
            let replies = tape.member("replies", of: data)
            if let replies, isListing(tape, replies) { collect(tape, replies, into: &found) }
        }
    }

    private static func isListing(_ tape: JSONTape, _ thing: Int?) -> Bool {
        tape.isText(tape.member("kind", of: thing), "Listing")
            && tape.kind(tape.member("children", of: tape.member("data", of: thing))) == .array
    }

    static func decode(_ tape: JSONTape, at position: SourcePosition) -> DecodedRecord {
        let root = tape.rootObject
        let kind = tape.member("kind", of: root)
        let data = tape.member("data", of: root)
        guard kind != nil, tape.kind(data) == .object else {
            if data != nil && kind != nil {
                return .reject(Rejection(reason: .wrongType, detail: "the field data is no object"))
            }
            let names: [StaticString] = ["name", "id", "body", "title"]
            return names.contains { tape.has($0, of: root) } ? thing(tape, root, at: position) : .skip(.otherEvent)
        }
        if tape.isText(kind, "t1") || tape.isText(kind, "t3") { return thing(tape, data, at: position) }
        return .skip(tape.isText(kind, "Listing") ? .emptyPage : .otherEvent)
    }

    private static func thing(_ tape: JSONTape, _ data: Int?, at position: SourcePosition) -> DecodedRecord {
        let known = identifiers(tape, data)
        guard let key = known.key else {
            return .reject(
                Rejection(
                    reason: .missingIdentifier, detail: "the thing has no name such as t1_abc", author: known.author))
        }
        let isComment = key.key.hasPrefix("t1_")
        let bodyIndex = tape.member(isComment ? "body" : "selftext", of: data)
        let titleIndex = isComment ? nil : tape.member("title", of: data)
        if isTakenAway(tape, bodyIndex) || isTakenAway(tape, titleIndex) {
            return .event(
                .delete(PostDeletion(key: key, version: EventVersion(kafkaOrderOf: position), author: known.author)))
        }
        let fields = [titleIndex, bodyIndex].filter { $0 != nil && tape.kind($0) != .null }
        let texts = fields.compactMap { tape.text($0) }
        guard texts.count == fields.count, !texts.isEmpty else {
            return .reject(
                Rejection(
                    reason: fields.isEmpty ? .missingText : .wrongType,
                    detail: fields.isEmpty ? "the thing has no text" : "the thing's text is no string", key: key,
                    author: known.author))
        }
        let createdAt = tape.time(tape.member("created_utc", of: data))
        // `edited` is false, or a time; very old things have true.
        let changedAt = tape.time(tape.member("edited", of: data)) ?? createdAt
        var post = Post(
            key: key, version: EventVersion(changedAt, scope: "time", otherwise: position), author: known.author,
            text: texts.filter { !$0.isEmpty }.joined(separator: "\n\n"))
        post.createdAt = createdAt
        if isComment {
            post.replyTo = name(tape, tape.member("parent_id", of: data))
            post.replyRoot = name(tape, tape.member("link_id", of: data))
        } else {
            post.repostOf = name(tape, tape.member("crosspost_parent", of: data))
        }
        return .event(.upsert(post))
    }

    private static func isTakenAway(_ tape: JSONTape, _ index: Int?) -> Bool {
        tape.isText(index, "[deleted]") || tape.isText(index, "[removed]")
    }

    // MARK: Identifiers

    /// What can be told of a document, broken ones included.
    static func identifiers(_ tape: JSONTape) -> (key: PostKey?, author: String?) {
        let data = tape.member("data", of: tape.rootObject)
        return identifiers(tape, tape.kind(data) == .object ? data : tape.rootObject)
    }

    private static func identifiers(_ tape: JSONTape, _ data: Int?) -> (key: PostKey?, author: String?) {
        // An account that is gone leaves its things to nobody.
        let author = tape.identifier(tape.member("author", of: data)).flatMap { $0 == "[deleted]" ? nil : $0 }
        let key = name(tape, tape.member("name", of: data)) ?? nameOfBareThing(tape, data)
        return (key.map { PostKey(platform: platform, key: $0) }, author)
    }

    /// Archives of comments leave the name out and have the id alone.
    private static func nameOfBareThing(_ tape: JSONTape, _ data: Int?) -> String? {
        guard !tape.has("name", of: data), let identifier = tape.identifier(tape.member("id", of: data)) else { return nil }
        if tape.has("body", of: data) { return validName("t1_" + identifier) }
        return tape.has("title", of: data) ? validName("t3_" + identifier) : nil
    }

    private static func name(_ tape: JSONTape, _ index: Int?) -> String? { tape.identifier(index).flatMap(validName) }

    /// The name of a comment or a submission: its kind and up to thirteen digits to the base 36, as 64 bits need.
    static func validName(_ text: String) -> String? {
        guard text.hasPrefix("t1_") || text.hasPrefix("t3_") else { return nil }
        let identifier = text.utf8.dropFirst(3)
        let isValid = (1...13).contains(identifier.count)
            && identifier.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
            }
        return isValid ? text : nil
    }
}
