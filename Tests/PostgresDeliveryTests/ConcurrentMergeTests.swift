// Two transactions at once on the same posts and accounts: the order in which they take locks decides, and both orders
// are right.
import Foundation
import PostgresDelivery
import Posts
import StreamCore
import Synchronization
import Testing

@Suite struct ConcurrentMergeTests {
    /// Runs `first` in an open transaction, `second` beside it; commits the first once the second waits for it.
    private func race(
        _ first: DeliverableContent, _ second: DeliverableContent, before: [DeliverableContent] = []
    ) throws -> (database: TestDatabase, outcome: [Outcome: Int]?) {
        let database = try TestDatabase()
        let sink = database.sink()
        let claims = [try Samples.claim(0, by: sink), try Samples.claim(1, by: sink)]
        if !before.isEmpty { #expect(sink.deliver(Samples.delivery(claims[0], from: 0, before)).counts != nil) }
        // A lock on the counts holds the first delivery at its end, with all of its row locks taken.
        let brake = try database.session()
        try brake.script("BEGIN; LOCK TABLE winnow.partition_outcomes IN EXCLUSIVE MODE")
        let provider = PostgresSinkProvider(options: database.options())
        let results = Mutex<[Int: [Outcome: Int]]>([:])
        let group = DispatchGroup()
        func start(_ number: Int, _ delivery: Delivery) {
            group.enter()
            Thread.detachNewThread {
                let counts = provider.makeSink(name: "racer \(number)").deliver(delivery).counts
                results.withLock { $0[number] = counts }
                group.leave()
            }
        }
        start(1, Samples.delivery(claims[0], from: Int64(before.count), [first]))
        try waitForWaiters(1, database)
        start(2, Samples.delivery(claims[1], from: 0, [second]))
        try waitForWaiters(2, database)
        try brake.script("COMMIT")
        group.wait()
        let outcomes = results.withLock { $0 }
        #expect(outcomes[1] != nil)
        #expect(try StatusAudit.findings(database.options()).isEmpty)
        return (database, outcomes[2])
    }

    /// Until so many backends wait for a lock, within a minute.
    private func waitForWaiters(_ count: Int, _ database: TestDatabase) throws {
        let session = try database.session()
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let rows = try session.rows(
                "SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = $1",
                [database.name])
            if rows.first?.first == String(count) { return }
            // Yields inside the server: the wait is bounded by the deadline above.
            _ = try session.rows("SELECT pg_sleep(0.01)::text")
        }
        Issue.record("no \(count) backends wait")
    }

    @Test func createThenDelete() throws {
        let (database, outcome) = try race(Samples.post("a", version: 1), Samples.delete("a", version: 2))
        #expect(outcome == [Outcome(.deleted): 1])
        #expect(try database.value("SELECT count(*) FROM winnow.posts") == "0")
    }

    @Test func deleteThenCreate() throws {
        let (database, outcome) = try race(Samples.delete("a", version: 2), Samples.post("a", version: 1))
        #expect(outcome == [Outcome(.superseded): 1])
        #expect(try database.value("SELECT count(*) FROM winnow.posts") == "0")
    }

    @Test func createThenPurge() throws {
        let (database, outcome) = try race(
            Samples.post("a", version: 1), Samples.account("alice", .purge, version: 2))
        #expect(outcome == [Outcome(.deleted): 1])
        #expect(try database.value("SELECT count(*) FROM winnow.posts") == "0")
        #expect(try database.value("SELECT state FROM winnow.post_keys") == "deleted")
    }

    @Test func purgeThenCreate() throws {
        let (database, outcome) = try race(
            Samples.account("alice", .purge, version: 2), Samples.post("a", version: 1))
        #expect(outcome == [Outcome(.superseded): 1])
        #expect(try database.value("SELECT count(*) FROM winnow.posts") == "0")
    }

    @Test func twoCreatesOfOnePost() throws {
        let (database, outcome) = try race(
            Samples.post("a", version: 1, text: "old"), Samples.post("a", version: 2, text: "new"))
        #expect(outcome == [Outcome(.edited): 1])
        #expect(try database.value("SELECT text FROM winnow.posts") == "new")
    }

    @Test func newerEditThenOlderEdit() throws {
        let (database, outcome) = try race(
            Samples.post("a", version: 3, text: "newest"), Samples.post("a", version: 2, text: "older"),
            before: [Samples.post("a", version: 1)])
        #expect(outcome == [Outcome(.superseded): 1])
        #expect(try database.value("SELECT text FROM winnow.posts") == "newest")
        #expect(try database.value("SELECT count(*) FROM winnow.entities") == "1")
    }

    /// Many deliveries of the same few posts from four threads: nobody may be left behind, and everything adds up.
    @Test func manyAtOnceAddUp() throws {
        let database = try TestDatabase()
        let provider = PostgresSinkProvider(options: database.options())
        let retries = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 4) { number in
            let sink = provider.makeSink(name: "worker \(number)")
            guard let claim = try? Samples.claim(Int32(number), by: sink) else { return }
            var random = SeededRandom(seed: UInt64(number) + 1)
            var offset: Int64 = 0
            while offset < 400 {
                var contents: [DeliverableContent] = []
                for _ in 0..<10 {
                    let key = "k\(Int.random(in: 0..<30, using: &random))"
                    let version = UInt64.random(in: 0..<1_000, using: &random)
                    let author = "author\(Int.random(in: 0..<5, using: &random))"
                    switch Int.random(in: 0..<20, using: &random) {
                    case 0: contents.append(Samples.account(author, .purge, version: version))
                    case 1: contents.append(Samples.account(author, .restore, version: version))
                    case 2..<7: contents.append(Samples.delete(key, version: version))
                    default: contents.append(Samples.post(key, version: version, author: author))
                    }
                }
                let delivery = Samples.delivery(claim, from: offset, contents)
                while true {
                    let result = sink.deliver(delivery)
                    if result.counts != nil { break }
                    guard result.failure?.failureClass == .wait else {
                        Issue.record("\(result)")
                        return
                    }
                    retries.add(1, ordering: .relaxed)
                }
                offset += 10
            }
        }
        #expect(try StatusAudit.findings(database.options()).isEmpty)
        #expect(try database.value("SELECT sum(next_offset) FROM winnow.partition_progress") == "1600")
    }
}
