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

    /// Within a partition the log's order decides each outcome: replay it for the accounts' posts, which live in one partition.
    private func checkLocalOrder(_ database: SimulatedDatabase) throws(SimulationFailure) {
        for partition in partitions {
            var living: [Int: (version: Int, isDeleted: Bool)] = [:]
            var accounts: [Int: (kind: AccountChange.Kind, version: Int)] = [:]
            var accountOf: [Int: Int] = [:]
            for record in records[partition] ?? [] {
                var expected: Outcome.Kind?
                switch record.kind {
                case .upsert(let key, let version, let account) where account >= 0:
                    accountOf[key] = account
                    if let holder = accounts[account], holder.kind == .purge, version <= holder.version {
                        let isNewer = living[key].map { !$0.isDeleted || holder.version > $0.version } ?? true
                        if isNewer { living[key] = (holder.version, true) }
                        expected = .superseded
                    } else if let old = living[key], version <= old.version {
                        expected = .superseded
                    } else {
                        expected = living[key].map { $0.isDeleted ? .inserted : .edited } ?? .inserted
                        living[key] = (version, false)
                    }
                case .account(let account, let kind, let version):
                    let old = accounts[account]
                    if let old, version <= old.version {
                        expected = .superseded
                    } else {
                        // A purge holds until a restore.
                        accounts[account] = (kind == .hide && old?.kind == .purge ? .purge : kind, version)
                        switch kind {
                        case .purge:
                            for (key, state) in living where accountOf[key] == account && !state.isDeleted {
                                living[key] = (version, true)
                            }
                            expected = .deleted
                        case .hide: expected = .hidden
                        case .restore: expected = .edited
                        }
                    }
                default: break
                }
                let actual = database.outcomesOfRecord[record.position]?.first?.kind
                if let expected, actual != expected {
                    throw SimulationFailure(description: "\(record.position) is \(String(describing: actual)), not \(expected)")
                }
            }
            for (key, state) in living where (database.posts[key] != nil) == state.isDeleted {
                throw SimulationFailure(description: "account post \(key) should \(state.isDeleted ? "be gone" : "live")")
            }
        }
    }
}
