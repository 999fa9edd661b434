// What the schema says about itself, and who may do what with it.
import PostgresDelivery
import StreamCore
import Testing

@Suite struct SchemaTests {
    @Test func everyTableAndColumnHasAComment() throws {
        let database = try TestDatabase()
        let missing = try database.session().rows(
            """
            SELECT c.relname, a.attname
            FROM pg_class AS c
            LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind <> 'v'
            WHERE c.relnamespace = 'winnow'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
                AND (obj_description(c.oid, 'pg_class') IS NULL
                     OR a.attnum IS NOT NULL AND col_description(c.oid, a.attnum) IS NULL)
            """)
        #expect(missing == [])
    }

    @Test func rolesMayDoTheirWorkAndNoMore() throws {
        let database = try TestDatabase()
        let session = try database.session()
        let reader = "\(database.name)_reader"
        let writer = "\(database.name)_writer"
        #expect(throws: DatabaseFailure.self) {
            try session.script("SELECT winnow.grant_roles('\(reader)', '\(writer)')")
        }
        try session.script("CREATE ROLE \(reader); CREATE ROLE \(writer); SELECT winnow.grant_roles('\(reader)', '\(writer)')")
        try session.script(
            """
            SET ROLE \(reader); SELECT FROM winnow.visible_posts; SELECT FROM winnow.feed_health;
            SELECT FROM winnow.search_posts('a', now(), 'en'); SELECT FROM winnow.trending_entities(); RESET ROLE
            """)
        try session.script(
            """
            SET ROLE \(writer); SELECT winnow.ensure_partitions(ARRAY[timestamptz '2023-03-03']);
            INSERT INTO winnow.accounts (platform, account, state, version, version_scope) VALUES ('a', 'b', 'active', '', '');
            RESET ROLE
            """)
        let refused = [
            (reader, "DELETE FROM winnow.posts"), (reader, "SELECT FROM winnow.dead_letters"),
            (reader, "INSERT INTO winnow.accounts VALUES ('a', 'c', 'hidden', '', '')"),
            (reader, "SELECT winnow.make_partition('posts', '2022-03-03')"),
            (writer, "ALTER TABLE winnow.posts ADD COLUMN more text"), (writer, "DROP TABLE winnow.posts"),
            (writer, "CREATE TABLE winnow.more ()"), (writer, "TRUNCATE winnow.posts"),
        ]
        for (role, statement) in refused {
            let other = try database.session()
            try other.script("SET ROLE \(role)")
            let failure = #expect(throws: DatabaseFailure.self, "\(statement)") { try other.script(statement) }
            #expect(failure?.sqlState == "42501", "\(statement)")
        }
    }
}
