// The schema: made once however many ask, never from other files than it was made from.
import Dispatch
import Foundation
import PostgresDelivery
import Posts
import StreamCore
import Synchronization
import Testing

@Suite struct MigrationTests {
    private static var folder: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Schemas/sql")
    }

    @Test func theBinaryCarriesTheFiles() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
            .filter { $0.hasSuffix(".sql") }.sorted()
        #expect(files.count == MigrationRunner.embedded.count)
        for (file, migration) in zip(files, MigrationRunner.embedded) {
            #expect(file == migration.name + ".sql")
            let text = try String(contentsOf: Self.folder.appendingPathComponent(file), encoding: .utf8)
            #expect(text == migration.sql + "\n", "\(file) differs: run Deploy/embed-migrations")
        }
        let numbers = MigrationRunner.embedded.map(\.number)
        #expect(numbers.first == 1 && zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func manyInstancesAtOnce() throws {
        let database = try TestDatabase(isMigrated: false)
        let applied = Mutex<[Int]>([])
        let failures = Mutex<[String]>([])
        let options = database.options()
        DispatchQueue.concurrentPerform(iterations: 6) { _ in
            do throws(DatabaseFailure) {
                let names = try MigrationRunner(options: options).run()
                applied.withLock { $0.append(names.count) }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(applied.withLock { $0 }.sorted() == [0, 0, 0, 0, 0, MigrationRunner.embedded.count])
        #expect(try MigrationRunner(options: options).run() == [])
    }

    @Test func aChangedFileIsRefused() throws {
        let database = try TestDatabase()
        try database.session().script("UPDATE winnow.schema_migrations SET checksum = 'other' WHERE number = 1")
        let failure = #expect(throws: DatabaseFailure.self) { try MigrationRunner(options: database.options()).run() }
        #expect(failure?.failureClass == .unknown)
        #expect(failure?.detail.contains("differs from this version's") == true)
    }

    @Test func aNewerSchemaIsRefused() throws {
        let database = try TestDatabase()
        try database.session().script(
            "INSERT INTO winnow.schema_migrations (number, name, checksum) VALUES (999, '0999_future', '')")
        let failure = #expect(throws: DatabaseFailure.self) { try MigrationRunner(options: database.options()).run() }
        #expect(failure?.detail.contains("use a newer Winnow") == true)
    }

    @Test func aMigrationThatFailsLeavesNothing() throws {
        let database = try TestDatabase(isMigrated: false)
        let broken = MigrationRunner.embedded + [Migration(number: 99, name: "0099_broken", sql: "SELECT 1 / 0")]
        #expect(throws: DatabaseFailure.self) {
            try MigrationRunner(options: database.options(), migrations: broken).run()
        }
        #expect(try database.value("SELECT to_regnamespace('winnow')") == nil)
        #expect(try MigrationRunner(options: database.options()).run().count == MigrationRunner.embedded.count)
    }

    @Test func retentionDropsPartitionsWithTheirKeys() throws {
        let database = try TestDatabase()
        let sink = database.sink()
        let claim = try Samples.claim(0, by: sink)
        let week = Timestamp(microseconds: Samples.noon.microseconds - 7 * 86_400_000_000)
        #expect(sink.deliver(Samples.delivery(claim, from: 0, [Samples.post("old", version: 1)], at: week)).counts != nil)
        let contents = [Samples.post("new", version: 1), Samples.delete("gone", version: 1)]
        #expect(sink.deliver(Samples.delivery(claim, from: 1, contents)).counts != nil)
        #expect(try database.value("SELECT winnow.drop_partitions_before('2026-11-18 00:00+00')") == "3")
        #expect(try database.value("SELECT string_agg(key, ',' ORDER BY key) FROM winnow.post_keys") == "gone,new")
        #expect(try StatusAudit.findings(database.options()).isEmpty)
    }
}
