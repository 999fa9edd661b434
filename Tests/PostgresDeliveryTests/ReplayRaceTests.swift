// A replay beside the live stream, both transactions open, in both orders: deletes, purges and edits win.
import PostgresDelivery
import Posts
import StreamCore
import Testing

@Suite struct ReplayRaceTests {
    enum Rival: String, CaseIterable, Sendable {
        case edit, delete, purge

        var content: DeliverableContent {
            switch self {
            case .edit: Samples.post("k0", version: 2, text: "edited")
            case .delete: Samples.delete("k0", version: 2)
            case .purge: Samples.account("alice", .purge, version: 2)
            }
        }
    }

    private func race(
        _ mode: ReplayMode, _ rival: Rival, replayFirst: Bool
    ) throws -> (stage: ReplayTests.Stage, outcome: [ReplayOutcome: Int64]?) {
        let stage = try ReplayTests.Stage(mode, posts: 1)
        let options = try stage.get().options()
        let batch = stage.batch(try stage.page(stage.replay))
        let replay = stage.replay
        let delivery = Samples.delivery(stage.claims[1], from: 0, [rival.content])
        let outcome = LeftBehind<[ReplayOutcome: Int64]>()
        let delivered = LeftBehind<Bool>()
        let write: @Sendable () -> Void = {
            if case .written(let counts)? = try? ReplayWriter(options).write(batch, of: replay) { outcome.leave(counts) }
        }
        let deliver: @Sendable () -> Void = {
            delivered.leave(PostgresSinkProvider(options: options).makeSink(name: "racer").deliver(delivery).counts != nil)
        }
        let race = TransactionRace(
            database: try stage.get(),
            brakeTable: replayFirst ? "winnow.replay_outcomes" : "winnow.partition_outcomes")
        try race.run(first: replayFirst ? write : deliver, second: replayFirst ? deliver : write)
        #expect(delivered.value == true)
        #expect(try StatusAudit.findings(options).isEmpty)
        return (stage, outcome.value)
    }

    @Test(arguments: ReplayMode.allCases, Rival.allCases)
    func theStreamFirst(mode: ReplayMode, rival: Rival) throws {
        let (stage, outcome) = try race(mode, rival, replayFirst: false)
        #expect(outcome == [rival == .edit ? .changed : .gone: 1])
        try expectNoTrace(of: rival, stage)
    }

    @Test(arguments: ReplayMode.allCases, Rival.allCases)
    func theReplayFirst(mode: ReplayMode, rival: Rival) throws {
        let (stage, outcome) = try race(mode, rival, replayFirst: true)
        #expect(outcome == [mode == .adopt ? .adopted : .written: 1])
        try expectNoTrace(of: rival, stage)
    }

    /// Whoever was first, the replay's result of the old text is gone.
    private func expectNoTrace(of rival: Rival, _ stage: ReplayTests.Stage) throws {
        let database = try stage.get()
        #expect(try database.value("SELECT count(*) FROM winnow.enrichments") == "0")
        #expect(try database.value("SELECT count(*) FROM winnow.entities WHERE type = 'EVENT'") == "0")
        #expect(
            try database.value("SELECT string_agg(text || ' ' || sentiment, ',') FROM winnow.posts")
                == (rival == .edit ? "edited neutral" : nil))
    }
}
