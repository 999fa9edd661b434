// What the sink makes of a world that fails: broken and silent connections, restarts, locks, read-only servers.
import Foundation
import PostgresDelivery
import Posts
import StreamCore
import Synchronization
import Testing

@Suite struct FailureTests {
    /// A database behind a proxy: claim made, connection warm.
    private struct Setting {
        let database: TestDatabase
        let proxy: CuttingProxy
        let provider: PostgresSinkProvider
        let sink: PostgresSink
        let claim: PartitionClaim

        init(statementTimeout: Duration = .seconds(10)) throws {
            database = try TestDatabase()
            let address = try #require(URL(string: database.url))
            proxy = try CuttingProxy(targetPort: #require(address.port))
            var options = PostgresOptions(
                url: database.url.replacing(":\(address.port ?? 0)/", with: ":\(proxy.port)/"), consumerGroup: "group")
            options.statementTimeout = statementTimeout
            options.answerMargin = .milliseconds(500)
            provider = PostgresSinkProvider(options: options)
            sink = provider.makeSink(name: "behind the proxy")
            claim = try Samples.claim(0, by: sink)
            _ = sink.deliver(Samples.delivery(claim, from: 0, [Samples.post("warm", version: 1)]))
        }
    }

    @Test func aConnectionCutBeforeCommitIsResolvedAsNotCommitted() throws {
        let setting = try Setting()
        defer { setting.proxy.stop() }
        let delivery = Samples.delivery(setting.claim, from: 1, [Samples.post("a", version: 1)])
        setting.proxy.arm(.beforeTheServerHasIt)
        guard case .unknownCommit = setting.sink.deliver(delivery) else { throw UnexpectedResult() }
        guard case .notCommitted = setting.sink.resolve(delivery) else { throw UnexpectedResult() }
        #expect(setting.sink.deliver(delivery).counts == [Outcome(.inserted): 1])
        #expect(try StatusAudit.findings(setting.database.options()).isEmpty)
    }

    @Test func aConnectionCutAfterCommitIsResolvedAsCommitted() throws {
        let setting = try Setting()
        defer { setting.proxy.stop() }
        let delivery = Samples.delivery(setting.claim, from: 1, [Samples.post("a", version: 1)])
        setting.proxy.arm(.beforeTheClientHasTheAnswer)
        guard case .unknownCommit = setting.sink.deliver(delivery) else { throw UnexpectedResult() }
        guard case .committed = setting.sink.resolve(delivery) else { throw UnexpectedResult() }
        #expect(try setting.database.value("SELECT count(*) FROM winnow.posts WHERE key = 'a'") == "1")
        let other = setting.database.sink()
        _ = try Samples.claim(0, by: other)
        guard case .fenced([Samples.partition(0)]) = setting.sink.resolve(delivery) else { throw UnexpectedResult() }
    }

    @Test func aSilentServerIsGivenUpInTime() throws {
        let setting = try Setting(statementTimeout: .seconds(2))
        defer { setting.proxy.stop() }
        let delivery = Samples.delivery(setting.claim, from: 1, [Samples.post("a", version: 1)])
        setting.proxy.arm(.silence)
        let start = ContinuousClock.now
        guard case .unknownCommit = setting.sink.deliver(delivery) else { throw UnexpectedResult() }
        // Without the bound it would be for ever; a busy machine may add its own delays.
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func interruptingEndsARunningCallAtOnce() throws {
        let setting = try Setting(statementTimeout: .seconds(60))
        defer { setting.proxy.stop() }
        let blocker = try setting.database.session()
        try blocker.script("BEGIN; SELECT * FROM winnow.partition_progress FOR UPDATE")
        let start = ContinuousClock.now
        let (provider, url, name) = (setting.provider, setting.database.url, setting.database.name)
        Thread { Self.interrupt(provider, onceACallWaitsIn: name, url) }.start()
        let result = setting.sink.deliver(Samples.delivery(setting.claim, from: 1, [Samples.post("a", version: 1)]))
        guard case .unknownCommit = result else { throw UnexpectedResult() }
        #expect(ContinuousClock.now - start < .seconds(50), "the statement timeout is 60 s")
        #expect(setting.sink.deliver(Samples.delivery(setting.claim, from: 1, [])).failure?.failureClass == .wait)
        try blocker.script("ROLLBACK")
    }

    /// Not before the call has reached the server: an earlier one would find nothing to break off.
    private static func interrupt(_ provider: PostgresSinkProvider, onceACallWaitsIn database: String, _ url: String) {
        let deadline = ContinuousClock.now + .seconds(40)
        let isWaiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = $1"
        guard let session = try? AdministrationSession(url: url) else { return }
        while ContinuousClock.now < deadline {
            if (try? session.rows(isWaiting, [database]))?.first?.first == "1" { return provider.interruptAll() }
            // Yields inside the server.
            _ = try? session.rows("SELECT pg_sleep(0.01)::text")
        }
    }

    @Test func aLockHeldTooLongIsWaitedOut() throws {
        let database = try TestDatabase()
        var options = database.options()
        options.lockTimeout = .milliseconds(200)
        let sink = PostgresSinkProvider(options: options).makeSink(name: "impatient")
        let claim = try Samples.claim(0, by: sink)
        let blocker = try database.session()
        try blocker.script("BEGIN; SELECT * FROM winnow.partition_progress FOR UPDATE")
        let delivery = Samples.delivery(claim, from: 0, [Samples.post("a", version: 1)])
        let failure = try #require(sink.deliver(delivery).failure)
        #expect(failure.sqlState == "55P03" && failure.failureClass == .wait)
        try blocker.script("ROLLBACK")
        #expect(sink.deliver(delivery).counts == [Outcome(.inserted): 1])
    }

    @Test func aReadOnlyDatabaseIsWaitedOut() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        #expect(sink.probe() == nil)
        try database.session().script("ALTER DATABASE \(database.name) SET default_transaction_read_only = on")
        let late = database.sink()
        let delivery = Samples.delivery(claim, from: 0, [Samples.post("a", version: 1)])
        #expect(late.deliver(delivery).failure?.sqlState == "25006")
        #expect(late.deliver(delivery).failure?.failureClass == .wait)
        #expect(late.probe()?.sqlState == "25006")
        guard case .failed(let failure) = late.claim(Samples.claimRequest(1)) else { throw UnexpectedResult() }
        #expect(failure.failureClass == .wait)
    }

    @Test func aServerThatCrashesAndComesBackIsUsedAgain() throws {
        let server = try TemporaryPostgres()
        defer { server.stop() }
        let options = PostgresOptions(url: server.url, consumerGroup: "group")
        _ = try MigrationRunner(options: options).run()
        let sink = PostgresSinkProvider(options: options).makeSink(name: "patient")
        let claim = try Samples.claim(0, by: sink)
        #expect(sink.deliver(Samples.delivery(claim, from: 0, [Samples.post("a", version: 1)])).counts != nil)
        try server.crash()
        let next = Samples.delivery(claim, from: 1, [Samples.post("b", version: 1)])
        switch sink.deliver(next) {
        case .failed(let failure): #expect(failure.failureClass == .wait)
        case .unknownCommit: break
        default: throw UnexpectedResult()
        }
        guard case .failed(let refused) = sink.resolve(next) else { throw UnexpectedResult() }
        #expect(refused.failureClass == .wait)
        try server.start()
        guard case .notCommitted = sink.resolve(next) else { throw UnexpectedResult() }
        #expect(sink.deliver(next).counts == [Outcome(.inserted): 1])
        #expect(try StatusAudit.findings(options).isEmpty)
    }

    @Test(arguments: [
        "postgresql://nobody:hunter2secret@127.0.0.1:1/winnow", "postgresql://u:hunter2secret@[bad",
        "host=127.0.0.1 port=1 password=hunter2secret",
    ])
    func aConnectionThatFailsNeverShowsThePassword(url: String) {
        let options = PostgresOptions(url: url, password: "hunter2secret")
        let failure = PostgresSinkProvider(options: options).makeSink(name: "stranger").probe()
        #expect(failure?.failureClass == .wait)
        #expect(failure.map { "\($0)".contains("hunter2secret") } == false)
        var dumped = ""
        dump(options, to: &dumped)
        #expect(!dumped.contains("hunter2secret") && !"\(options)".contains("hunter2secret"))
    }

    @Test(arguments: [
        ("08006", DatabaseFailure.Class.wait), ("53100", .wait), ("57014", .wait), ("57P01", .wait), ("58030", .wait),
        ("40001", .wait), ("40P01", .wait), ("55P03", .wait), ("25006", .wait), ("25P02", .wait), ("25P03", .wait),
        ("22021", .data), ("22P02", .data), ("23505", .data), ("23502", .data), ("54000", .data), ("42P01", .unknown),
        ("42501", .unknown), ("XX000", .unknown), ("25001", .unknown), ("55000", .unknown), ("", .unknown),
    ])
    func classesFollowTheTable(sqlState: String, expected: DatabaseFailure.Class) {
        #expect(PostgresFailure.classify(.init(sqlState: sqlState)) == expected)
    }

    @Test func aMissingPartitionIsToldFromACheck() {
        #expect(PostgresFailure.classify(.init(sqlState: "23514", table: "posts")) == .wait)
        #expect(PostgresFailure.classify(.init(sqlState: "23514", constraint: "positive", table: "posts")) == .data)
    }
}
