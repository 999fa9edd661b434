// Least privilege: each of the three roles does all of its work, signed in as itself, and nothing else.
import PostgresDelivery
import Posts
import StreamCore
import Testing

@Suite struct RightsTests {
    private struct Roles {
        let database: TestDatabase
        let migrator: String
        let writer: String
        let reader: String
    }

    /// The schema is made by the migrator, who owns it and is no superuser.
    private func makeRoles() throws -> Roles {
        let database = try TestDatabase(isMigrated: false)
        let name = database.name
        let roles = Roles(
            database: database, migrator: "\(name)_migrator", writer: "\(name)_writer", reader: "\(name)_reader")
        let session = try database.session()
        for role in [roles.migrator, roles.writer, roles.reader] { try session.script("CREATE ROLE \(role) LOGIN") }
        try session.script("GRANT CREATE ON DATABASE \(name) TO \(roles.migrator)")
        let applied = try MigrationRunner(options: database.options(as: roles.migrator)).run()
        #expect(applied.count == MigrationRunner.embedded.count)
        try AdministrationSession(url: database.url(as: roles.migrator))
            .script("SELECT winnow.grant_roles('\(roles.reader)', '\(roles.writer)')")
        return roles
    }

    private func refuse(_ statements: [String], as role: String, _ database: TestDatabase) throws {
        for statement in statements {
            let session = try AdministrationSession(url: database.url(as: role))
            let failure = #expect(throws: DatabaseFailure.self, "\(statement)") { try session.script(statement) }
            #expect(failure?.sqlState == "42501", "\(statement)")
        }
    }

    @Test func theWriterRunsTheStreamAndItsMaintenance() throws {
        let roles = try makeRoles()
        let options = roles.database.options(as: roles.writer)
        #expect(try MigrationRunner(options: options).run() == [])
        let sink = PostgresSinkProvider(options: options).makeSink(name: "writer")
        #expect(try !sink.knowsTopic(Samples.topic, clusterIdentifier: Samples.cluster))
        let claim = try Samples.claim(0, by: sink)
        let letter = DeadLetter(
            rejection: Rejection(reason: .missingText, detail: "no text", key: PostKey(platform: "test", key: "z")),
            record: SourceRecord(
                position: SourcePosition(topicPartition: Samples.partition(0), offset: 0), timestamp: nil, key: nil, value: [1]))
        let events = [
            Samples.post("a", version: 1), Samples.post("a", version: 2), Samples.delete("a", version: 3), .dead(letter),
            Samples.account("alice", .hide, version: 4), Samples.account("alice", .restore, version: 5),
            Samples.account("alice", .purge, version: 6), Samples.post("b", version: 1, author: "bob"),
        ]
        #expect(sink.deliver(Samples.delivery(claim, from: 0, events)).counts != nil)
        #expect(sink.probe() == nil)
        #expect(try sink.markSuspect(claim, offset: 9))
        try sink.release(claim)
        _ = try StatusReport.read(options, standings: { _ in [:] })
        #expect(try StatusAudit.findings(options).isEmpty)
        #expect(try OffsetAdministration(options).set([Samples.partition(0): 20]) == 1)
        var plan = MaintenancePlan()
        plan.weeksAhead = 6
        plan.quiet = .zero
        plan.keepPosts = .seconds(1)
        plan.keepDeadLetters = .seconds(3_600)
        plan.keepTombstones = .seconds(3_600)
        #expect(try DatabaseMaintenance(options: options, plan: plan).run().failures.isEmpty)
        try refuse(
            [
                "ALTER TABLE winnow.posts ADD COLUMN more text", "DROP TABLE winnow.posts", "CREATE TABLE winnow.more ()",
                "TRUNCATE winnow.posts", "SELECT winnow.grant_roles('\(roles.reader)', '\(roles.writer)')",
                "DELETE FROM winnow.schema_migrations", "UPDATE winnow.sentiment_hours SET posts = 0",
                "SELECT winnow.expire_posts_v1(now(), 1) FROM winnow.entity_days",
            ], as: roles.writer, roles.database)
    }

    @Test func theReaderAsksEveryQuestionAndNothingElse() throws {
        let roles = try makeRoles()
        let session = try AdministrationSession(url: roles.database.url(as: roles.reader))
        for question in [
            "sentiment_over_time()", "trending_entities()", "entity_mentions(now() - interval '1 day', now())",
            "topic_posts('news', 'neutral', now())", "search_posts('harbour -kind', now())", "search_posts('harbour', now(), 'en')",
            "author_activity('test', 'alice', now())", "feed_health", "visible_posts", "sentiment_by_topic", "throughput",
        ] {
            #expect(try session.rows("SELECT count(*) FROM winnow.\(question)").count == 1, "\(question)")
        }
        let tables = try roles.database.session().rows(
            "SELECT relname FROM pg_class WHERE relnamespace = 'winnow'::regnamespace AND relkind IN ('r', 'p')")
        let statements = tables.compactMap { $0.first ?? nil }.map { "DELETE FROM winnow.\($0)" }
        #expect(statements.count > 20)
        try refuse(
            statements + [
                "SELECT FROM winnow.dead_letters", "SELECT winnow.make_partition('posts', '2022-03-03')",
                "SELECT winnow.maintenance_step_v1('partitions', 1, NULL, NULL, NULL, NULL, 1)", "CALL winnow.maintain()",
                "SELECT nextval('winnow.post_ids')", "CREATE TABLE winnow.more ()",
                "SELECT winnow.drop_partitions_before(now())",
            ], as: roles.reader, roles.database)
    }
}
