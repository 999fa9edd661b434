// What the tables must hold and what each record must come to, computed one event after the other in plain Swift.
// Written from the rules in Schemas/README.md and not from the SQL.
import Posts
import StreamCore

struct MergeOracle {
    struct KeyState: Equatable {
        var isLive: Bool
        var version: EventVersion
        var account: String?
        /// A tombstone that a purge made.
        var isPurged = false
    }

    struct Row: Equatable {
        var author: String?
        var text: String
        var offset: Int64
        var entityCount: Int
    }

    struct AccountState: Equatable {
        /// Of any kind.
        var newest: EventVersion
        var purge: EventVersion?
        var hide: EventVersion?
        var restore: EventVersion?

        /// The stricter of two that are equally new holds.
        var state: String {
            func holds(_ version: EventVersion?) -> Bool {
                guard let version else { return false }
                return restore.map { !MergeOracle.isNewer($0, than: version) } ?? true
            }
            return holds(purge) ? "purged" : holds(hide) ? "hidden" : "active"
        }
    }

    struct Letter: Equatable {
        var offset: Int64
        var key: PostKey?
        var account: String?
        var hasPayload: Bool
    }

    private(set) var keys: [PostKey: KeyState] = [:]
    private(set) var rows: [PostKey: Row] = [:]
    /// All of one platform.
    private(set) var accounts: [String: AccountState] = [:]
    private(set) var letters: [Letter] = []

    fileprivate static func isNewer(_ new: EventVersion, than old: EventVersion) -> Bool {
        let order = compare(new.text, old.text)
        return order != 0 ? order > 0 : compare(new.scope, old.scope) > 0
    }

    private static func compare(_ left: String, _ right: String) -> Int {
        if left.utf8.elementsEqual(right.utf8) { return 0 }
        return left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : 1
    }

    /// Kinds of outcomes; of those of one record the first counts.
    private static let strengths: [Outcome.Kind] = [.dead, .inserted, .edited, .deleted, .hidden, .superseded, .skipped]

    mutating func apply(_ record: DeliverableRecord) -> Outcome {
        let outcomes = record.content.parts.map { apply($0, record) }
        for kind in Self.strengths {
            if let strongest = outcomes.first(where: { $0.kind == kind }) { return strongest }
        }
        preconditionFailure("a record comes to something")
    }

    private mutating func apply(_ content: DeliverableContent, _ record: DeliverableRecord) -> Outcome {
        switch content {
        case .post(let post, let enrichment): return upsert(post, enrichment, record.offset)
        case .delete(let deletion): return delete(deletion)
        case .account(let change): return self.change(change)
        case .skipped(let reason): return Outcome(.skipped, reason: reason.rawValue)
        case .dead(let letter):
            let (key, author) = (letter.rejection.key, letter.rejection.author)
            let isGone = key.map { keys[$0]?.isLive == false } ?? false
            let isPurged = author.map { accounts[$0]?.state == "purged" } ?? false
            letters.append(
                Letter(
                    offset: record.offset, key: key, account: author,
                    hasPayload: !isGone && !(isPurged && key != nil)))
            return Outcome(.dead, reason: letter.rejection.reason.rawValue)
        case .several: preconditionFailure("a document of several is one")
        }
    }

    private mutating func upsert(_ post: Post, _ enrichment: Enrichment, _ offset: Int64) -> Outcome {
        let old = keys[post.key]
        if let author = post.author, let account = accounts[author], isRefused(post.version, account) {
            let counts = old.map { old in
                (old.isLive || old.isPurged || old.version.scope == post.version.scope)
                    && Self.isNewer(post.version, than: old.version)
            }
            if counts ?? true {
                keys[post.key] = KeyState(isLive: false, version: post.version, account: author, isPurged: true)
                rows[post.key] = nil
            }
            return Outcome(.superseded)
        }
        if let old {
            let isAllowed = old.isLive || old.isPurged || old.version.scope == post.version.scope
            guard isAllowed, Self.isNewer(post.version, than: old.version) else { return Outcome(.superseded) }
        }
        keys[post.key] = KeyState(isLive: true, version: post.version, account: post.author ?? old?.account)
        rows[post.key] = Row(
            author: post.author, text: post.text, offset: offset, entityCount: enrichment.entities.count)
        return Outcome(old?.isLive == true ? .edited : .inserted)
    }

    private mutating func delete(_ deletion: PostDeletion) -> Outcome {
        guard let old = keys[deletion.key] else {
            keys[deletion.key] = KeyState(isLive: false, version: deletion.version, account: deletion.author)
            letters.removeAll { $0.key == deletion.key }
            return Outcome(.deleted)
        }
        if old.isLive || old.isPurged {
            let isOlder = old.version.scope == deletion.version.scope
                && Self.compare(deletion.version.text, old.version.text) < 0
            if isOlder { return Outcome(.superseded) }
            keys[deletion.key] = KeyState(
                isLive: false, version: deletion.version, account: deletion.author ?? old.account)
            if !old.isLive { return Outcome(.superseded) }
            rows[deletion.key] = nil
            letters.removeAll { $0.key == deletion.key }
            return Outcome(.deleted)
        }
        if Self.isNewer(deletion.version, than: old.version) {
            keys[deletion.key] = KeyState(
                isLive: false, version: deletion.version, account: deletion.author ?? old.account)
        }
        return Outcome(.superseded)
    }

    private mutating func change(_ change: AccountChange) -> Outcome {
        let old = accounts[change.account]
        var account = old ?? AccountState(newest: change.version)
        let isNewest = old.map { Self.isNewer(change.version, than: $0.newest) } ?? true
        if isNewest { account.newest = change.version }
        func isNews(_ known: EventVersion?) -> Bool { known.map { Self.isNewer(change.version, than: $0) } ?? true }
        defer { accounts[change.account] = account }
        switch change.kind {
        case .hide:
            if isNews(account.hide) { account.hide = change.version }
            return Outcome(isNewest ? .hidden : .superseded)
        case .restore:
            if isNews(account.restore) { account.restore = change.version }
            return Outcome(isNewest ? .edited : .superseded)
        case .purge:
            guard isNews(account.purge) else { return Outcome(.superseded) }
            account.purge = change.version
            for (key, state) in keys where state.isLive && state.account == change.account {
                if FeedMoments.isBefore(state.version, purge: change.version) == false { continue }
                keys[key]?.isLive = false
                keys[key]?.isPurged = true
                rows[key] = nil
            }
            letters.removeAll { $0.account == change.account && $0.key != nil }
            return Outcome(.deleted)
        }
    }

    /// What cannot be compared with the purge is refused while the account is purged.
    private func isRefused(_ version: EventVersion, _ account: AccountState) -> Bool {
        guard let purge = account.purge else { return false }
        return FeedMoments.isBefore(version, purge: purge) ?? (account.state == "purged")
    }
}

/// The moments that versions tell, read anew from what the platforms publish about their ids.
enum FeedMoments {
    static func isBefore(_ version: EventVersion, purge: EventVersion) -> Bool? {
        if version.scope == purge.scope { return !purge.text.utf8.lexicographicallyPrecedes(version.text.utf8) }
        guard let moment = microseconds(version), let end = microseconds(purge) else { return nil }
        return moment <= end
    }

    private static func microseconds(_ version: EventVersion) -> UInt64? {
        switch version.scope {
        case "time", "account": return UInt64(version.text)
        case "id": return UInt64(version.text).map { ($0 / 4_194_304 + 1_288_834_974_657) * 1_000 }
        case "rev":
            let digits = "234567abcdefghijklmnopqrstuvwxyz"
            return version.text.reduce(UInt64(0)) { number, digit in
                let place = digits.firstIndex(of: digit) ?? digits.startIndex
                return number * 32 + UInt64(digits.distance(from: digits.startIndex, to: place))
            } / 1_024
        default: return nil
        }
    }
}
