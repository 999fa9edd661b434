// Creates and upgrades the schema. One transaction for all that is pending, under an advisory lock that ends with it,
// so that several instances can start at once and a pooler in transaction mode does no harm.
package import StreamCore

/// One file of Schemas/sql.
package struct Migration: Sendable {
    package let number: Int
    package let name: String
    package let sql: String
    package init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }
}

package struct MigrationRunner {
    package static let embedded: [Migration] = EmbeddedMigrations.all
    private static let partitionWeeksAhead: Int32 = 4

    private let options: PostgresOptions
    private let migrations: [Migration]

    package init(options: PostgresOptions, migrations: [Migration] = MigrationRunner.embedded) {
        self.options = options
        self.migrations = migrations
    }

    /// Brings the database to this version's schema and answers with the names of what was applied now. A failure of
    /// the class `wait` is worth another try; `unknown` names what a person has to decide.
    package func run() throws(DatabaseFailure) -> [String] {
        let session = try AdministrationSession(options: options, name: "migrate")
        let encoding = try session.query("SHOW server_encoding", activity: "Reading the encoding").first?.first
        guard encoding == "UTF8" else {
            throw refusal("The database's encoding is not UTF8; create it with ENCODING 'UTF8'")
        }
        if try pending(session).isEmpty { return [] }
        return try session.transaction { () throws(DatabaseFailure) in
            // Whoever waited here finds the work done.
            _ = try session.query("SELECT pg_advisory_xact_lock(2003659374, -2)", activity: "Waiting for other migrations")
            try prepare(session)
            let todo = try pending(session)
            for migration in todo { try apply(migration, session) }
            _ = try session.query(
                "SELECT winnow.make_partitions($1)", [.integer(Self.partitionWeeksAhead)], activity: "Making partitions")
            return todo.map(\.name)
        }
    }

    private func prepare(_ session: AdministrationSession) throws(DatabaseFailure) {
        // CREATE … IF NOT EXISTS would ask for the right to create even where there is nothing to do.
        let known = try session.query("SELECT to_regnamespace('winnow')", activity: "Looking for the schema").first?.first
        if known == .some(nil) {
            try session.script("CREATE SCHEMA winnow", activity: "Creating the schema")
        }
        try session.script(
            """
            CREATE TABLE IF NOT EXISTS winnow.schema_migrations (
                number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now())
            """, activity: "Creating the list of migrations")
    }

    private func apply(_ migration: Migration, _ session: AdministrationSession) throws(DatabaseFailure) {
        try session.script(migration.sql, activity: "Migration \(migration.name)")
        _ = try session.query(
            """
            INSERT INTO winnow.schema_migrations (number, name, checksum)
            VALUES ($1, $2, encode(sha256(convert_to($3, 'UTF8')), 'hex'))
            """, [.integer(Int32(migration.number)), .text(migration.name), .text(migration.sql)],
            activity: "Noting migration \(migration.name)")
    }

    /// What is not applied yet. Refuses a schema that is newer than this version, or was made from other files.
    func pending(_ session: AdministrationSession) throws(DatabaseFailure) -> [Migration] {
        let table = try session.query(
            "SELECT to_regclass('winnow.schema_migrations')", activity: "Looking for the list of migrations")
        if table.first?.first == .some(nil) { return migrations }
        var numbers = BinaryArray(.integer)
        var texts = BinaryArray(.text)
        for migration in migrations {
            numbers.append(Int32(migration.number))
            texts.append(migration.sql)
        }
        let rows = try session.query(
            """
            SELECT s.number, s.name, e.number IS NOT NULL,
                   s.checksum IS NOT DISTINCT FROM encode(sha256(convert_to(e.sql, 'UTF8')), 'hex')
            FROM winnow.schema_migrations AS s LEFT JOIN unnest($1, $2) AS e(number, sql) ON e.number = s.number
            ORDER BY s.number
            """, [numbers.parameter, texts.parameter], activity: "Reading the list of migrations")
        for row in rows {
            let name = row[1] ?? ""
            guard row[2] == "t" else {
                throw refusal("The schema has migration \(name), which this version does not know; use a newer Winnow")
            }
            guard row[3] == "t" else {
                throw refusal(
                    "Migration \(name) in the database differs from this version's; use the Winnow that made the schema")
            }
        }
        let applied = Set(rows.compactMap { $0[0].flatMap { Int($0) } })
        return migrations.filter { !applied.contains($0.number) }
    }

    private func refusal(_ detail: String) -> DatabaseFailure {
        DatabaseFailure(failureClass: .unknown, sqlState: "", detail: detail)
    }
}
