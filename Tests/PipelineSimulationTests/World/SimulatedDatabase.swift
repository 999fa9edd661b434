// A model of the database at the level of the protocol: transactions are atomic, locks are held from check to commit, answers
// may get lost. The rules of merging are written here again, apart from the SQL and apart from the oracle.
import Posts
import StreamCore

/// Faults built into the model on purpose: each must be noticed by the checks.
enum DatabaseDefect: String, CaseIterable, Sendable {
    case tokenIgnored, offsetIgnored, claimKeepsToken, offsetMovedBeforeRows, tombstoneIgnored, olderEditOverwrites
    case deleteLeavesEntities, purgeLeavesPosts, hintAsTruth, gapNotCounted, deadLetterForgotten
    case resolveAlwaysCommitted, resolveNeverCommitted, claimForgetsCrashes, hideEndsPurge
    case accountHasOneVersion, purgeTakesNewerPosts, restoreEndsPurge
}

struct SimulatedDatabase {
    struct Progress {
        var firstOffset: Int64
        var nextOffset: Int64
        var counter: Int64 = 0
        var token = ""
        var claimOffset: Int64 = -1
        var crashCount = 0
        var isReleased = true
        var suspect: PartitionClaim.Suspect?
        var outcomes: [Outcome: Int] = [:]
    }

    struct KeyState: Equatable {
        var version: Int
        var isDeleted: Bool
        var account: Int
    }

    /// The newest version of each kind of event; 0: there was none.
    struct AccountRow: Equatable {
        var purge = 0
        var hide = 0
        var restore = 0

        /// What holds now.
        var kind: AccountChange.Kind { purge > 0 && purge >= restore ? .purge : hide > 0 && hide >= restore ? .hide : .restore }
    }

    var progress: [TopicPartition: Progress] = [:]
    var keys: [Int: KeyState] = [:]
    /// Post rows: key to the version whose text they hold.
    var posts: [Int: Int] = [:]
    /// Entity rows, derived from the posts.
    var entities: [Int: Int] = [:]
    var accounts: [Int: AccountRow] = [:]
    var deadLetters: [SourcePosition: RejectionReason] = [:]
    /// Every outcome that was ever committed for a record.
    var outcomesOfRecord: [SourcePosition: [Outcome]] = [:]
    /// Offsets that Kafka was told.
    var hints: [TopicPartition: Int64] = [:]
    /// Partitions whose progress row a transaction holds, until when.
    var locks: [TopicPartition: Duration] = [:]
    var isDown = false
    let defects: Set<DatabaseDefect>

    init(defects: Set<DatabaseDefect>) { self.defects = defects }

    static let waitFailure = DatabaseFailure(failureClass: .wait, sqlState: "57P03", detail: "simulated outage")
    static let lockFailure = DatabaseFailure(failureClass: .wait, sqlState: "55P03", detail: "simulated lock timeout")

    func isLocked(_ partition: TopicPartition, now: Duration) -> Bool { (locks[partition] ?? .zero) > now }

    // MARK: Claims

    mutating func claim(_ partition: TopicPartition, start: Int64, token: String, now: Duration) -> ClaimOutcome {
        guard !isDown else { return .databaseFailed(Self.waitFailure) }
        guard !isLocked(partition, now: now) else { return .databaseFailed(Self.lockFailure) }
        var row = progress[partition] ?? Progress(firstOffset: start, nextOffset: start)
        if defects.contains(.hintAsTruth), let hint = hints[partition] { row.nextOffset = max(row.nextOffset, hint + 1) }
        let isStuck = !row.isReleased && row.claimOffset == row.nextOffset
        row.crashCount = isStuck && !defects.contains(.claimForgetsCrashes) ? row.crashCount + 1 : 0
        row.counter += 1
        if !defects.contains(.claimKeepsToken) || row.token.isEmpty { row.token = token }
        row.claimOffset = row.nextOffset
        row.isReleased = false
        progress[partition] = row
        let suspect = row.suspect.flatMap { $0.offset == row.nextOffset || row.crashCount > 0 ? $0 : nil }
        return .claimed(
            PartitionClaim(
                topicPartition: partition, counter: row.counter, token: row.token, firstOffset: row.firstOffset,
                nextOffset: row.nextOffset, crashCount: row.crashCount, suspect: suspect))
    }

    mutating func markSuspect(_ claim: PartitionClaim, offset: Int64) -> SuspectMark {
        guard !isDown else { return .failed(Self.waitFailure) }
        guard var row = progress[claim.topicPartition], row.token == claim.token else { return .notMine }
        let attempts = row.suspect?.offset == offset ? (row.suspect?.attempts ?? 0) + 1 : 1
        row.suspect = .init(offset: offset, attempts: attempts)
        progress[claim.topicPartition] = row
        return .marked
    }

    mutating func release(_ claim: PartitionClaim) {
        guard !isDown, progress[claim.topicPartition]?.token == claim.token else { return }
        progress[claim.topicPartition]?.isReleased = true
        progress[claim.topicPartition]?.suspect = nil
    }

    // MARK: Deliveries

    /// Which slices no longer fit what the database holds.
    func fenced(_ slices: [LaneSlice<SimulatedPayload>]) -> [TopicPartition] {
        slices.filter { slice in
            guard let row = progress[slice.claim.topicPartition] else { return true }
            if !defects.contains(.tokenIgnored), row.token != slice.claim.token { return true }
            if !defects.contains(.offsetIgnored), row.nextOffset != slice.expectedOffset { return true }
            return false
        }.map(\.claim.topicPartition)
    }

    /// What the server says of the rows before anything is merged.
    func refusal(_ slices: [LaneSlice<SimulatedPayload>]) -> DatabaseFailure? {
        for slice in slices {
            for (_, payload) in slice.records where payload.dead == nil {
                switch payload.record.kind {
                case .refusedData:
                    return DatabaseFailure(failureClass: .data, sqlState: "22021", detail: "simulated refusal")
                case .refusedUnknown:
                    return DatabaseFailure(failureClass: .unknown, sqlState: "XX000", detail: "simulated failure")
                default: break
                }
            }
        }
        return nil
    }

    /// Rows, counts and offsets of one transaction, all together.
    mutating func commit(_ slices: [LaneSlice<SimulatedPayload>]) -> [TopicPartition: [Outcome: Int]] {
        var counts: [TopicPartition: [Outcome: Int]] = [:]
        for slice in slices {
            let partition = slice.claim.topicPartition
            let base = progress[partition]?.outcomes ?? [:]
            for (offset, payload) in slice.records {
                let outcome = apply(payload)
                counts[partition, default: [:]][outcome, default: 0] += 1
                outcomesOfRecord[.init(topicPartition: partition, offset: offset), default: []].append(outcome)
            }
            let gap = slice.newOffset - slice.expectedOffset - Int64(slice.records.count)
            if gap > 0, !defects.contains(.gapNotCounted) { counts[partition, default: [:]][Outcome(.gap), default: 0] += Int(gap) }
            progress[partition]?.outcomes = base.merging(counts[partition] ?? [:], uniquingKeysWith: +)
            progress[partition]?.nextOffset = slice.newOffset
        }
        return counts
    }

    func resolve(_ slices: [LaneSlice<SimulatedPayload>]) -> ResolutionResult {
        guard !isDown else { return .failed(Self.waitFailure) }
        if defects.contains(.resolveAlwaysCommitted) { return .committed }
        if defects.contains(.resolveNeverCommitted) { return .notCommitted }
        var strangers: [TopicPartition] = []
        var isCommitted = false
        for slice in slices {
            let row = progress[slice.claim.topicPartition]
            if row?.token != slice.claim.token {
                strangers.append(slice.claim.topicPartition)
            } else if row?.nextOffset == slice.newOffset {
                isCommitted = true
            }
        }
        if isCommitted { return .committed }
        return strangers.isEmpty ? .notCommitted : .fenced(strangers)
    }

    // MARK: Merging

    private mutating func apply(_ payload: SimulatedPayload) -> Outcome {
        if let reason = payload.dead {
            if !defects.contains(.deadLetterForgotten) { deadLetters[payload.record.position] = reason }
            return Outcome(.dead, reason: reason.rawValue)
        }
        switch payload.record.kind {
        case .upsert(let key, let version, let account): return upsert(key, version, account)
        case .delete(let key, let version): return delete(key, version)
        case .account(let account, let kind, let version): return change(account, kind, version)
        case .skip: return Outcome(.skipped, reason: SkipReason.otherEvent.rawValue)
        case .malformed, .refusedData, .refusedUnknown, .crashes:
            deadLetters[payload.record.position] = .malformedJSON
            return Outcome(.dead, reason: RejectionReason.malformedJSON.rawValue)
        }
    }

    private mutating func upsert(_ key: Int, _ version: Int, _ account: Int) -> Outcome {
        let old = keys[key]
        if let row = accounts[account], version <= row.purge,
            !(defects.contains(.restoreEndsPurge) && row.kind != .purge)
        {
            // As if the post had come before the purge.
            if old.map({ version > $0.version }) ?? true {
                keys[key] = KeyState(version: version, isDeleted: true, account: account)
                posts[key] = nil
                entities[key] = nil
            }
            return Outcome(.superseded)
        }
        if let old, defects.contains(.tombstoneIgnored) ? !old.isDeleted : true {
            if !defects.contains(.olderEditOverwrites) || old.isDeleted {
                guard version > old.version else { return Outcome(.superseded) }
            }
        }
        keys[key] = KeyState(version: version, isDeleted: false, account: account)
        posts[key] = version
        entities[key] = version
        return Outcome(old.map { $0.isDeleted ? .inserted : .edited } ?? .inserted)
    }

    private mutating func delete(_ key: Int, _ version: Int) -> Outcome {
        let old = keys[key]
        if let old {
            if old.isDeleted {
                keys[key]?.version = max(old.version, version)
                return Outcome(.superseded)
            }
            guard version >= old.version else { return Outcome(.superseded) }
        }
        keys[key] = KeyState(version: version, isDeleted: true, account: old?.account ?? -1)
        posts[key] = nil
        if !defects.contains(.deleteLeavesEntities) { entities[key] = nil }
        return Outcome(.deleted)
    }

    private mutating func change(_ account: Int, _ kind: AccountChange.Kind, _ version: Int) -> Outcome {
        var row = accounts[account] ?? AccountRow()
        let isNewest = version > max(row.purge, row.hide, row.restore)
        if defects.contains(.accountHasOneVersion), !isNewest { return Outcome(.superseded) }
        defer { accounts[account] = row }
        switch kind {
        case .hide:
            row.hide = max(row.hide, version)
            if defects.contains(.hideEndsPurge) { row.purge = 0 }
            return Outcome(isNewest ? .hidden : .superseded)
        case .restore:
            row.restore = max(row.restore, version)
            return Outcome(isNewest ? .edited : .superseded)
        case .purge:
            guard version > row.purge else { return Outcome(.superseded) }
            row.purge = version
            for (key, state) in keys where state.account == account && !state.isDeleted && !defects.contains(.purgeLeavesPosts) {
                guard state.version <= version || defects.contains(.purgeTakesNewerPosts) else { continue }
                // The tombstone keeps the post's version: a newer edit from after the purge lives.
                keys[key]?.isDeleted = true
                posts[key] = nil
                entities[key] = nil
            }
            return Outcome(.deleted)
        }
    }
}
