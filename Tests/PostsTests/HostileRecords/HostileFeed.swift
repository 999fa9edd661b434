// The feeds that hostile records are made for. A format joins by one more type: it says how its documents look and what each
// of them must become.
import Posts

enum ExpectedOutcome: Sendable, Equatable {
    case post(key: String, author: String?, text: [UInt8], language: String?)
    case deletion(key: String, author: String?)
    case account(String, AccountChange.Kind)
    case skip(SkipReason)
    /// With the key told.
    case rejection(RejectionReason, key: String?)
    /// The key may be lost with what is broken; another one must not be told.
    case damaged(RejectionReason, key: String?)
}

/// A document in order, and what it must become.
struct FeedDocument: Sendable {
    var root: DocumentValue
    var outcome: ExpectedOutcome
    /// The key, where the document names one.
    let key: String?
    /// Where text and identifier of a post lie; empty for what is no post.
    var textPath: [String] = []
    var identifierPath: [String] = []
    /// Members that are read if they can be, and that spoil nothing if they cannot.
    var optionalPaths: [[String]] = []
}

protocol HostileFeed: Sendable {
    var format: PostFormat { get }
    func post(text: HostileText, using random: inout TestRandom) -> FeedDocument
    /// A deletion, an account's change, or something that is nothing for us.
    func otherEvent(using random: inout TestRandom) -> FeedDocument
    /// What a post becomes whose identifier is not there, or is none.
    func outcome(withoutIdentifier: Bool) -> ExpectedOutcome
}

struct JetstreamFeed: HostileFeed {
    let format = PostFormat.jetstream

    private func commit(
        _ operation: String, collection: String, key: String, record: DocumentValue?, using random: inout TestRandom
    ) -> DocumentValue {
        var commit: [DocumentValue.Member] = [
            .init("rev", "3mp\(Int.random(in: 100...999, using: &random))"), .init("operation", operation),
            .init("collection", collection), .init("rkey", key),
        ]
        if let record { commit.append(.init("record", record)) }
        commit.shuffle(using: &random)
        var root: [DocumentValue.Member] = [
            .init("did", "did:plc:ann"), .init("kind", "commit"), .init("commit", .object(commit)),
            .init("time_us", .number("1783175888090631")),
        ]
        root.shuffle(using: &random)
        return .object(root)
    }

    func post(text: HostileText, using random: inout TestRandom) -> FeedDocument {
        let recordKey = "r\(Int.random(in: 0..<1_000_000, using: &random))"
        let key = "at://did:plc:ann/app.bsky.feed.post/\(recordKey)"
        var record: [DocumentValue.Member] = [
            .init("$type", "app.bsky.feed.post"), .init("createdAt", "2026-07-04T14:38:06.240Z"),
            .init("langs", .array([.text(HostileText("pt"))])), .init("text", .text(text)),
        ]
        record.shuffle(using: &random)
        let operation = ["create", "update"].randomElement(using: &random)!
        return FeedDocument(
            root: commit(operation, collection: "app.bsky.feed.post", key: recordKey, record: .object(record), using: &random),
            outcome: .post(key: key, author: "did:plc:ann", text: text.stored, language: "pt"), key: key,
            textPath: ["commit", "record", "text"], identifierPath: ["commit", "rkey"],
            optionalPaths: [["commit", "record", "createdAt"], ["commit", "record", "reply"], ["commit", "record", "embed"],
                            ["commit", "rev"], ["time_us"], ["commit", "record", "facets"]])
    }

    func otherEvent(using random: inout TestRandom) -> FeedDocument {
        let kinds: [(active: String, status: String?, outcome: ExpectedOutcome)] = [
            ("false", "deleted", .account("did:plc:ann", .purge)), ("false", "suspended", .account("did:plc:ann", .hide)),
            ("false", "takendown", .account("did:plc:ann", .hide)), ("true", nil, .account("did:plc:ann", .restore)),
            ("false", "throttled", .skip(.otherAccountEvent)),
        ]
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            let key = "at://did:plc:ann/app.bsky.feed.post/gone"
            return FeedDocument(
                root: commit("delete", collection: "app.bsky.feed.post", key: "gone", record: nil, using: &random),
                outcome: .deletion(key: key, author: "did:plc:ann"), key: key)
        case 1:
            return FeedDocument(
                root: commit("create", collection: "app.bsky.feed.like", key: "l", record: .object([]), using: &random),
                outcome: .skip(.otherCollection), key: nil)
        case 2:
            return FeedDocument(
                root: .object([.init("kind", "identity"), .init("did", "did:plc:ann"), .init("identity", .object([]))]),
                outcome: .skip(.otherEvent), key: nil)
        default:
            let kind = kinds.randomElement(using: &random)!
            var account: [DocumentValue.Member] = [.init("did", "did:plc:ann"), .init("active", .word(kind.active))]
            if let status = kind.status { account.append(.init("status", status)) }
            return FeedDocument(
                root: .object([
                    .init("account", .object(account)), .init("did", "did:plc:ann"), .init("kind", "account"),
                    .init("time_us", .number("17")),
                ]), outcome: kind.outcome, key: nil)
        }
    }

    func outcome(withoutIdentifier: Bool) -> ExpectedOutcome { .rejection(.missingIdentifier, key: nil) }
}

struct GenericFeed: HostileFeed {
    let format = PostFormat.generic

    static var paths: GenericFieldPaths {
        var paths = GenericFieldPaths()
        paths.deleted = ["deleted"]
        paths.version = ["version"]
        paths.replyTo = ["reply.id"]
        return paths
    }

    func post(text: HostileText, using random: inout TestRandom) -> FeedDocument {
        let number = Int.random(in: 0..<1_000_000, using: &random)
        // Numbers are identifiers as they are written.
        let written = ["\(number)", "-\(number)", "\(number).50", "\(number)e5", String(repeating: "7", count: 300)]
            .randomElement(using: &random)!
        let identifier = Bool.random(using: &random) ? HostileText("p\(number)") : .any(pieces: 2, using: &random)
        // One that nothing is left of would be none.
        let isNumber = identifier.stored.isEmpty || Bool.random(using: &random)
        let key = isNumber ? written : identifier.storedText
        var root: [DocumentValue.Member] = [
            .init("id", isNumber ? .number(written) : .text(identifier)), .init("text", .text(text)), .init("author", "ann"),
            .init("created_at", .number("1783175888.5")), .init("lang", "pt"), .init("version", .number("3")),
            .init("deleted", .word("false")),
        ]
        root.shuffle(using: &random)
        return FeedDocument(
            root: .object(root), outcome: .post(key: key, author: "ann", text: text.stored, language: "pt"), key: key,
            textPath: ["text"], identifierPath: ["id"], optionalPaths: [["created_at"], ["version"], ["reply"]])
    }

    func otherEvent(using random: inout TestRandom) -> FeedDocument {
        let marks: [DocumentValue] = [
            .word("true"), .number("1"), .text(HostileText("2026-01-01")), .object([]), .array([]), .number("1e-3"),
        ]
        return FeedDocument(
            root: .object([
                .init("id", "gone"), .init("deleted", marks.randomElement(using: &random)!), .init("author", "ann"),
            ]), outcome: .deletion(key: "gone", author: "ann"), key: "gone")
    }

    func outcome(withoutIdentifier: Bool) -> ExpectedOutcome {
        .rejection(withoutIdentifier ? .missingIdentifier : .wrongType, key: nil)
    }
}
