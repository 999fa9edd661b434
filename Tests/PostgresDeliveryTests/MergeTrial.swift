// Random events on a real database, compared with the oracle after every delivery. One seed, one trial.
import PostgresDelivery
import Posts
import StreamCore

struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }
    /// SplitMix64 (Steele, Lea, Flood).
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

struct MergeTrial {
    let database: TestDatabase
    private let session: AdministrationSession
    private var random: SeededRandom
    private var oracle = MergeOracle()
    private var counted: [Outcome: Int] = [:]
    private var offsets: [Int32: Int64] = [:]
    /// Outcomes are compared after every delivery, the tables after so many; purges that are under way are ended first.
    var deliveriesBetweenChecks = 1
    private var deliveriesSinceCheck = 0

    init(database: TestDatabase, seed: UInt64) throws {
        self.database = database
        session = try database.session()
        random = SeededRandom(seed: seed)
        try session.script(
            """
            TRUNCATE winnow.posts, winnow.entities, winnow.enrichments, winnow.post_keys, winnow.accounts,
                winnow.partition_progress, winnow.partition_outcomes, winnow.dead_letters, winnow.pending_purges,
                winnow.rollup_days, winnow.sentiment_hours, winnow.sentiment_changes, winnow.entity_days,
                winnow.entity_changes
            """)
    }

    /// Two instances with two partitions each, taking turns; answers with the first difference, nil where there is
    /// none.
    mutating func run(deliveries: Int) throws -> String? {
        let sinks = [database.sink("first"), database.sink("second")]
        var claims: [PartitionClaim] = []
        for number in Int32(0)..<4 { claims.append(try Samples.claim(number, by: sinks[Int(number) / 2])) }
        for round in 0..<deliveries {
            let owner = Int.random(in: 0...1, using: &random)
            var slices: [PartitionSlice] = []
            for number in owner * 2...owner * 2 + 1 {
                let contents = (0..<Int.random(in: 0...14, using: &random)).map { _ in makeContent() }
                slices.append(Samples.slice(claims[number], from: offsets[Int32(number), default: 0], contents))
            }
            let delivery = Delivery(slices: slices)
            if let difference = try deliver(delivery, by: sinks[owner]) { return "delivery \(round): \(difference)" }
            if let difference = try fence(delivery, &claims, by: sinks[owner]) { return "delivery \(round): \(difference)" }
        }
        return nil
    }

    private mutating func deliver(_ delivery: Delivery, by sink: PostgresSink) throws -> String? {
        var expected: [TopicPartition: [Outcome: Int]] = [:]
        for slice in delivery.slices {
            for record in slice.records {
                let outcome = oracle.apply(record)
                expected[slice.topicPartition, default: [:]][outcome, default: 0] += 1
                counted[outcome, default: 0] += 1
            }
            offsets[slice.topicPartition.partition] = slice.newOffset
        }
        guard case .committed(let counts) = sink.deliver(delivery) else { return "was not committed" }
        if counts != expected { return "outcomes \(counts), not \(expected)" }
        deliveriesSinceCheck += 1
        if deliveriesSinceCheck < deliveriesBetweenChecks { return nil }
        deliveriesSinceCheck = 0
        while try session.rows("SELECT winnow.continue_purges_v1(3)").first?.first != "0" {}
        return try difference()
    }

    /// Now and then what must be refused: the same delivery again, or the next one under a claim that was taken over.
    private mutating func fence(
        _ delivery: Delivery, _ claims: inout [PartitionClaim], by sink: PostgresSink
    ) throws -> String? {
        switch Int.random(in: 0..<8, using: &random) {
        case 0 where delivery.recordCount > 0:
            guard case .fenced = sink.deliver(delivery) else { return "a repetition was not fenced" }
        case 1:
            let stale = delivery.slices.map { slice in
                Samples.slice(slice.claim, from: slice.newOffset, [makeContent()])
            }
            for number in Int32(0)..<4 { claims[Int(number)] = try Samples.claim(number, by: sink) }
            guard case .fenced = sink.deliver(Delivery(slices: stale)) else { return "a former owner was not fenced" }
        default: return nil
        }
        return deliveriesBetweenChecks == 1 ? try difference() : nil
    }

    private func difference() throws -> String? {
        let keys = try session.rows(
            "SELECT platform, key, state, version, version_scope, account, is_purged::text FROM winnow.post_keys")
        let expectedKeys = oracle.keys.map { key, state in
            [key.platform, key.key, state.isLive ? "live" : "deleted", state.version.text, state.version.scope, state.account,
             String(state.isPurged)]
        }
        if let found = compare("keys", keys, expectedKeys) { return found }
        let rows = try session.rows(
            """
            SELECT p.key, p.author, p.text, p.source_offset::text,
                   (SELECT count(*) FROM winnow.entities AS e WHERE e.post_id = p.post_id)::text FROM winnow.posts AS p
            """)
        let expectedRows = oracle.rows.map { key, row in
            [key.key, row.author, row.text, String(row.offset), String(row.entityCount)]
        }
        if let found = compare("posts", rows, expectedRows) { return found }
        let accounts = try session.rows(
            """
            SELECT account, state, version, version_scope, purge_version, purge_version_scope, hide_version, hide_version_scope,
                   restore_version, restore_version_scope FROM winnow.accounts
            """)
        let expectedAccounts = oracle.accounts.map { name, account -> [String?] in
            let versions: [EventVersion?] = [account.newest, account.purge, account.hide, account.restore]
            return [name, account.state] + versions.flatMap { [$0?.text, $0?.scope] }
        }
        if let found = compare("accounts", accounts, expectedAccounts) { return found }
        let letters = try session.rows(
            "SELECT source_offset::text, key, account, (payload IS NOT NULL)::text FROM winnow.dead_letters")
        let expectedLetters = oracle.letters.map { [String($0.offset), $0.key?.key, $0.account, String($0.hasPayload)] }
        if let found = compare("dead letters", letters, expectedLetters) { return found }
        let counts = try session.rows(
            """
            SELECT outcome, reason, sum(count)::bigint FROM winnow.partition_outcomes GROUP BY 1, 2
            UNION ALL SELECT 'all', '', sum(next_offset - first_offset)::bigint FROM winnow.partition_progress
            UNION ALL SELECT 'orphans', '', count(*) FROM winnow.entities AS e
                WHERE NOT EXISTS (SELECT FROM winnow.posts AS p WHERE p.post_id = e.post_id)
            """)
        var expectedCounts = counted.map { [$0.key.kind.rawValue, $0.key.reason, String($0.value)] }
        expectedCounts.append(["all", "", String(offsets.values.reduce(0, +))])
        expectedCounts.append(["orphans", "", "0"])
        return compare("counts", counts, expectedCounts)
    }

    private func compare(_ what: String, _ actual: [[String?]], _ expected: [[String?]]) -> String? {
        func lines(_ rows: [[String?]]) -> Set<String> {
            Set(rows.map { row in row.map { $0 ?? "-" }.joined(separator: "|") })
        }
        let (left, right) = (lines(actual), lines(expected))
        if left == right, actual.count == expected.count { return nil }
        let (extra, missing) = (left.subtracting(right).sorted(), right.subtracting(left).sorted())
        return "\(what): unexpected \(extra.prefix(3)), missing \(missing.prefix(3))"
    }

    // MARK: Random events: few keys, accounts and versions, so that they meet

    private mutating func makeContent() -> DeliverableContent {
        let key = PostKey(platform: "test", key: "k\(Int.random(in: 0..<12, using: &random))")
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<50: return makePost(key)
        case 50..<70: return .delete(PostDeletion(key: key, version: makePostVersion(), author: makeAccount()))
        case 70..<76: return makeChange(.purge)
        case 76..<82: return makeChange(.hide)
        case 82..<90: return makeChange(.restore)
        case 90..<95: return .skipped(.otherEvent)
        case 95..<97: return makeLetter(key)
        default:
            let count = Int.random(in: 2...4, using: &random)
            return .several((0..<count).flatMap { _ in makeContent().parts })
        }
    }

    private mutating func makePost(_ key: PostKey) -> DeliverableContent {
        let number = Int.random(in: 0..<1_000_000, using: &random)
        let post = Post(key: key, version: makePostVersion(), author: makeAccount(), text: "text \(number)")
        return .post(post, Samples.enrichment(entities: Int.random(in: 0...2, using: &random)))
    }

    private mutating func makeChange(_ kind: AccountChange.Kind) -> DeliverableContent {
        let account = "account\(Int.random(in: 0..<4, using: &random))"
        return .account(AccountChange(platform: "test", account: account, kind: kind, version: makeAccountVersion()))
    }

    private mutating func makeLetter(_ key: PostKey) -> DeliverableContent {
        let hasKey = Bool.random(using: &random)
        let author = makeAccount()
        return .dead(
            DeadLetter(
                rejection: Rejection(
                    reason: .missingText, detail: "no text", key: hasKey ? key : nil, author: hasKey ? author : nil),
                record: SourceRecord(
                    position: SourcePosition(topicPartition: Samples.partition(0), offset: 0), timestamp: nil, key: nil,
                    value: [1])))
    }

    private mutating func makeAccount() -> String? {
        let number = Int.random(in: 0..<5, using: &random)
        return number == 4 ? nil : "account\(number)"
    }

    /// Mostly of one scope; else as the feeds write them, or of a scope that says nothing to others.
    private mutating func makePostVersion() -> EventVersion {
        let moment = UInt64.random(in: 0..<60, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return EventVersion(number: moment, scope: "other")
        case 1: return FeedVersions.ofPost(moment, .bluesky)
        case 2: return FeedVersions.ofPost(moment, .xAccounts)
        default: return EventVersion(number: moment)
        }
    }

    private mutating func makeAccountVersion() -> EventVersion {
        let moment = UInt64.random(in: 0..<60, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return EventVersion(number: moment, scope: "other")
        case 1: return FeedVersions.ofAccount(moment, .bluesky)
        case 2: return FeedVersions.ofAccount(moment, .xAccounts)
        default: return EventVersion(number: moment)
        }
    }
}
