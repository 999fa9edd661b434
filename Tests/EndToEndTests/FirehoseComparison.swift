// Every table that a firehose leaves, compared with the oracle: row for row, in both directions.
import PostgresDelivery
import Testing

struct FirehoseComparison {
    private let script: FirehoseScript
    private let oracle: FirehoseOracle
    private let session: AdministrationSession

    init(_ script: FirehoseScript, _ oracle: FirehoseOracle, _ session: AdministrationSession) {
        self.script = script
        self.oracle = oracle
        self.session = session
    }

    func run() throws {
        try comparePosts()
        try compareTombstones()
        try compareAccounts()
        try compareLetters()
        try compareOutcomes()
        try compareEntities()
    }

    /// For the report: what was in the database at the end.
    func figures() throws -> String {
        let entities = try session.rows("SELECT count(*) FROM winnow.entities").first?.first.flatMap { $0 } ?? ""
        let outcomes = try session.rows(
            "SELECT outcome, sum(count)::bigint FROM winnow.partition_outcomes GROUP BY 1 ORDER BY 2 DESC")
        let counts = outcomes.map { "\($0[1] ?? "") \($0[0] ?? "")" }.joined(separator: ", ")
        return "\(oracle.rows.count) posts, \(oracle.tombstones.count) tombstones, \(entities) entities, "
            + "\(oracle.accounts.count) accounts, \(oracle.letters.count) dead letters; \(counts)"
    }

    func comparePosts() throws {
        let found = try session.rows(
            "SELECT key, author, text, source_partition || '/' || source_offset, source_topic, platform FROM winnow.posts")
        var faults: [String] = []
        var seen: Set<String> = []
        for row in found {
            let uri = row[0] ?? ""
            guard seen.insert(uri).inserted, let expected = oracle.rows[uri] else {
                faults.append("\(uri) is there, and should not be")
                continue
            }
            let isSame = row[1] == FirehoseScript.did(expected.account)
                && row[2].map { Array($0.utf8) } == Array(expected.text.utf8)
                && expected.coordinates.contains(row[3] ?? "") && row[4] == "firehose" && row[5] == "bluesky"
            if !isSame { faults.append("\(uri) is \(row), not \(expected)") }
        }
        faults += oracle.rows.keys.filter { !seen.contains($0) }.map { "\($0) is missing" }
        #expect(faults.isEmpty, "\(faults.count) posts differ: \(faults.prefix(5))")
        let visible = try count("SELECT count(*) FROM winnow.visible_posts")
        let shown = oracle.rows.values.filter { row in
            oracle.accounts[FirehoseScript.did(row.account)].map { $0.state == "active" } ?? true
        }
        #expect(visible == shown.count, "visible_posts leaves out the posts of hidden accounts and no others")
    }

    private func compareTombstones() throws {
        let found = try session.rows("SELECT key, state FROM winnow.post_keys")
        let dead = Set(found.filter { $0[1] == "deleted" }.compactMap { $0[0] })
        let live = Set(found.filter { $0[1] == "live" }.compactMap { $0[0] })
        #expect(dead.count + live.count == found.count)
        #expect(dead == oracle.tombstones, "\(dead.symmetricDifference(oracle.tombstones).prefix(5)) differ")
        #expect(live == Set(oracle.rows.keys))
    }

    private func compareAccounts() throws {
        let found = try session.rows("SELECT account, state, version FROM winnow.accounts").map { row in
            row.map { $0 ?? "" }.joined(separator: " ")
        }
        let expected = oracle.accounts.map { did, account in
            "\(did) \(account.state) \(FirehoseScript.accountVersion(account.version))"
        }
        #expect(found.sorted() == expected.sorted())
    }

    private func compareLetters() throws {
        let found = try session.rows(
            "SELECT source_partition || '/' || source_offset, reason, encode(payload, 'hex') FROM winnow.dead_letters")
        let letters = Set(
            found.map { FirehoseOracle.Letter(coordinates: $0[0] ?? "", reason: $0[1] ?? "", payload: $0[2] ?? "") })
        #expect(letters.count == found.count, "a dead letter is there twice")
        #expect(letters == oracle.letters, "\(letters.symmetricDifference(oracle.letters).count) dead letters differ")
    }

    /// Per partition the counts add up to the offsets, and what no order of arrival changes is exact.
    private func compareOutcomes() throws {
        let partitions = try session.rows(
            """
            SELECT p.partition, p.first_offset, p.next_offset, (SELECT sum(o.count) FROM winnow.partition_outcomes AS o
                WHERE o.progress_id = p.progress_id) FROM winnow.partition_progress AS p ORDER BY p.partition
            """)
        let expected = script.ends.enumerated().map { [String($0.offset), "0", String($0.element), String($0.element)] }
        #expect(partitions.map { $0.map { $0 ?? "" } } == expected)
        let fixed = try session.rows(
            """
            SELECT p.partition || ' ' || o.outcome || ' ' || o.reason, sum(o.count) FROM winnow.partition_outcomes AS o
            JOIN winnow.partition_progress AS p USING (progress_id) WHERE o.outcome IN ('skipped', 'dead', 'gap') GROUP BY 1
            """)
        let counts = Dictionary(fixed.map { ($0[0] ?? "", Int($0[1] ?? "") ?? -1) }, uniquingKeysWith: +)
        #expect(counts == oracle.fixedOutcomes)
    }

    /// Each mention belongs to a living post and is what that post's text says there; none is there twice.
    private func compareEntities() throws {
        let strangers = try count(
            """
            SELECT count(*) FROM winnow.entities AS e LEFT JOIN winnow.posts AS p
                ON p.post_id = e.post_id AND p.partition_time = e.partition_time
            WHERE p.post_id IS NULL OR substr(p.text, e.start + 1, e.length) <> e.name
            """)
        #expect(strangers == 0)
        let twice = try count(
            "SELECT count(*) FROM (SELECT FROM winnow.entities GROUP BY post_id, type, start, length HAVING count(*) > 1) AS d")
        #expect(twice == 0)
        #expect(try count("SELECT count(*) FROM winnow.enrichments") == 0)
    }

    private func count(_ sql: String) throws -> Int {
        Int(try session.rows(sql).first?.first.flatMap { $0 } ?? "") ?? -1
    }
}
