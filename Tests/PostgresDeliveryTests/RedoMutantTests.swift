// Faults put into the functions of redrive and replay: the checks of one short scenario each must notice all of them.
import PostgresDelivery
import Posts
import StreamCore
import Testing

@Suite struct RedoMutantTests {
    struct Mutant: Sendable, CustomTestStringConvertible {
        let name: String
        let function: String
        let original: String
        let replacement: String
        var testDescription: String { name }

        func apply(to database: TestDatabase) throws {
            let session = try database.session()
            let definition = try session.rows(
                "SELECT pg_get_functiondef(('winnow.' || $1)::regproc)", [function]).first?.first ?? nil
            let text = try #require(definition)
            #expect(text.contains(original), "the mutant no longer applies")
            try session.script(text.replacing(original, with: replacement))
        }
    }

    private static func replay(_ name: String, _ original: String, _ replacement: String) -> Mutant {
        Mutant(name: name, function: "write_replay_v1", original: original, replacement: replacement)
    }

    private static func redrive(_ name: String, _ original: String, _ replacement: String) -> Mutant {
        Mutant(name: name, function: "end_redrive_v1", original: original, replacement: replacement)
    }

    static let replays: [Mutant] = [
        replay("an edited post is written", "IF v_row.is_there AND v_row.is_same THEN", "IF v_row.is_there THEN"),
        replay("a deleted post is written", "k.state = 'live' AND ", ""),
        replay("a batch is written twice", "AND r.done = p_expected ", ""),
        replay("the position stays", "SET done = r.done + p_done", "SET done = r.done"),
        replay("old mentions stay", "DELETE FROM winnow.entities AS t USING unnest(v_chosen)",
               "DELETE FROM winnow.entities AS t USING unnest(v_chosen[2:])"),
        replay("mentions of changed posts are written", "WHERE v_outcomes[e.post] = 'adopted'", "WHERE true"),
        replay("outcomes are not kept", "FROM unnest(v_outcomes) AS w(outcome)\n          UNION ALL",
               "FROM unnest(v_outcomes) AS w(outcome) WHERE false UNION ALL"),
    ]

    static let redrives: [Mutant] = [
        redrive("dead is still counted", "PERFORM winnow.uncount_dead_v1(v_row.progress_id, v_row.reason, v_row.number);", "NULL;"),
        redrive("new outcomes are not counted", "IF p_is_counted THEN", "IF false THEN"),
        redrive("letters of earlier counts are counted", "IF p_is_counted THEN", "IF true THEN"),
        redrive("what stays keeps its old count", "AND d.is_counted AND d.reason <> r.reason", "AND false"),
        redrive("what stays is not noted", "d.redrive_count + 1", "d.redrive_count"),
        redrive("what stays keeps a deleted post's content", "CASE WHEN r.is_gone THEN NULL ELSE d.payload END", "d.payload"),
        redrive("letters stay", "DELETE FROM winnow.dead_letters AS d WHERE d.dead_letter_id IN",
                "DELETE FROM winnow.dead_letters AS d WHERE false AND d.dead_letter_id IN"),
        redrive("the shadow stays", "DELETE FROM winnow.partition_progress AS s WHERE s.consumer_group = p_shadow", "NULL"),
    ]

    @Test func thereIsNothingToNoticeWithoutAFault() throws {
        #expect(try replayIsRight(nil))
        #expect(try redriveIsRight(nil))
    }

    @Test(arguments: replays)
    func aFaultOfTheReplayIsNoticed(mutant: Mutant) throws {
        #expect(try !replayIsRight(mutant))
    }

    @Test(arguments: redrives)
    func aFaultOfTheRedriveIsNoticed(mutant: Mutant) throws {
        #expect(try !redriveIsRight(mutant))
    }

    /// Four posts are read; one is edited and one deleted before the results of all are written, twice.
    private func replayIsRight(_ mutant: Mutant?) throws -> Bool {
        let stage = try ReplayTests.Stage(.adopt, posts: 4)
        let database = try stage.get()
        try mutant?.apply(to: database)
        let batch = stage.batch(try stage.page(stage.replay))
        let later = [Samples.post("k1", version: 2, text: "edited"), Samples.delete("k2", version: 2)]
        guard database.sink().deliver(Samples.delivery(stage.claims[0], from: 4, later)).counts != nil else {
            throw UnexpectedResult()
        }
        let writer = ReplayWriter(database.options())
        let expected: [ReplayOutcome: Int64] = [.adopted: 2, .changed: 1, .gone: 1]
        guard case .written(expected)? = try? writer.write(batch, of: stage.replay),
            case .fenced? = try? writer.write(batch, of: stage.replay)
        else { return false }
        let found = try database.session().rows(
            """
            SELECT (SELECT string_agg(text || ' ' || sentiment, ',' ORDER BY key) FROM winnow.posts),
                   (SELECT string_agg(type || ' ' || count, ',' ORDER BY type)
                    FROM (SELECT type, count(*) FROM winnow.entities GROUP BY 1) AS e),
                   (SELECT sum(count) FROM winnow.replay_outcomes), (SELECT done FROM winnow.replays)
            """)
        return try found == [["text 0 negative,edited neutral,text 3 negative", "EVENT 4,LOC 1", "4", "4"]]
            && StatusAudit.findings(database.options()).isEmpty
    }

    /// Letters at offsets 1 to 3, one of them of a deleted post; then the counts begin anew, and the last comes again.
    private func redriveIsRight(_ mutant: Mutant?) throws -> Bool {
        let database = try TestDatabase()
        try mutant?.apply(to: database)
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        func letter(at offset: Int64) -> DeliverableContent {
            let record = SourceRecord(
                position: SourcePosition(topicPartition: Samples.partition(0), offset: offset), timestamp: nil, key: nil,
                value: Array("{}".utf8))
            return .dead(DeadLetter(rejection: Rejection(reason: .wrongType, detail: "odd"), record: record))
        }
        let contents = [Samples.delete("gone", version: 2)] + (1...3).map { letter(at: Int64($0)) }
        guard sink.deliver(Samples.delivery(claim, from: 0, contents)).counts != nil else { throw UnexpectedResult() }
        guard (try? takeIn(database)) != nil else { return false }
        let first = try state(database)
        _ = try OffsetAdministration(database.options()).set([Samples.partition(0): 3])
        let again = try Samples.claim(0, by: sink)
        guard sink.deliver(Samples.delivery(again, from: 3, [letter(at: 3)])).counts != nil else { throw UnexpectedResult() }
        // Its new version and the one of earlier counts can both be read now.
        guard (try? takeIn(database, last: Samples.post("a", version: 1))) != nil else { return false }
        return try first == ["deleted 1,inserted 1,superseded 1,dead missing_text 1", "3 missing_text 1 empty", "1"]
            && state(database) == ["superseded 1", nil, "1"]
            && StatusAudit.findings(database.options()).isEmpty
    }

    /// Offset 1 is a post, offset 2 an old version of the deleted one, offset 3 still has no text or is what `last` says.
    private func takeIn(_ database: TestDatabase, last: DeliverableContent? = nil) throws {
        let redrive = DeadLetterRedrive(database.options())
        let letters = try redrive.letters(DeadLetterFilter(), after: 0, through: .max, limit: 10)
        let read = letters.map { letter in
            switch letter.record.position.offset {
            case 1: return RedrivenLetter(letter: letter, content: Samples.post("a", version: 1))
            case 2: return RedrivenLetter(letter: letter, content: Samples.post("gone", version: 1))
            default:
                if let last { return RedrivenLetter(letter: letter, content: last) }
                let rejection = Rejection(
                    reason: .missingText, detail: "no text", key: PostKey(platform: "test", key: "gone"))
                return RedrivenLetter(
                    letter: letter, content: .dead(DeadLetter(rejection: rejection, record: letter.record)))
            }
        }
        for batch in RedriveBatch.batches(read, limit: 10) { _ = try redrive.apply(batch) }
    }

    private func state(_ database: TestDatabase) throws -> [String?] {
        try database.session().rows(
            """
            SELECT (SELECT string_agg(concat_ws(' ', outcome, nullif(reason, ''), count), ',' ORDER BY reason, outcome)
                    FROM winnow.partition_outcomes),
                   (SELECT string_agg(concat_ws(' ', source_offset, reason, redrive_count,
                        CASE WHEN payload IS NULL THEN 'empty' END), ',' ORDER BY dead_letter_id) FROM winnow.dead_letters),
                   (SELECT count(*) FROM winnow.posts)
            """).first ?? []
    }
}
