// Where rows go: one database, a few connections, and how long each kind of waiting may take.

package struct PostgresSettings: Sendable, Equatable {
    /// A libpq URI or keyword string. May hold a password: prints without it.
    package var url = PostgresAddress("postgresql://localhost/winnow")
    /// Its first line is the password; read when the settings are loaded.
    package var passwordFile: String?
    /// What `passwordFile` held.
    package var password: Secret?
    /// Connections that write batches; the claims have one more.
    package var deliveryConnections = 2
    package var connectTimeout = Duration.seconds(10)
    /// `lock_timeout`: how long a batch waits for rows that another instance holds.
    package var lockTimeout = Duration.seconds(5)
    /// `idle_in_transaction_session_timeout`: an instance that stops in the middle lets go after this.
    package var idleTimeout = Duration.seconds(30)
    /// `statement_timeout` of one statement of a delivery.
    package var statementTimeout = Duration.seconds(60)

    package init() {}
}
