// Through pgbouncer in transaction mode, with fewer server connections than clients: nothing may hang on a session.
import Foundation
import PostgresDelivery
import Posts
import StreamCore
import Testing

/// A pgbouncer of a test's own, in front of the shared cluster.
private final class TemporaryPooler {
    let port: Int
    private let directory: URL
    private let process = Process()

    static var program: String? {
        ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    init(program: String, serverPort: Int) throws {
        port = try FreePort.find()
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("winnow-pooler-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let settings = """
            [databases]
            * = host=127.0.0.1 port=\(serverPort) user=postgres
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = 2
            """
        let file = directory.appendingPathComponent("pgbouncer.ini")
        try settings.write(to: file, atomically: true, encoding: .utf8)
        let isRoot = geteuid() == 0
        process.executableURL = URL(fileURLWithPath: isRoot ? "/usr/sbin/runuser" : program)
        process.arguments = (isRoot ? ["-u", "postgres", "--", program] : []) + ["-q", file.path]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
    }

    /// Until it answers, within a minute.
    func awaitReady(_ url: String) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if (try? AdministrationSession(url: url)) != nil { return }
            try FreePort.pause(milliseconds: 20)
        }
        Issue.record("pgbouncer does not answer")
    }

    func stop() {
        process.terminate()
        try? FileManager.default.removeItem(at: directory)
    }
}

private enum FreePort {
    static func find() throws -> Int {
        let proxy = try CuttingProxy(targetPort: 1)
        defer { proxy.stop() }
        return proxy.port
    }

    /// `poll` on nothing: a wait with a bound, for a program that tells nobody when it is ready.
    static func pause(milliseconds: Int32) throws { _ = poll(nil, 0, milliseconds) }
}

@Suite struct PoolerTests {
    @Test(.enabled(if: TemporaryPooler.program != nil, "pgbouncer is not installed: apt-get install pgbouncer"))
    func everythingWorksThroughATransactionModePooler() throws {
        let direct = try TestDatabase(isMigrated: false)
        let serverPort = try #require(URL(string: direct.url)?.port)
        let pooler = try TemporaryPooler(program: #require(TemporaryPooler.program), serverPort: serverPort)
        defer { pooler.stop() }
        let pooled = TestDatabase(
            url: direct.url.replacing(":\(serverPort)/", with: ":\(pooler.port)/"), name: direct.name)
        try pooler.awaitReady(pooled.url)
        #expect(try MigrationRunner(options: pooled.options()).run().count == MigrationRunner.embedded.count)
        var trial = try MergeTrial(database: pooled, seed: 77)
        let difference = try trial.run(deliveries: 40)
        #expect(difference == nil)
        // Nothing of a transaction stays behind in the sessions that others get.
        #expect(try direct.value("SELECT count(*) FROM pg_prepared_statements") == "0")
        #expect(
            try direct.value(
                """
                SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """) == "0")
        #expect(try pooled.value("SHOW lock_timeout") == "0")
    }
}
