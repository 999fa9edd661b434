// Purge, hide, restore and posts of one account in every order, from two partitions: what is left must not depend on it.
import PostgresDelivery
import Posts
import StreamCore
import Testing

@Suite struct AccountOrderTests {
    /// Events of one account; the order of versions is the order in which the feed made them.
    enum Event: Sendable, Equatable {
        case purge(UInt64), hide(UInt64), restore(UInt64)
        /// A post with a key of its own, or an edit of one.
        case post(String, UInt64)
        case delete(String, UInt64)
    }

    struct Story: Sendable, CustomTestStringConvertible {
        let name: String
        let events: [Event]
        /// What is left: the account's state, the keys of posts that are there and their versions.
        let state: String
        let living: [String: UInt64]
        var testDescription: String { name }
    }

    static let stories = [
        Story(
            name: "purged, then suspended", events: [.post("a", 10), .purge(20), .hide(30)], state: "purged", living: [:]),
        Story(
            name: "suspended, then purged", events: [.post("a", 10), .hide(20), .purge(30), .post("b", 5)], state: "purged",
            living: [:]),
        Story(
            name: "purged, suspended, restored, and writing again",
            events: [.post("a", 10), .purge(20), .hide(30), .restore(40), .post("b", 50)], state: "active", living: ["b": 50]),
        Story(
            name: "restored from a suspension, then purged", events: [.hide(10), .post("a", 20), .restore(30), .purge(40)],
            state: "purged", living: [:]),
        Story(
            name: "purged and restored, then suspended", events: [.post("a", 10), .purge(20), .restore(30), .hide(40), .post("b", 35)],
            state: "hidden", living: ["b": 35]),
        Story(
            name: "purged twice", events: [.post("a", 10), .purge(20), .restore(30), .post("b", 40), .purge(50)],
            state: "purged", living: [:]),
        Story(
            name: "an edit after the purge", events: [.post("a", 10), .purge(20), .restore(30), .post("a", 40)],
            state: "active", living: ["a": 40]),
        Story(
            name: "an edit before the purge, and a delete",
            events: [.post("a", 10), .post("a", 15), .delete("a", 17), .purge(20), .restore(30)], state: "active", living: [:]),
        Story(
            name: "deleted, made anew, purged", events: [.post("a", 10), .delete("a", 15), .post("a", 25), .purge(20)],
            state: "purged", living: ["a": 25]),
    ]

    /// How versions are written: as numbers of one scope, or as the feeds do it, posts and accounts in scopes of their own.
    enum Writing: String, CaseIterable, Sendable { case oneScope, bluesky, xAccounts }

    @Test(arguments: Writing.allCases, stories)
    func everyOrderEndsAlike(writing: Writing, story: Story) throws {
        let database = try TestDatabase()
        let orders = permutations(story.events)
        try deliver(orders, writing, to: database)
        let session = try database.session()
        let accounts = try session.rows("SELECT account, state FROM winnow.accounts")
        #expect(accounts.count == orders.count)
        let wrong = accounts.filter { $0[1] != story.state }.compactMap { $0[0].flatMap { orders[Int($0) ?? 0] } }
        #expect(wrong.isEmpty, "\(wrong.count) of \(orders.count) orders, as \(wrong.first ?? [])")
        let posts = try session.rows("SELECT author, key, text FROM winnow.posts")
        var found: [Int: Set<String>] = [:]
        for row in posts { found[Int(row[0] ?? "") ?? -1, default: []].insert("\(row[1] ?? "") \(row[2] ?? "")") }
        let different = orders.indices.filter { number in
            found[number, default: []] != Set(story.living.map { "\(number)\($0.key) version \($0.value)" })
        }
        #expect(different.isEmpty, "\(different.count) of \(orders.count) orders, as \(different.first.map { orders[$0] } ?? [])")
        let seen = Set(story.events.compactMap(Self.key)).count
        #expect(try database.value("SELECT count(*) FROM winnow.post_keys") == String(seen * orders.count))
        let shown = story.state == "active" ? story.living.count * orders.count : 0
        #expect(try database.value("SELECT count(*) FROM winnow.visible_posts") == String(shown))
        #expect(try StatusAudit.findings(database.options()).isEmpty)
    }

    /// The fault that this suite was written for: one version for whatever happens to an account.
    @Test(arguments: [
        (
            "apply_account_event_v1",
            "IF p_kind = 'purge' AND winnow.is_newer(p_version, p_scope, v_old.purge_version, v_old.purge_version_scope) THEN",
            "IF p_kind = 'purge' AND v_is_newest THEN"
        ),
        (
            "apply_account_event_v1", "v_new.restore_version := p_version;",
            "IF v_is_newest THEN v_new.restore_version := p_version; END IF;"
        ),
        ("purge_posts_v1", "winnow.is_before_purge(k.version, k.version_scope, p_version, p_scope) IS NOT FALSE", "true"),
        (
            "deliver_v2",
            "coalesce(winnow.is_before_purge(e.version, e.scope, a.purge_version, a.purge_version_scope),",
            "coalesce(NULL::boolean,"
        ),
        ("deliver_v2", "(v_row.is_purged OR v_row.same_scope)", "v_row.same_scope AND NOT v_row.is_purged"),
    ])
    func aFaultIsNoticed(function: String, original: String, replacement: String) throws {
        let database = try TestDatabase()
        let session = try database.session()
        let definition = try #require(
            try session.rows("SELECT pg_get_functiondef(('winnow.' || $1)::regproc)", [function]).first?.first ?? nil)
        #expect(definition.contains(original), "the fault no longer applies")
        try session.script(definition.replacing(original, with: replacement))
        var isNoticed = false
        for story in Self.stories where !isNoticed {
            try session.script(
                """
                TRUNCATE winnow.posts, winnow.entities, winnow.post_keys, winnow.accounts, winnow.partition_progress,
                    winnow.partition_outcomes
                """)
            let orders = permutations(story.events)
            try deliver(orders, .bluesky, to: database)
            let states = try session.rows("SELECT DISTINCT state FROM winnow.accounts")
            let living = Set(try session.rows("SELECT author, key FROM winnow.posts").map { $0.map { $0 ?? "" } })
            let expected = Set(orders.indices.flatMap { number in story.living.keys.map { ["\(number)", "\(number)\($0)"] } })
            isNoticed = states != [[story.state]] || living != expected
        }
        #expect(isNoticed)
    }

    /// Two transactions at once, each event first and second, after each event that can have come before.
    @Test func openTransactionsEndAlike() throws {
        let database = try TestDatabase()
        let events: [Event] = [.post("a", 10), .purge(20), .hide(30), .restore(40)]
        let pairs = events.flatMap { first in events.filter { $0 != first }.map { [first, $0] } }
        let sink = database.sink()
        let claims = try (0..<2).map { try Samples.claim(Int32($0), by: sink) }
        var offsets = [Int64](repeating: 0, count: 2)
        for (number, pair) in pairs.enumerated() {
            let rest = events.filter { !pair.contains($0) }
            let deliveries = pair.enumerated().map { side, event in
                Samples.delivery(claims[side], from: offsets[side], [content(event, account: number, .bluesky)])
            }
            let provider = PostgresSinkProvider(options: database.options())
            let committed = (0..<2).map { _ in LeftBehind<Bool>() }
            try TransactionRace(database: database, brakeTable: "winnow.partition_outcomes").run(
                first: { committed[0].leave(provider.makeSink(name: "first").deliver(deliveries[0]).counts != nil) },
                second: { committed[1].leave(provider.makeSink(name: "second").deliver(deliveries[1]).counts != nil) })
            #expect(committed.map(\.value) == [true, true])
            for side in 0..<2 { offsets[side] += 1 }
            let contents = rest.map { content($0, account: number, .bluesky) }
            #expect(sink.deliver(Samples.delivery(claims[0], from: offsets[0], contents)).counts != nil)
            offsets[0] += Int64(contents.count)
        }
        #expect(try database.session().rows("SELECT state, count(*) FROM winnow.accounts GROUP BY 1") == [["active", "12"]])
        #expect(try database.value("SELECT count(*) FROM winnow.posts") == "0")
        #expect(try StatusAudit.findings(database.options()).isEmpty)
    }

    // MARK: Events as records

    private static func key(_ event: Event) -> String? {
        switch event {
        case .post(let key, _), .delete(let key, _): key
        case .purge, .hide, .restore: nil
        }
    }

    private func permutations(_ events: [Event]) -> [[Event]] {
        guard let first = events.first else { return [[]] }
        return permutations(Array(events.dropFirst())).flatMap { rest in
            (0...rest.count).map { place in rest[..<place] + [first] + rest[place...] }
        }
    }

    /// The first events of all orders, then the second, and so on: each order has an account of its own, named for its number.
    private func deliver(_ orders: [[Event]], _ writing: Writing, to database: TestDatabase) throws {
        let sinks = [database.sink("first"), database.sink("second")]
        let claims = try (0..<2).map { try Samples.claim(Int32($0), by: sinks[$0]) }
        var offsets = [Int64](repeating: 0, count: 2)
        for place in 0..<(orders.first?.count ?? 0) {
            let side = place % 2
            let contents = orders.enumerated().map { number, order in content(order[place], account: number, writing) }
            let result = sinks[side].deliver(Samples.delivery(claims[side], from: offsets[side], contents))
            #expect(result.counts != nil, "\(result)")
            offsets[side] += Int64(contents.count)
        }
    }

    private func content(_ event: Event, account number: Int, _ writing: Writing) -> DeliverableContent {
        let account = String(number)
        func change(_ kind: AccountChange.Kind, _ version: UInt64) -> DeliverableContent {
            .account(
                AccountChange(
                    platform: "test", account: account, kind: kind, version: FeedVersions.ofAccount(version, writing)))
        }
        switch event {
        case .purge(let version): return change(.purge, version)
        case .hide(let version): return change(.hide, version)
        case .restore(let version): return change(.restore, version)
        case .post(let key, let version):
            let post = Post(
                key: PostKey(platform: "test", key: account + key), version: FeedVersions.ofPost(version, writing),
                author: account, text: "version \(version)")
            return .post(post, Samples.enrichment(entities: 1))
        case .delete(let key, let version):
            return .delete(
                PostDeletion(
                    key: PostKey(platform: "test", key: account + key), version: FeedVersions.ofPost(version, writing),
                    author: account))
        }
    }
}

/// Versions as the feeds write them, from the number of a moment.
enum FeedVersions {
    /// 2026-05-28, in microseconds; moments are a millisecond apart.
    private static let beginning: UInt64 = 1_780_000_000_000_000
    /// Of X's ids, in milliseconds.
    private static let snowflakeEpoch: UInt64 = 1_288_834_974_657

    static func ofAccount(_ moment: UInt64, _ writing: AccountOrderTests.Writing) -> EventVersion {
        switch writing {
        case .oneScope: EventVersion(number: moment)
        case .bluesky: EventVersion(number: beginning + moment * 1_000, scope: "time")
        case .xAccounts: EventVersion(number: beginning + moment * 1_000, scope: "account")
        }
    }

    static func ofPost(_ moment: UInt64, _ writing: AccountOrderTests.Writing) -> EventVersion {
        let microseconds = beginning + moment * 1_000
        switch writing {
        case .oneScope: return EventVersion(number: moment)
        case .bluesky: return EventVersion(text: revision(microseconds), scope: "rev")
        case .xAccounts: return EventVersion(number: (microseconds / 1_000 - snowflakeEpoch) << 22 | 77, scope: "id")
        }
    }

    /// A revision of atproto: 53 bits of microseconds, 10 of a clock's number, in 13 digits of base 32.
    static func revision(_ microseconds: UInt64) -> String {
        let digits = Array("234567abcdefghijklmnopqrstuvwxyz")
        let number = microseconds << 10 | 5
        return String((0..<13).reversed().map { digits[Int(number >> UInt64($0 * 5) & 31)] })
    }
}
