// Looking at dead letters, forgetting them, and the upgrade of a database that has some.
import PostgresDelivery
import Posts
import StreamCore
import Testing

@Suite struct DeadLetterKeepingTests {
    private static func letter(_ reason: RejectionReason, at offset: Int64, partition: Int32 = 0) -> DeliverableContent {
        let record = SourceRecord(
            position: SourcePosition(topicPartition: Samples.partition(partition), offset: offset),
            timestamp: Samples.noon, key: [0, 255], value: Array("payload \(offset)".utf8))
        return .dead(DeadLetter(rejection: Rejection(reason: reason, detail: "a sentence"), record: record))
    }

    private static func filled() throws -> TestDatabase {
        let database = try TestDatabase()
        let sink = database.sink()
        let contents = (0..<6).map { letter($0 % 2 == 0 ? .wrongType : .malformedJSON, at: Int64($0)) }
        let claims = [try Samples.claim(0, by: sink), try Samples.claim(1, by: sink)]
        #expect(sink.deliver(Samples.delivery(claims[0], from: 0, contents)).counts != nil)
        #expect(sink.deliver(Samples.delivery(claims[1], from: 0, [letter(.tooLarge, at: 0, partition: 1)])).counts != nil)
        return database
    }

    @Test func filtersNarrowTheList() throws {
        let database = try Self.filled()
        let administration = try DeadLetterAdministration(database.options())
        func offsets(_ change: (inout DeadLetterFilter) -> Void, limit: Int64 = 100) throws -> [Int64] {
            var filter = DeadLetterFilter()
            change(&filter)
            let listed = try administration.list(filter, limit: limit)
            #expect(try administration.counts(filter).values.reduce(0, +) >= Int64(listed.count))
            return listed.map(\.position.offset)
        }
        #expect(try offsets { _ in } == [0, 1, 2, 3, 4, 5, 0])
        #expect(try offsets({ _ in }, limit: 2) == [0, 1])
        #expect(try offsets { $0.partition = 1 } == [0])
        #expect(try offsets { $0.reasons = ["malformed_json", "too_large"] } == [1, 3, 5, 0])
        #expect(try offsets { $0.exceptReasons = ["malformed_json"] } == [0, 2, 4, 0])
        #expect(try offsets { ($0.firstOffset, $0.endOffset, $0.topics) = (2, 4, ["posts"]) } == [2, 3])
        #expect(try offsets { $0.topics = ["other"] } == [])
        #expect(try offsets { $0.receivedFrom = Timestamp(microseconds: Samples.noon.microseconds + 1) } == [])
        #expect(try offsets { $0.receivedFrom = Samples.noon }.count == 7)
        let first = try #require(try administration.list(DeadLetterFilter(), limit: 1).first)
        #expect(first.receivedAt == "2026-11-20T12:00:00Z" && first.payloadBytes == 9)
        let shown = try #require(try administration.letter(first.identifier))
        #expect(shown.recordKey == [0, 255] && shown.payload == Array("payload 0".utf8))
        #expect(try administration.letter(999) == nil)
        #expect(try DeadLetterAdministration(database.options(group: "other")).letter(first.identifier) == nil)
    }

    @Test func purgeAndExpiryForgetAndTheBooksStillBalance() throws {
        let database = try Self.filled()
        var filter = DeadLetterFilter()
        filter.reasons = ["malformed_json"]
        let administration = try DeadLetterAdministration(database.options())
        #expect(try administration.purge(filter, limit: 2) == 2)
        #expect(try administration.purge(filter) == 1)
        #expect(try database.value("SELECT winnow.expire_dead_letters(now() - interval '1 hour')") == "0")
        #expect(try database.value("SELECT winnow.expire_dead_letters(now(), 1)") == "1")
        #expect(try database.value("SELECT winnow.expire_dead_letters(now())") == "3")
        #expect(try database.value("SELECT sum(count) FROM winnow.partition_outcomes WHERE outcome = 'dead'") == "7")
        #expect(try StatusAudit.findings(database.options()).isEmpty)
    }

    /// The letters of the older schema: one that is counted, one from before the counts began anew, and its double.
    @Test func upgradeKnowsWhichLettersAreCounted() throws {
        let database = try TestDatabase(isMigrated: false)
        let released = MigrationRunner.embedded.filter { $0.number <= 11 }
        #expect(try MigrationRunner(options: database.options(), migrations: released).run().count == 11)
        let sink = PostgresSinkProvider(options: database.olderOptions()).makeSink(name: "older")
        let claim = try Samples.claim(0, by: sink)
        let contents = [Samples.post("a", version: 1), Self.letter(.wrongType, at: 1), Self.letter(.wrongType, at: 2)]
        #expect(sink.deliver(Samples.delivery(claim, from: 0, contents)).counts != nil)
        #expect(try OffsetAdministration(database.options()).set([Samples.partition(0): 2]) == 1)
        let again = try Samples.claim(0, by: sink)
        #expect(sink.deliver(Samples.delivery(again, from: 2, [Self.letter(.wrongType, at: 2)])).counts != nil)

        #expect(try MigrationRunner(options: database.options()).run().count == MigrationRunner.embedded.count - 11)
        #expect(
            try database.value(
                "SELECT string_agg(source_offset || ' ' || is_counted, ',' ORDER BY dead_letter_id) FROM winnow.dead_letters")
                == "1 false,2 false,2 true")
        // An older instance that still runs goes on with the same functions.
        #expect(sink.deliver(Samples.delivery(again, from: 3, [Self.letter(.wrongType, at: 3)])).counts != nil)
        #expect(try StatusAudit.findings(database.options()).isEmpty)
    }
}
