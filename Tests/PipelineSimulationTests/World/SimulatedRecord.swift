// What the simulated topics hold, and how a seed makes it.
import Posts
import StreamCore

struct SimulatedRecord: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case upsert(key: Int, version: Int, account: Int)
        case delete(key: Int, version: Int)
        case account(Int, AccountChange.Kind, version: Int)
        case skip
        case malformed
        /// The database refuses its row: class data.
        case refusedData
        /// The database fails on it for no reason in the table: class unknown.
        case refusedUnknown
        /// Reading it ends the process.
        case crashes
    }

    let position: SourcePosition
    let kind: Kind
}

/// A record on its way through the machine.
struct SimulatedPayload: Sendable, Hashable {
    let record: SimulatedRecord
    var isEnriched = false
    var dead: RejectionReason?
}

/// Everything the topics of one run hold. Offsets rise, sometimes by more than one: transaction markers, compaction.
struct SimulatedLog: Sendable {
    let partitions: [TopicPartition]
    let records: [TopicPartition: [SimulatedRecord]]
    let highWatermarks: [TopicPartition: Int64]
    /// Keys whose events all lie in one partition: their order is the log's.
    let localKeys: Set<Int>

    init(seed: UInt64) {
        var random = SeededRandom(seed: seed &* 31 &+ 7)
        var wanderers = SeededRandom(seed: seed &* 37 &+ 11)
        let partitionCount = Int.random(in: 1...4, using: &random)
        partitions = (0..<partitionCount).map { TopicPartition(topic: "posts", partition: Int32($0)) }
        let keyCount = Int.random(in: 4...40, using: &random)
        let hasPoison = Int.random(in: 0..<3, using: &random) == 0
        let hasCrashes = Int.random(in: 0..<8, using: &random) == 0
        var records: [TopicPartition: [SimulatedRecord]] = [:]
        var ends: [TopicPartition: Int64] = [:]
        var homes: [Int: Set<Int32>] = [:]
        var version = 0
        for partition in partitions {
            var offset = Int64.random(in: 0...50, using: &random)
            var list: [SimulatedRecord] = []
            for _ in 0..<Int.random(in: 5...60, using: &random) {
                if Int.random(in: 0..<12, using: &random) == 0 { offset += Int64.random(in: 1...3, using: &random) }
                version += 1
                var kind = Self.kind(
                    partition: partition.partition, keyCount: keyCount, version: version, hasPoison: hasPoison,
                    hasCrashes: hasCrashes, &random)
                if kind == .skip { kind = Self.wandering(&wanderers) }
                list.append(SimulatedRecord(position: .init(topicPartition: partition, offset: offset), kind: kind))
                if let key = Self.key(of: kind) { homes[key, default: []].insert(partition.partition) }
                offset += 1
            }
            records[partition] = list
            ends[partition] = offset
        }
        self.records = records
        highWatermarks = ends
        localKeys = Set(homes.filter { $0.value.count == 1 }.keys)
    }

    static func key(of kind: SimulatedRecord.Kind) -> Int? {
        switch kind {
        case .upsert(let key, _, _), .delete(let key, _): key
        default: nil
        }
    }

    /// The first of the accounts whose events lie in whatever partition, as a feed's do that is keyed by post.
    static let firstWanderer = 1_000

    /// Few accounts and posts, so that they meet; versions do not follow the log, so every order of arrival comes about.
    private static func wandering(_ random: inout SeededRandom) -> SimulatedRecord.Kind {
        let version = Int.random(in: 1...60, using: &random)
        let account = firstWanderer + Int.random(in: 0..<3, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3: return .skip
        case 3..<6: return .upsert(key: account * 100 + Int.random(in: 0..<3, using: &random), version: version, account: account)
        default:
            return .account(account, AccountChange.Kind.allCases.randomElement(using: &random) ?? .purge, version: version)
        }
    }

    /// Accounts with account events live in one partition, for a feed orders them by account; other keys wander.
    private static func kind(
        partition: Int32, keyCount: Int, version: Int, hasPoison: Bool, hasCrashes: Bool, _ random: inout SeededRandom
    ) -> SimulatedRecord.Kind {
        // Versions jump back at times: events arrive out of order and twice.
        let version = max(1, version - Int.random(in: 0...6, using: &random))
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<45:
            let key = Int.random(in: 0..<keyCount, using: &random)
            return .upsert(key: key, version: version, account: -1)
        case 45..<60:
            let key = 1_000 * (Int(partition) + 1) + Int.random(in: 0..<8, using: &random)
            return .upsert(key: key, version: version, account: Int(partition) * 10 + key % 2)
        case 60..<75: return .delete(key: Int.random(in: 0..<keyCount, using: &random), version: version)
        case 75..<82:
            let account = Int(partition) * 10 + Int.random(in: 0..<2, using: &random)
            let change = AccountChange.Kind.allCases.randomElement(using: &random) ?? .purge
            return .account(account, change, version: version)
        case 82..<90: return .skip
        case 90..<95: return .malformed
        case 95..<97: return hasPoison ? .refusedData : .skip
        case 97..<98: return hasPoison ? .refusedUnknown : .skip
        case 98..<99: return hasCrashes ? .crashes : .malformed
        default: return .skip
        }
    }
}
