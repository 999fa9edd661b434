// Dead letters taken in again: merged as every delivery is, counted once, never against a delete.
import Foundation
import PostgresDelivery
import Posts
import StreamCore
import Testing

@Suite struct RedriveTests {
    private static func letter(
        key: String? = nil, author: String? = nil, reason: RejectionReason = .unknownFormat, at offset: Int64
    ) -> DeliverableContent {
        let record = SourceRecord(
            position: SourcePosition(topicPartition: Samples.partition(0), offset: offset), timestamp: Samples.noon,
            key: Array("record key".utf8), value: Array("{\"odd\": \(offset)}".utf8))
        return .dead(
            DeadLetter(
                rejection: Rejection(
                    reason: reason, detail: "in the shape of no feed",
                    key: key.map { PostKey(platform: "test", key: $0) }, author: author),
                record: record))
    }

    private static func rejected(_ letter: HeldLetter, _ reason: RejectionReason, key: String? = nil) -> RedrivenLetter {
        let rejection = Rejection(
            reason: reason, detail: "it has no text", key: key.map { PostKey(platform: "test", key: $0) })
        return RedrivenLetter(letter: letter, content: .dead(DeadLetter(rejection: rejection, record: letter.record)))
    }

    /// Reads all letters and takes them in again as `read` says.
    private static func redrive(
        _ database: TestDatabase, _ read: (HeldLetter) -> RedrivenLetter
    ) throws -> [Outcome: Int] {
        let redrive = DeadLetterRedrive(database.options())
        let filter = DeadLetterFilter()
        let letters = try redrive.letters(filter, after: 0, through: redrive.lastIdentifier(filter), limit: 100)
        var counts: [Outcome: Int] = [:]
        for batch in RedriveBatch.batches(letters.map(read), limit: 100) {
            counts.merge(try redrive.apply(batch)) { $0 + $1 }
        }
        return counts
    }

    /// As the command does it: what is gone when its turn comes is read no more.
    private static func redriveOneByOne(_ database: TestDatabase, _ read: (HeldLetter) -> RedrivenLetter) throws {
        let redrive = DeadLetterRedrive(database.options())
        let filter = DeadLetterFilter()
        var after: Int64 = 0
        while let letter = try redrive.letters(filter, after: after, through: .max, limit: 1).first {
            for batch in RedriveBatch.batches([read(letter)], limit: 1) { _ = try redrive.apply(batch) }
            after = letter.identifier
        }
    }

    private static func outcomes(_ database: TestDatabase) throws -> [String: String] {
        let rows = try database.session().rows(
            "SELECT outcome || CASE WHEN reason = '' THEN '' ELSE '(' || reason || ')' END, sum(count) "
                + "FROM winnow.partition_outcomes GROUP BY 1")
        return Dictionary(rows.map { ($0[0] ?? "", $0[1] ?? "") }) { $1 }
    }

    @Test func lettersBecomeRowsAndTheirCountsMove() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        let contents = [Samples.post("a", version: 1), Self.letter(at: 1), Self.letter(at: 2), Self.letter(at: 3)]
        #expect(sink.deliver(Samples.delivery(claim, from: 0, contents)).counts != nil)
        let counts = try Self.redrive(database) { letter in
            switch letter.record.position.offset {
            case 1: RedrivenLetter(letter: letter, content: Samples.post("b", version: 1, text: "taken in again"))
            case 2: RedrivenLetter(letter: letter, content: .skipped(.otherEvent))
            default: Self.rejected(letter, .missingText)
            }
        }
        #expect(
            counts == [
                Outcome(.inserted): 1, Outcome(.skipped, reason: "other_event"): 1,
                Outcome(.dead, reason: "missing_text"): 1,
            ])
        #expect(
            try Self.outcomes(database) == ["inserted": "2", "skipped(other_event)": "1", "dead(missing_text)": "1"])
        let row = try database.session().rows(
            "SELECT source_topic, source_partition, source_offset, received_at = '2026-11-20 12:00+00' FROM winnow.posts WHERE key = 'b'")
        #expect(row.first?.map { $0 ?? "" } == ["posts", "0", "1", "t"])
        #expect(
            try database.value("SELECT string_agg(source_offset || ' ' || reason || ' ' || redrive_count, ',') FROM winnow.dead_letters")
                == "3 missing_text 1")
        #expect(try database.value("SELECT count(*) FROM winnow.partition_progress WHERE consumer_group <> 'group'") == "0")
        #expect(try StatusAudit.findings(database.options()).isEmpty)
        // The owner notices nothing: same token, same offset.
        #expect(sink.deliver(Samples.delivery(claim, from: 4, [Samples.post("c", version: 1)])).counts != nil)
        #expect(try StatusAudit.findings(database.options()).isEmpty)
    }

    @Test func tombstonesAndNewerVersionsWin() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        let contents = [
            Self.letter(at: 0), Self.letter(at: 1), Samples.delete("a", version: 2),
            Samples.post("b", version: 5, text: "newest"),
        ]
        #expect(sink.deliver(Samples.delivery(claim, from: 0, contents)).counts != nil)
        let counts = try Self.redrive(database) { letter in
            RedrivenLetter(
                letter: letter,
                content: Samples.post(letter.record.position.offset == 0 ? "a" : "b", version: 1, text: "old"))
        }
        #expect(counts == [Outcome(.superseded): 2])
        #expect(try database.value("SELECT string_agg(key || ' ' || text, ',') FROM winnow.posts") == "b newest")
        #expect(try Self.outcomes(database) == ["deleted": "1", "inserted": "1", "superseded": "2"])
        #expect(try StatusAudit.findings(database.options()).isEmpty)
    }

    /// A delete among the letters takes letters of its post along, its own too.
    @Test func deletesAndPurgesAmongTheLetters() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        let contents = [
            Samples.post("a", version: 1), Self.letter(key: "a", at: 1), Self.letter(key: "a", at: 2),
            Self.letter(author: "alice", at: 3),
        ]
        #expect(sink.deliver(Samples.delivery(claim, from: 0, contents)).counts != nil)
        try database.session().script("UPDATE winnow.dead_letters SET platform = 'test'")
        // The second delete of "a" finds its letter gone with the first.
        try Self.redriveOneByOne(database) { letter in
            let content = letter.record.position.offset == 3
                ? Samples.account("alice", .purge, version: 9) : Samples.delete("a", version: 4)
            return RedrivenLetter(letter: letter, content: content)
        }
        #expect(try database.value("SELECT count(*) FROM winnow.posts") == "0")
        #expect(try database.value("SELECT count(*) FROM winnow.dead_letters") == "0")
        #expect(try StatusAudit.findings(database.options()).isEmpty)
    }

    @Test func refusedDataIsFoundAndStays() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        let contents = (0..<6).map { Self.letter(at: Int64($0)) }
        #expect(sink.deliver(Samples.delivery(claim, from: 0, contents)).counts != nil)
        let counts = try Self.redrive(database) { letter in
            let offset = letter.record.position.offset
            return RedrivenLetter(
                letter: letter,
                content: Samples.post("k\(offset)", version: 1, text: offset == 4 ? "no\0t for PostgreSQL" : "fine"))
        }
        #expect(counts == [Outcome(.inserted): 5, Outcome(.dead, reason: "database_data"): 1])
        #expect(try database.value("SELECT source_offset || ' ' || key FROM winnow.dead_letters") == "4 k4")
        #expect(try database.value("SELECT detail FROM winnow.dead_letters")?.contains("PostgreSQL (SQLSTATE 22021)") == true)
        #expect(try StatusAudit.findings(database.options()).isEmpty)
    }

    /// After the counts began anew a letter moves none of them.
    @Test func lettersOfEarlierCountsMoveNothing() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        let contents = [Samples.post("a", version: 1), Self.letter(at: 1), Samples.post("c", version: 1)]
        #expect(sink.deliver(Samples.delivery(claim, from: 0, contents)).counts != nil)
        #expect(try OffsetAdministration(database.options()).set([Samples.partition(0): 1]) == 1)
        let again = try Samples.claim(0, by: sink)
        // This time the record can be read: no dead record is counted, and the letter is still held.
        #expect(
            sink.deliver(Samples.delivery(again, from: 1, [Samples.post("b", version: 1), Samples.post("c", version: 1)]))
                .counts != nil)
        #expect(try StatusAudit.findings(database.options()).isEmpty)
        let counts = try Self.redrive(database) {
            RedrivenLetter(letter: $0, content: Samples.post("b", version: 1))
        }
        #expect(counts == [Outcome(.superseded): 1])
        #expect(try Self.outcomes(database) == ["inserted": "1", "superseded": "1"])
        #expect(try database.value("SELECT count(*) FROM winnow.dead_letters") == "0")
        #expect(try StatusAudit.findings(database.options()).isEmpty)
    }

    /// Ids that can be read now may be those of a post that is gone: its content goes as well.
    @Test func whatStaysForgetsDeletedPosts() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        #expect(
            sink.deliver(Samples.delivery(claim, from: 0, [Self.letter(at: 0), Samples.delete("a", version: 2)])).counts != nil)
        let counts = try Self.redrive(database) { Self.rejected($0, .missingText, key: "a") }
        #expect(counts == [Outcome(.dead, reason: "missing_text"): 1])
        #expect(try database.value("SELECT key || coalesce(encode(payload, 'hex'), ' empty') FROM winnow.dead_letters") == "a empty")
        #expect(try StatusAudit.findings(database.options()).isEmpty)
    }

    @Test func batchesKeepWhatMustBeAloneAlone() {
        func held(_ number: Int64, isCounted: Bool = true) -> HeldLetter {
            HeldLetter(
                identifier: number,
                record: SourceRecord(
                    position: SourcePosition(topicPartition: Samples.partition(0), offset: number), timestamp: nil,
                    key: nil, value: []),
                receivedAt: Samples.noon, reason: "wrong_type", isCounted: isCounted)
        }
        let letters = [
            RedrivenLetter(letter: held(1), content: .skipped(.otherEvent)),
            Self.rejected(held(2, isCounted: false), .wrongType),
            RedrivenLetter(letter: held(3), content: Samples.delete("a", version: 1)),
            RedrivenLetter(letter: held(4), content: .skipped(.otherEvent)),
            RedrivenLetter(letter: held(5, isCounted: false), content: .skipped(.otherEvent)),
            RedrivenLetter(letter: held(6, isCounted: false), content: .skipped(.otherEvent)),
            RedrivenLetter(letter: held(7, isCounted: false), content: .skipped(.otherEvent)),
        ]
        let batches = RedriveBatch.batches(letters, limit: 2).map { $0.letters.map(\.letter.identifier) }
        #expect(batches == [[1, 2], [3], [4], [5, 6], [7]])
    }
}
