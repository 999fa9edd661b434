// Looks at a database without changing it: can Winnow work here? For `winnow check`.
package import StreamCore

package struct DatabaseCheck: Sendable {
    /// As the server says it: `15.8`.
    package let serverVersion: String
    /// `UTF8` is what Winnow needs.
    package let encoding: String
    /// A standby, or a database that was made read-only.
    package let isReadOnly: Bool
    /// Names of the migrations that `winnow migrate` would apply.
    package let pendingMigrations: [String]
    /// What the role may not do and a run has to: one sentence with the way out, nil where it may do everything.
    package let missingRight: String?

    /// One connection, queries only.
    package static func read(_ options: PostgresOptions) throws(DatabaseFailure) -> DatabaseCheck {
        let session = try AdministrationSession(options: options, name: "check")
        let row =
            try session.rows(
                """
                SELECT split_part(current_setting('server_version'), ' ', 1), current_setting('server_encoding'),
                       pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'
                """
            ).first ?? []
        let pending = try MigrationRunner(options: options).pending(session).map(\.name)
        return DatabaseCheck(
            serverVersion: row.first.flatMap { $0 } ?? "", encoding: row.dropFirst().first.flatMap { $0 } ?? "",
            isReadOnly: row.last == "t", pendingMigrations: pending,
            missingRight: pending.isEmpty ? try missingTableRight(session) : try missingSchemaRight(session))
    }

    /// Who has migrations to apply must be allowed to.
    private static func missingSchemaRight(_ session: AdministrationSession) throws(DatabaseFailure) -> String? {
        let row = try session.rows(
            """
            SELECT CASE WHEN to_regnamespace('winnow') IS NULL THEN has_database_privilege(current_database(), 'CREATE')
                        ELSE (SELECT pg_has_role(n.nspowner, 'USAGE') FROM pg_namespace AS n WHERE n.nspname = 'winnow') END
            """
        ).first
        if row?.first == "t" { return nil }
        return "the schema is not up to date and this role may not change it; run winnow migrate as the schema's owner, or as a "
            + "role with the right CREATE on the database"
    }

    /// What `winnow.grant_roles` gives a writer.
    private static func missingTableRight(_ session: AdministrationSession) throws(DatabaseFailure) -> String? {
        let row = try session.rows(
            """
            SELECT string_agg(DISTINCT t.name, ', ' ORDER BY t.name)
            FROM unnest(ARRAY['accounts', 'dead_letters', 'entities', 'enrichments', 'model_versions', 'partition_outcomes',
                              'partition_progress', 'post_keys', 'posts']) AS t(name),
                 unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS r(privilege)
            WHERE NOT has_table_privilege('winnow.' || t.name, r.privilege)
            """
        ).first
        guard let tables = row?.first ?? nil else { return nil }
        return "this role may not write \(tables); the schema's owner can allow it: SELECT winnow.grant_roles(reader, writer)"
    }
}
