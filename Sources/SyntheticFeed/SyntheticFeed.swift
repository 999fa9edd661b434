// A firehose that needs no network: invented people posting, editing, deleting, liking, and a record now and then
// that nobody can read. The same seed, mix and times give the same bytes. Owned by one task; keeps a bounded memory of
// recent posts to reply to, edit and delete. Sends nothing anywhere.
package import Posts

package struct SyntheticFeed: Sendable {
    private var random: FeedRandom
    private var composer: PostComposer
    private var accounts: [FeedAccount] = []
    private var suspended: [FeedAccount] = []
    private var living: [LivingPost] = []
    private let mix: FeedMix
    private var lastTime = Timestamp(microseconds: 0)
    private var sequence = 31_000_000_000

    static let accountCount = 240
    private static let suspendedLimit = 6
    /// Posts that can still be replied to, edited or deleted.
    private static let livingLimit = 512

    /// - Parameter englishShare: of the posts that are no spam, 0 to 1; the rest is in some twenty languages.
    package init(seed: UInt64, mix: FeedMix = .demonstration, englishShare: Double = 0.68) {
        random = FeedRandom(seed: seed)
        composer = PostComposer(englishShare: englishShare)
        self.mix = mix
        while accounts.count < Self.accountCount { accounts.append(FeedAccount(random: &random)) }
    }

    /// The feed's next document. Times must not be before 1970. No two events share a time: one that does not lie after
    /// the last is moved one microsecond past it.
    package mutating func next(at time: Timestamp) -> SyntheticEvent {
        lastTime = Timestamp(microseconds: max(time.microseconds, lastTime.microseconds + 1))
        sequence += 1
        let kind = SyntheticEvent.Kind.allCases[random.weightedIndex(mix.weights)]
        switch kind {
        case .post: return makePost()
        case .edit: return makeEdit() ?? makePost()
        case .delete: return makeDelete() ?? makePost()
        case .like: return makeReaction(.like, collection: "app.bsky.feed.like") ?? makePost()
        case .repost: return makeReaction(.repost, collection: "app.bsky.feed.repost") ?? makePost()
        case .follow: return makeFollow()
        case .profile: return makeProfile()
        case .identity: return makeIdentity()
        case .accountDeleted: return makeAccountDeletion()
        case .accountSuspended: return makeSuspension() ?? makeRestoration() ?? makeIdentity()
        case .accountRestored: return makeRestoration() ?? makeIdentity()
        case .malformed: return makeMalformed()
        }
    }
}

/// A post that is still there.
private struct LivingPost: Sendable {
    let account: FeedAccount
    let recordKey: String
    let root: RecordReference
    var reference: RecordReference
    var post: SyntheticPost
    /// An edit repeats the reply reference: it replaces the whole record.
    let reply: ReplyReference?
}

// MARK: - Posts

extension SyntheticFeed {
    private mutating func makePost() -> SyntheticEvent {
        let account = random.pick(accounts)
        let recordKey = TimestampIdentifier.make(at: lastTime, clock: random.next())
        let uri = "at://\(account.identifier)/\(JetstreamDocument.postCollection)/\(recordKey)"
        let reference = RecordReference(uri: uri, contentID: makeContentID())
        var post = composer.compose(accounts: accounts, random: &random)
        if random.chance(0.004) { post.hostileEscape = random.pick(["\\u0000", "\\ud83d", "\\udc00"]) }
        var reply: ReplyReference?
        if !living.isEmpty, random.chance(0.25) {
            let parent = random.pick(living)
            reply = ReplyReference(root: parent.root, parent: parent.reference)
        }
        let posted = LivingPost(
            account: account, recordKey: recordKey, root: reply?.root ?? reference, reference: reference, post: post,
            reply: reply)
        if living.count < Self.livingLimit {
            living.append(posted)
        } else {
            living[random.index(below: living.count)] = posted
        }
        return commit(.post, posted, operation: .create)
    }

    private mutating func makeEdit() -> SyntheticEvent? {
        guard !living.isEmpty else { return nil }
        let position = random.index(below: living.count)
        living[position].post = composer.revise(living[position].post, random: &random)
        living[position].reference = RecordReference(uri: living[position].reference.uri, contentID: makeContentID())
        return commit(.edit, living[position], operation: .update)
    }

    private mutating func makeDelete() -> SyntheticEvent? {
        guard !living.isEmpty else { return nil }
        return commit(.delete, living.remove(at: random.index(below: living.count)), operation: .delete)
    }

    private mutating func commit(
        _ kind: SyntheticEvent.Kind, _ living: LivingPost, operation: JetstreamDocument.Operation
    ) -> SyntheticEvent {
        let document = JetstreamDocument(account: living.account.identifier, time: lastTime)
        let isDelete = operation == .delete
        let text = document.commit(
            operation, collection: JetstreamDocument.postCollection, recordKey: living.recordKey,
            revision: makeRevision(),
            record: isDelete ? nil : document.postRecord(living.post, reply: living.reply),
            contentID: isDelete ? nil : living.reference.contentID)
        return SyntheticEvent(
            kind: kind, key: living.account.identifier, document: Array(text.utf8),
            post: isDelete ? nil : living.post, postKey: living.reference.uri)
    }

    private mutating func makeContentID() -> String { "bafyrei\(random.base32(count: 52))" }

    private func makeRevision() -> String { TimestampIdentifier.make(at: lastTime, clock: 7) }
}

// MARK: - Everything else of a firehose

extension SyntheticFeed {
    private mutating func makeReaction(_ kind: SyntheticEvent.Kind, collection: String) -> SyntheticEvent? {
        guard !living.isEmpty else { return nil }
        let subject = random.pick(living).reference
        return makeRecord(kind, collection: collection) { $0.subjectRecord(type: collection, subject: subject) }
    }

    private mutating func makeFollow() -> SyntheticEvent {
        let followed = random.pick(accounts).identifier
        return makeRecord(.follow, collection: "app.bsky.graph.follow") { $0.followRecord(of: followed) }
    }

    private mutating func makeProfile() -> SyntheticEvent {
        makeRecord(.profile, collection: "app.bsky.actor.profile") { _ in
            "{\"$type\":\"app.bsky.actor.profile\",\"displayName\":\"someone\"}"
        }
    }

    private mutating func makeRecord(
        _ kind: SyntheticEvent.Kind, collection: String, record: (JetstreamDocument) -> String
    ) -> SyntheticEvent {
        let account = random.pick(accounts).identifier
        let document = JetstreamDocument(account: account, time: lastTime)
        let text = document.commit(
            .create, collection: collection, recordKey: TimestampIdentifier.make(at: lastTime, clock: random.next()),
            revision: makeRevision(), record: record(document), contentID: makeContentID())
        return SyntheticEvent(kind: kind, key: account, document: Array(text.utf8), post: nil, postKey: nil)
    }

    private mutating func makeIdentity() -> SyntheticEvent {
        let account = random.pick(accounts).identifier
        let document = JetstreamDocument(account: account, time: lastTime)
        return event(.identity, account, document.identity(sequence: sequence))
    }

    /// The account and all its posts go; somebody new takes its place.
    private mutating func makeAccountDeletion() -> SyntheticEvent {
        let position = random.index(below: accounts.count)
        let account = accounts[position]
        accounts[position] = FeedAccount(random: &random)
        living.removeAll { $0.account == account }
        return accountEvent(.accountDeleted, account, status: "deleted")
    }

    private mutating func makeSuspension() -> SyntheticEvent? {
        guard suspended.count < Self.suspendedLimit else { return nil }
        let account = accounts.remove(at: random.index(below: accounts.count))
        suspended.append(account)
        living.removeAll { $0.account == account }
        return accountEvent(.accountSuspended, account, status: random.pick(["suspended", "deactivated", "takendown"]))
    }

    private mutating func makeRestoration() -> SyntheticEvent? {
        guard !suspended.isEmpty else { return nil }
        let account = suspended.removeFirst()
        accounts.append(account)
        return accountEvent(.accountRestored, account, status: nil)
    }

    private func accountEvent(_ kind: SyntheticEvent.Kind, _ account: FeedAccount, status: String?) -> SyntheticEvent {
        let document = JetstreamDocument(account: account.identifier, time: lastTime)
        return event(kind, account.identifier, document.accountStatus(status, sequence: sequence))
    }

    private func event(_ kind: SyntheticEvent.Kind, _ account: String, _ document: String) -> SyntheticEvent {
        SyntheticEvent(kind: kind, key: account, document: Array(document.utf8), post: nil, postKey: nil)
    }

    /// A document that ends too soon, one whose text is a number, or one without a text.
    private mutating func makeMalformed() -> SyntheticEvent {
        let account = random.pick(accounts).identifier
        let document = JetstreamDocument(account: account, time: lastTime)
        let record = random.pick([
            "{\"$type\":\"app.bsky.feed.post\",\"text\":12}",
            "{\"$type\":\"app.bsky.feed.post\",\"langs\":[\"en\"]}",
            "{\"$type\":\"app.bsky.feed.post\",\"text\":\"this one ends in the midd",
        ])
        var text = document.commit(
            .create, collection: JetstreamDocument.postCollection,
            recordKey: TimestampIdentifier.make(at: lastTime, clock: random.next()), revision: makeRevision(),
            record: record, contentID: nil)
        // The unfinished record swallows the brackets that follow it, and the document ends inside a string.
        if record.hasSuffix("midd") { text.removeLast(2) }
        return event(.malformed, account, text)
    }
}
