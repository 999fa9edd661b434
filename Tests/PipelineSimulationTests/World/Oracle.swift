// Recomputes from the log alone what the database must hold, knowing nothing of instances, deliveries or faults.
import Posts
import StreamCore

struct Oracle {
    /// What the topics hold, innocent victims of the trial aside: they count as poison.
    let records: [TopicPartition: [SimulatedRecord]]
    let partitions: [TopicPartition]

    init(log: SimulatedLog, excused: Set<SourcePosition>) {
        partitions = log.partitions
        records = log.records.mapValues {
            $0.map { excused.contains($0.position) ? SimulatedRecord(position: $0.position, kind: .crashes) : $0 }
        }
    }

    func check(
        _ database: SimulatedDatabase, startOffset: (TopicPartition) -> Int64
    ) throws(SimulationFailure) {
        try checkOutcomes(database, startOffset)
        try checkDeadLetters(database)
        try checkRows(database)
        try checkAccounts(database)
        try checkLocalOrder(database)
    }

    /// P1: each record has exactly one outcome, and the counts add up to the way the offset went.
    private func checkOutcomes(
        _ database: SimulatedDatabase, _ startOffset: (TopicPartition) -> Int64
    ) throws(SimulationFailure) {
        for partition in partitions {
            guard let row = database.progress[partition] else {
                throw SimulationFailure(description: "\(partition) was never claimed")
            }
            for record in records[partition] ?? [] {
                let outcomes = database.outcomesOfRecord[record.position] ?? []
                guard outcomes.count == 1 else {
                    throw SimulationFailure(description: "\(record.position) has \(outcomes.count) outcomes: \(outcomes)")
                }
            }
            let counted = row.outcomes.values.reduce(0, +)
            guard row.firstOffset == startOffset(partition), Int64(counted) == row.nextOffset - row.firstOffset else {
                throw SimulationFailure(
                    description: "\(partition): \(counted) counted from \(row.firstOffset) to \(row.nextOffset)")
            }
        }
    }

    private func checkDeadLetters(_ database: SimulatedDatabase) throws(SimulationFailure) {
        var expected: [SourcePosition: RejectionReason] = [:]
        for record in records.values.joined() {
            switch record.kind {
            case .malformed: expected[record.position] = .malformedJSON
            case .refusedData: expected[record.position] = .databaseRefusedData
            case .refusedUnknown: expected[record.position] = .databaseFailure
            case .crashes: expected[record.position] = .crashed
            case .upsert, .delete, .account, .skip: break
            }
        }
        for (position, reason) in expected where database.deadLetters[position] != reason {
            throw SimulationFailure(
                description: "\(position): dead letter \(String(describing: database.deadLetters[position])), not \(reason)")
        }
        for position in database.deadLetters.keys where expected[position] == nil {
            throw SimulationFailure(description: "\(position) is a dead letter without being poison")
        }
    }

    /// P4: what lives is the newest version, unless a delete is as new; nothing derived outlives its post.
    private func checkRows(_ database: SimulatedDatabase) throws(SimulationFailure) {
        var newestUpsert: [Int: Int] = [:]
        var newestDelete: [Int: Int] = [:]
        for record in records.values.joined() {
            switch record.kind {
            case .upsert(let key, let version, let account) where account < 0:
                newestUpsert[key] = max(newestUpsert[key] ?? 0, version)
            case .delete(let key, let version): newestDelete[key] = max(newestDelete[key] ?? 0, version)
            default: break
            }
        }
        for (key, version) in newestUpsert {
            let isLiving = version > (newestDelete[key] ?? 0)
            guard database.posts[key] == (isLiving ? version : nil) else {
                throw SimulationFailure(
                    description: "key \(key) holds \(String(describing: database.posts[key])), newest \(version), "
                        + "deleted at \(newestDelete[key] ?? 0)")
            }
        }
        guard database.entities == database.posts else {
            throw SimulationFailure(description: "entities and posts do not belong together")
        }
    }

    /// What an account is, and which posts of it live, follows from all events together, whatever their order.
    private func checkAccounts(_ database: SimulatedDatabase) throws(SimulationFailure) {
        var newest: [Int: [AccountChange.Kind: Int]] = [:]
        var posts: [Int: (account: Int, version: Int)] = [:]
        for record in records.values.joined() {
            switch record.kind {
            case .account(let account, let kind, let version):
                newest[account, default: [:]][kind] = max(newest[account]?[kind] ?? 0, version)
            case .upsert(let key, let version, let account) where account >= 0:
                posts[key] = (account, max(posts[key]?.version ?? 0, version))
            default: break
            }
        }
        for (account, versions) in newest {
            let restore = versions[.restore] ?? 0
            let isPurged = versions[.purge].map { $0 >= restore } ?? false
            let isHidden = versions[.hide].map { $0 >= restore } ?? false
            let expected: AccountChange.Kind = isPurged ? .purge : isHidden ? .hide : .restore
            guard database.accounts[account]?.kind == expected else {
                throw SimulationFailure(
                    description: "account \(account) is \(String(describing: database.accounts[account])), not \(expected)")
            }
        }
        for (key, post) in posts {
            let isLiving = post.version > newest[post.account]?[.purge] ?? 0
            guard database.posts[key] == (isLiving ? post.version : nil) else {
                throw SimulationFailure(
                    description: "post \(key) of account \(post.account) holds \(String(describing: database.posts[key])), "
                        + "newest \(post.version), account \(newest[post.account] ?? [:])")
            }
        }
    }

    /// Within a partition the log's order decides each outcome: replay it for the accounts whose events live in one partition.
    private func checkLocalOrder(_ database: SimulatedDatabase) throws(SimulationFailure) {
        for partition in partitions {
            var replay = LocalReplay()
            for record in records[partition] ?? [] {
                let actual = database.outcomesOfRecord[record.position]?.first?.kind
                if let expected = replay.outcome(of: record.kind), actual != expected {
                    throw SimulationFailure(description: "\(record.position) is \(String(describing: actual)), not \(expected)")
                }
            }
        }
    }
}

/// The accounts of one partition, event after event.
private struct LocalReplay {
    private var posts: [Int: (account: Int, version: Int, isDeleted: Bool)] = [:]
    private var accounts: [Int: [AccountChange.Kind: Int]] = [:]

    /// Nil for what does not belong to an account of this partition alone.
    mutating func outcome(of kind: SimulatedRecord.Kind) -> Outcome.Kind? {
        switch kind {
        case .upsert(let key, let version, let account) where (0..<SimulatedLog.firstWanderer).contains(account):
            let old = posts[key]
            let isPurged = version <= accounts[account]?[.purge] ?? 0
            if let old, version <= old.version { return .superseded }
            posts[key] = (account, version, isPurged)
            return isPurged ? .superseded : old.map { $0.isDeleted ? .inserted : .edited } ?? .inserted
        case .account(let account, let kind, let version) where account < SimulatedLog.firstWanderer:
            let isNewest = version > accounts[account]?.values.max() ?? 0
            let isNews = version > accounts[account]?[kind] ?? 0
            if isNews { accounts[account, default: [:]][kind] = version }
            guard kind == .purge else { return isNewest ? (kind == .hide ? .hidden : .edited) : .superseded }
            for (key, post) in posts where post.account == account && post.version <= version { posts[key]?.isDeleted = true }
            return isNews ? .deleted : .superseded
        default: return nil
        }
    }
}
