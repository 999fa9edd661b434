// A redrive beside deliveries of the stream, both transactions open, in both orders; and two redrives at once.
import Foundation
import PostgresDelivery
import Posts
import StreamCore
import Testing

@Suite struct RedriveRaceTests {
    /// A database with one letter at offset 0 of partition 0, of the post "a" by alice.
    private struct Stage {
        let database: TestDatabase
        let claims: [PartitionClaim]
        let letter: HeldLetter

        init() throws {
            database = try TestDatabase()
            let sink = database.sink()
            claims = [try Samples.claim(0, by: sink), try Samples.claim(1, by: sink)]
            let record = SourceRecord(
                position: SourcePosition(topicPartition: Samples.partition(0), offset: 0), timestamp: Samples.noon,
                key: nil, value: Array("{}".utf8))
            let rejection = Rejection(
                reason: .missingText, detail: "it has no text", key: PostKey(platform: "test", key: "a"), author: "alice")
            let dead = DeliverableContent.dead(DeadLetter(rejection: rejection, record: record))
            #expect(sink.deliver(Samples.delivery(claims[0], from: 0, [dead])).counts != nil)
            let redrive = DeadLetterRedrive(database.options())
            letter = try #require(try redrive.letters(DeadLetterFilter(), after: 0, through: .max, limit: 1).first)
        }

        /// The letter as version 1 of the post "a".
        var batch: RedriveBatch? {
            RedriveBatch.batches([RedrivenLetter(letter: letter, content: Samples.post("a", version: 1))], limit: 10).first
        }

        func race(
            redriveFirst: Bool, against event: DeliverableContent
        ) throws -> (redrive: Result<[Outcome: Int], DatabaseFailure>?, delivery: [Outcome: Int]?) {
            let batch = try #require(batch)
            let options = database.options()
            let redriven = LeftBehind<Result<[Outcome: Int], DatabaseFailure>>()
            let delivered = LeftBehind<[Outcome: Int]>()
            let delivery = Samples.delivery(claims[1], from: 0, [event])
            let redrive: @Sendable () -> Void = {
                do throws(DatabaseFailure) {
                    redriven.leave(.success(try DeadLetterRedrive(options).apply(batch)))
                } catch {
                    redriven.leave(.failure(error))
                }
            }
            let deliver: @Sendable () -> Void = {
                if let counts = PostgresSinkProvider(options: options).makeSink(name: "racer").deliver(delivery).counts {
                    delivered.leave(counts)
                }
            }
            let race = TransactionRace(database: database, brakeTable: "winnow.partition_outcomes")
            try race.run(first: redriveFirst ? redrive : deliver, second: redriveFirst ? deliver : redrive)
            #expect(try StatusAudit.findings(options).isEmpty)
            return (redriven.value, delivered.value)
        }
    }

    @Test func deleteThenRedrive() throws {
        let stage = try Stage()
        let result = try stage.race(redriveFirst: false, against: Samples.delete("a", version: 2))
        #expect(result.delivery == [Outcome(.deleted): 1])
        // The delete took the letter along: the redrive is told to read again, and finds nothing.
        guard case .failure(let failure) = result.redrive else { throw UnexpectedResult() }
        #expect(failure.failureClass == .wait && failure.sqlState == "40001")
        #expect(try stage.database.value("SELECT count(*) FROM winnow.posts") == "0")
        #expect(try stage.database.value("SELECT count(*) FROM winnow.dead_letters") == "0")
    }

    @Test func redriveThenDelete() throws {
        let stage = try Stage()
        let result = try stage.race(redriveFirst: true, against: Samples.delete("a", version: 2))
        #expect(try result.redrive?.get() == [Outcome(.inserted): 1])
        #expect(result.delivery == [Outcome(.deleted): 1])
        #expect(try stage.database.value("SELECT count(*) FROM winnow.posts") == "0")
        #expect(try stage.database.value("SELECT state FROM winnow.post_keys") == "deleted")
    }

    @Test func purgeThenRedrive() throws {
        let stage = try Stage()
        let result = try stage.race(redriveFirst: false, against: Samples.account("alice", .purge, version: 2))
        guard case .failure(let failure) = result.redrive else { throw UnexpectedResult() }
        #expect(failure.failureClass == .wait)
        #expect(try stage.database.value("SELECT count(*) FROM winnow.posts") == "0")
        #expect(try stage.database.value("SELECT count(*) FROM winnow.dead_letters") == "0")
    }

    @Test func redriveThenPurge() throws {
        let stage = try Stage()
        let result = try stage.race(redriveFirst: true, against: Samples.account("alice", .purge, version: 2))
        #expect(try result.redrive?.get() == [Outcome(.inserted): 1])
        #expect(try stage.database.value("SELECT count(*) FROM winnow.posts") == "0")
    }

    @Test func redriveThenNewerEdit() throws {
        let stage = try Stage()
        let result = try stage.race(redriveFirst: true, against: Samples.post("a", version: 3, text: "edited"))
        #expect(result.delivery == [Outcome(.edited): 1])
        #expect(try stage.database.value("SELECT text FROM winnow.posts") == "edited")
    }

    @Test func twoRedrivesTakeALetterOnce() throws {
        let stage = try Stage()
        let batch = try #require(stage.batch)
        let options = stage.database.options()
        let results = [LeftBehind<Bool>(), LeftBehind<Bool>()]
        func body(_ number: Int) -> @Sendable () -> Void {
            { results[number].leave((try? DeadLetterRedrive(options).apply(batch)) != nil) }
        }
        let race = TransactionRace(database: stage.database, brakeTable: "winnow.partition_outcomes")
        try race.run(first: body(0), second: body(1))
        #expect(results.map(\.value) == [true, false])
        #expect(try stage.database.value("SELECT count(*) FROM winnow.posts") == "1")
        #expect(try stage.database.value("SELECT string_agg(outcome || count, ',') FROM winnow.partition_outcomes") == "inserted1")
        #expect(try StatusAudit.findings(options).isEmpty)
    }

    /// Deliveries, deletes and redrives of the same few posts from four threads: nobody deadlocks for good, all adds up.
    @Test func manyAtOnceAddUp() throws {
        let database = try TestDatabase()
        let options = database.options()
        DispatchQueue.concurrentPerform(iterations: 4) { number in
            if number == 3 { return Self.redriveUntilQuiet(options) }
            let sink = PostgresSinkProvider(options: options).makeSink(name: "worker \(number)")
            guard let claim = try? Samples.claim(Int32(number), by: sink) else { return }
            var random = SeededRandom(seed: UInt64(number) + 7)
            for offset in stride(from: Int64(0), to: 200, by: 10) {
                let contents = (0..<10).map { Self.content(at: offset + $0, partition: Int32(number), &random) }
                let delivery = Samples.delivery(claim, from: offset, contents)
                // A collision is tried again, as the stream does; anything else ends the worker, and the sum shows it.
                while true {
                    let result = sink.deliver(delivery)
                    if result.counts != nil { break }
                    guard result.failure?.failureClass == .wait else { return }
                }
            }
        }
        Self.redriveUntilQuiet(options)
        #expect(try StatusAudit.findings(options).isEmpty)
        #expect(try database.value("SELECT sum(next_offset) FROM winnow.partition_progress") == "600")
        #expect(try database.value("SELECT count(*) FROM winnow.dead_letters") == "0")
    }

    private static func content(at offset: Int64, partition: Int32, _ random: inout SeededRandom) -> DeliverableContent {
        let key = "k\(Int.random(in: 0..<20, using: &random))"
        let author = "author\(Int.random(in: 0..<3, using: &random))"
        let version = UInt64.random(in: 0..<1_000, using: &random)
        switch Int.random(in: 0..<20, using: &random) {
        case 0: return Samples.account(author, .purge, version: version)
        case 1..<6: return Samples.delete(key, version: version)
        case 6..<12:
            let record = SourceRecord(
                position: SourcePosition(topicPartition: Samples.partition(partition), offset: offset), timestamp: nil,
                key: nil, value: [])
            let rejection = Rejection(
                reason: .missingText, detail: "it has no text", key: PostKey(platform: "test", key: key), author: author)
            return .dead(DeadLetter(rejection: rejection, record: record))
        default: return Samples.post(key, version: version, author: author)
        }
    }

    /// Until three looks in a row find no letter.
    private static func redriveUntilQuiet(_ options: PostgresOptions) {
        let redrive = DeadLetterRedrive(options)
        var quiet = 0
        for _ in 0..<2_000 where quiet < 3 {
            guard let letters = try? redrive.letters(DeadLetterFilter(), after: 0, through: .max, limit: 20) else { continue }
            quiet = letters.isEmpty ? quiet + 1 : 0
            let read = letters.map { letter in
                RedrivenLetter(letter: letter, content: Samples.post("r\(letter.identifier % 20)", version: 500))
            }
            for batch in RedriveBatch.batches(read, limit: 20) where (try? redrive.apply(batch)) == nil { break }
        }
    }
}
