// What the database must hold once a made firehose is read, told from its events alone. Written from the promises
// (Schemas/README.md), not from the SQL; knows nothing of batches, instances or kills.

struct FirehoseOracle {
    struct Row: Equatable {
        let account: Int
        let text: String
        let version: Int
        /// Partition and offset of each record that says so: a duplicate says it twice, and the first to arrive is kept.
        var coordinates: Set<String>
    }

    /// The newest version of each kind of event; -1: there was none.
    struct Account: Equatable {
        var purge = -1
        var hide = -1
        var restore = -1

        var version: Int { max(purge, hide, restore) }
        var state: String { purge > restore ? "purged" : hide > restore ? "hidden" : "active" }
    }

    struct Letter: Hashable {
        let coordinates: String
        let reason: String
        let payload: String
    }

    /// Living posts by their URI.
    private(set) var rows: [String: Row] = [:]
    /// URIs of posts that are gone: tombstones.
    private(set) var tombstones: Set<String> = []
    /// By DID.
    private(set) var accounts: [String: Account] = [:]
    private(set) var letters: Set<Letter> = []
    /// `partition outcome reason` to count, of the outcomes that no order changes.
    private(set) var fixedOutcomes: [String: Int] = [:]
    private var newestPost: [String: Row] = [:]
    private var newestDelete: [String: Int] = [:]

    /// Of each post the newest text lives, unless a delete of it or a purge of its account is newer: that no order of arrival
    /// matters is what is tested.
    init(_ script: FirehoseScript) {
        for event in script.events { take(event) }
        for (uri, row) in newestPost {
            let end = max(newestDelete[uri] ?? -1, accounts[FirehoseScript.did(row.account)]?.purge ?? -1)
            if row.version > end { rows[uri] = row } else { tombstones.insert(uri) }
        }
        tombstones.formUnion(newestDelete.keys.filter { newestPost[$0] == nil })
    }

    private mutating func take(_ event: FirehoseEvent) {
        let coordinates = "\(event.partition)/\(event.offset)"
        let uri = FirehoseScript.uri(event.account, event.key)
        switch event.action {
        case .like: fixedOutcomes["\(event.partition) skipped other_collection", default: 0] += 1
        case .poison(let kind):
            let payload = event.body.map { byte in
                String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            }.joined()
            letters.insert(Letter(coordinates: coordinates, reason: kind.reason, payload: payload))
            fixedOutcomes["\(event.partition) dead \(kind.reason)", default: 0] += 1
        case .post(let text):
            let row = Row(account: event.account, text: text, version: event.version, coordinates: [coordinates])
            guard let known = newestPost[uri], known.version >= row.version else {
                newestPost[uri] = row
                return
            }
            if known.version == row.version { newestPost[uri]?.coordinates.formUnion(row.coordinates) }
        case .delete: newestDelete[uri] = max(newestDelete[uri] ?? -1, event.version)
        case .purge: change(event, \.purge)
        case .hide: change(event, \.hide)
        case .restore: change(event, \.restore)
        }
    }

    private mutating func change(_ event: FirehoseEvent, _ kind: WritableKeyPath<Account, Int>) {
        var account = accounts[FirehoseScript.did(event.account)] ?? Account()
        account[keyPath: kind] = max(account[keyPath: kind], event.version)
        accounts[FirehoseScript.did(event.account)] = account
    }
}
