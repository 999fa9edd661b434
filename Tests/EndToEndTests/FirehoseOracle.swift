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

    struct Account: Equatable {
        var state: String
        var version: Int
    }

    struct Letter: Hashable {
        let coordinates: String
        let reason: String
        let payload: String
    }

    private enum Key {
        case live(Row)
        /// A later create makes it anew.
        case deleted(version: Int)
        /// Gone with its account, whatever comes.
        case purged
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
    private var keys: [String: Key] = [:]

    init(_ script: FirehoseScript) {
        for event in script.events { take(event) }
        for (uri, key) in keys {
            if case .live(let row) = key { rows[uri] = row } else { tombstones.insert(uri) }
        }
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
            keys[uri] = upserted(keys[uri], row)
        case .delete: keys[uri] = deleted(keys[uri], version: event.version)
        case .purge: change(event, "purged")
        case .hide: change(event, "hidden")
        case .restore: change(event, "active")
        }
    }

    /// The newest version of a post counts, whichever arrives first.
    private func upserted(_ old: Key?, _ row: Row) -> Key {
        if isPurged(row.account) {
            // Refused. A post that its author deleted before stays that; any other is marked as gone with the account.
            if case .deleted = old { return old ?? .purged }
            return .purged
        }
        switch old {
        case nil: return .live(row)
        case .purged: return .purged
        case .deleted(let version): return row.version > version ? .live(row) : .deleted(version: version)
        case .live(var there):
            if row.version > there.version { return .live(row) }
            if row.version == there.version { there.coordinates.formUnion(row.coordinates) }
            return .live(there)
        }
    }

    private func deleted(_ old: Key?, version: Int) -> Key {
        switch old {
        case .live(let row) where row.version > version: .live(row)
        case .deleted(let there): .deleted(version: max(there, version))
        default: .deleted(version: version)
        }
    }

    private mutating func change(_ event: FirehoseEvent, _ state: String) {
        let did = FirehoseScript.did(event.account)
        if let old = accounts[did], old.version >= event.version { return }
        accounts[did] = Account(state: state, version: event.version)
        guard state == "purged" else { return }
        for (uri, key) in keys where uri.hasPrefix("at://\(did)/") {
            if case .live = key { keys[uri] = .purged }
        }
    }

    private func isPurged(_ account: Int) -> Bool { accounts[FirehoseScript.did(account)]?.state == "purged" }
}
