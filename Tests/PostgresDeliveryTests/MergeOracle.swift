// What the tables must hold and what each record must come to, computed one event after the other in plain Swift.
// Written from the rules in Schemas/README.md and not from the SQL.
import Posts
import StreamCore

struct MergeOracle {
    struct KeyState: Equatable {
        var isLive: Bool
        var version: EventVersion
        var account: String?
    }

    struct Row: Equatable {
        var author: String?
        var text: String
        var offset: Int64
        var entityCount: Int
    }

    struct AccountState: Equatable {
        var state: String
        var version: EventVersion
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

    private static func isNewer(_ new: EventVersion, than old: EventVersion) -> Bool {
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
        if let author = post.author, let account = accounts[author], account.state == "purged",
            !(account.version.scope == post.version.scope && Self.isNewer(post.version, than: account.version))
        {
            let version = old.map {
                $0.isLive || Self.isNewer(account.version, than: $0.version) ? account.version : $0.version
            }
            let owner = version == old?.version && old?.isLive == false ? old?.account : author
            keys[post.key] = KeyState(isLive: false, version: version ?? account.version, account: owner)
            rows[post.key] = nil
            return Outcome(.superseded)
        }
        if let old {
            let isAllowed = old.isLive || old.version.scope == post.version.scope
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
        if old.isLive {
            let isOlder = old.version.scope == deletion.version.scope
                && Self.compare(deletion.version.text, old.version.text) < 0
            if isOlder { return Outcome(.superseded) }
            keys[deletion.key] = KeyState(
                isLive: false, version: deletion.version, account: deletion.author ?? old.account)
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
        if let old, !Self.isNewer(change.version, than: old.version) { return Outcome(.superseded) }
        switch change.kind {
        case .hide:
            let state = old?.state == "purged" ? "purged" : "hidden"
            accounts[change.account] = AccountState(state: state, version: change.version)
            return Outcome(.hidden)
        case .restore:
            accounts[change.account] = AccountState(state: "active", version: change.version)
            return Outcome(.edited)
        case .purge:
            accounts[change.account] = AccountState(state: "purged", version: change.version)
            for (key, state) in keys where state.isLive && state.account == change.account {
                keys[key] = KeyState(isLive: false, version: change.version, account: change.account)
                rows[key] = nil
            }
            letters.removeAll { $0.account == change.account && $0.key != nil }
            return Outcome(.deleted)
        }
    }
}
