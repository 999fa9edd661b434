// The rules of merging, against the oracle, and the proof that this test would notice a fault in them.
import PostgresDelivery
import Testing

@Suite struct MergeSemanticsTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func agreesWithTheOracle(seed: UInt64) throws {
        var trial = try MergeTrial(database: TestDatabase(), seed: seed)
        let difference = try trial.run(deliveries: 60)
        #expect(difference == nil, "seed \(seed)")
    }

    /// A fault put into one function of the schema.
    struct Mutant: Sendable, CustomTestStringConvertible {
        let name: String
        let function: String
        let original: String
        let replacement: String
        var testDescription: String { name }
    }

    private static func deliver(_ name: String, _ original: String, _ replacement: String) -> Mutant {
        Mutant(name: name, function: "deliver_v2", original: original, replacement: replacement)
    }

    static let mutants: [Mutant] = [
        deliver("token ignored", "p.claim_token::text = w.token AND ", ""),
        deliver("offset ignored", " AND p.next_offset = w.expected", ""),
        deliver("offset not moved", "SET next_offset = w.new_offset", "SET next_offset = p.next_offset"),
        deliver("a record counts for each of its events", "GROUP BY e.slice, e.record)", "GROUP BY e.slice, e.record, e.outcome)"),
        deliver("events beside a dead letter count", "WHERE e.record IS NOT NULL", "WHERE true"),
        deliver("counts replaced", "SET count = o.count + excluded.count", "SET count = excluded.count"),
        deliver("older edit overwrites", "v_row.is_live AND v_row.is_newer THEN", "v_row.is_live THEN"),
        deliver("tombstone ignored", "(v_row.is_purged OR v_row.same_scope) AND v_row.is_newer THEN", "NOT v_row.is_live THEN"),
        deliver(
            "tombstone of another scope is not final", "(v_row.is_purged OR v_row.same_scope) AND v_row.is_newer THEN",
            "v_row.is_newer THEN"),
        deliver("older delete deletes", "NOT (v_row.same_scope AND v_row.is_older)", "true"),
        deliver("delete of another scope may lose", "NOT (v_row.same_scope AND v_row.is_older)", "NOT v_row.is_older"),
        deliver(
            "tombstone keeps its version", "v_row.kind = 'd' AND NOT v_row.is_live AND v_row.is_newer", "false"),
        deliver(
            "a purge's tombstone is not the author's delete", "v_row.kind = 'd' AND v_row.is_purged AND NOT", "false AND NOT"),
        deliver(
            "a refused edit leaves no trace", "(v_row.is_live OR v_row.is_purged OR v_row.same_scope) AND v_row.is_newer", "false"),
        deliver("purged accounts may post", "e.step = v_step AND e.kind = 'u'", "false AND e.kind = 'u'"),
        deliver("edit leaves the old rows", "IF cardinality(v_gone) > 0 THEN", "IF false THEN"),
        deliver("delete leaves dead letters", "IF 'd' = ANY (p_event_kind) THEN", "IF false THEN"),
        deliver("dead letter of a deleted post keeps its payload", "CASE WHEN d.is_gone THEN NULL ELSE d.payload END", "d.payload"),
        deliver("edit forgets the account", "coalesce(p_event_account[c.ordinal], k.account)", "p_event_account[c.ordinal]"),
        Mutant(
            name: "delete leaves entities", function: "remove_posts_v1",
            original: "DELETE FROM winnow.entities AS t USING unnest(p_ids, p_times)",
            replacement: "DELETE FROM winnow.entities AS t USING unnest(p_ids[2:], p_times[2:])"),
        Mutant(
            name: "purge leaves posts", function: "purge_posts_v1",
            original: "PERFORM winnow.remove_posts_v1(v_ids, v_times);", replacement: ""),
        Mutant(
            name: "purge leaves dead letters", function: "purge_account_v1",
            original: "left(d.account, 200) = left(p_account, 200)", replacement: "false"),
        Mutant(
            name: "a purge's tombstone is as any other", function: "purge_posts_v1",
            original: "is_purged = true, ", replacement: ""),
        Mutant(
            name: "a purge takes newer posts", function: "purge_posts_v1",
            original: "winnow.is_before_purge(k.version, k.version_scope, p_version, p_scope) IS NOT FALSE", replacement: "true"),
        Mutant(
            name: "older account event counts", function: "is_newer",
            original: "p_than IS NULL OR", replacement: "true OR"),
        Mutant(
            name: "a hide ends a purge", function: "apply_account_event_v1",
            original: "v_new.hide_version := p_version;",
            replacement: "v_new.hide_version := p_version; v_new.purge_version := NULL;"),
        Mutant(
            name: "an account has one version", function: "apply_account_event_v1",
            original: "IF v_is_newest THEN",
            replacement: "IF NOT v_is_newest THEN RETURN 'superseded'; END IF; IF v_is_newest THEN"),
        Mutant(
            name: "revisions tell no time", function: "version_time", original: "p_scope = 'rev'", replacement: "false"),
        Mutant(
            name: "ids tell no time", function: "version_time", original: "p_scope = 'id'", replacement: "false"),
    ]

    @Test(arguments: mutants)
    func aFaultInTheSchemaIsNoticed(mutant: Mutant) throws {
        let database = try TestDatabase()
        let session = try database.session()
        let definition = try session.rows(
            "SELECT pg_get_functiondef(('winnow.' || $1)::regproc)", [mutant.function]).first?.first ?? nil
        let original = try #require(definition)
        #expect(original.contains(mutant.original), "the mutant no longer applies")
        try session.script(original.replacing(mutant.original, with: mutant.replacement))
        var isNoticed = false
        for seed in UInt64(1)...6 where !isNoticed {
            var trial = try MergeTrial(database: database, seed: seed)
            isNoticed = try trial.run(deliveries: 60) != nil
        }
        #expect(isNoticed)
    }
}
