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
        let runner = MigrationRunner(options: options)
        return DatabaseCheck(
            serverVersion: row.first.flatMap { $0 } ?? "", encoding: row.dropFirst().first.flatMap { $0 } ?? "",
            isReadOnly: row.last == "t", pendingMigrations: try runner.pending(session).map(\.name))
    }
}
