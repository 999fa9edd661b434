// What a feed says about posts and accounts, after decoding and independent of the platform's wire format.

/// The identity of a post across partitions, instances and replays: byte by byte, as the database compares.
package struct PostKey: Hashable, Comparable, Sendable {
    private let exactPlatform: ExactText
    private let exactKey: ExactText
    /// `bluesky`, `x`, `mastodon`, `reddit`, or what the settings name for `generic`.
    package var platform: String { exactPlatform.text }
    package var key: String { exactKey.text }

    package init(platform: String, key: String) {
        exactPlatform = ExactText(platform)
        exactKey = ExactText(key)
    }

    package static func < (left: PostKey, right: PostKey) -> Bool {
        (left.exactPlatform, left.exactKey) < (right.exactPlatform, right.exactKey)
    }
}

/// The order of the events of one post (or one account).
///
/// Versions with an equal `scope` compare by `text`, byte by byte (numbers are zero-padded to 20 digits). The feed's own
/// versions have the empty scope; where the feed has none, Kafka's order is taken: the scope is `topic/partition` and the text the
/// padded offset. Versions of different scopes cannot be ordered: for two living versions the larger
/// (text, scope) wins, so that every instance decides alike, and a tombstone of another scope is final.
package struct EventVersion: Hashable, Sendable {
    private let exactText: ExactText
    private let exactScope: ExactText
    package var text: String { exactText.text }
    package var scope: String { exactScope.text }

    package init(text: String, scope: String = "") {
        exactText = ExactText(text)
        exactScope = ExactText(scope)
    }

    package init(number: UInt64, scope: String = "") {
        let digits = String(number)
        self.init(text: String(repeating: "0", count: 20 - digits.count) + digits, scope: scope)
    }

    /// Kafka's own order, for feeds without versions.
    package init(kafkaOrderOf position: SourcePosition) {
        self.init(number: UInt64(clamping: position.offset), scope: position.topicPartition.description)
    }
}

/// A created or edited post. `text` is safe for PostgreSQL: no NUL, no lone surrogate.
package struct Post: Sendable {
    package var key: PostKey
    package var version: EventVersion
    /// The account's stable id, not its display name.
    package var author: String?
    package var createdAt: Timestamp?
    /// The feed's own language tag, as given.
    package var language: String?
    package var text: String
    package var replyTo: String?
    package var replyRoot: String?
    package var repostOf: String?
    package var quoteOf: String?

    package init(
        key: PostKey, version: EventVersion, author: String? = nil, createdAt: Timestamp? = nil,
        language: String? = nil, text: String, replyTo: String? = nil, replyRoot: String? = nil,
        repostOf: String? = nil, quoteOf: String? = nil
    ) {
        self.key = key
        self.version = version
        self.author = author
        self.createdAt = createdAt
        self.language = language
        self.text = text
        self.replyTo = replyTo
        self.replyRoot = replyRoot
        self.repostOf = repostOf
        self.quoteOf = quoteOf
    }
}

package struct PostDeletion: Sendable, Equatable {
    package let key: PostKey
    package let version: EventVersion
    /// Where the feed says whose post it was; lets an account's purge find the tombstone.
    package let author: String?

    package init(key: PostKey, version: EventVersion, author: String?) {
        self.key = key
        self.version = version
        self.author = author
    }
}

package struct AccountChange: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Every post of the account goes, for good.
        case purge
        /// The posts stay but no view shows them, until `restore`.
        case hide
        case restore
    }

    package let platform: String
    package let account: String
    package let kind: Kind
    package let version: EventVersion

    package init(platform: String, account: String, kind: Kind, version: EventVersion) {
        self.platform = platform
        self.account = account
        self.kind = kind
        self.version = version
    }
}

package enum PostEvent: Sendable {
    /// A create or an edit: which of the two is decided by what the database holds.
    case upsert(Post)
    case delete(PostDeletion)
    case account(AccountChange)
}
