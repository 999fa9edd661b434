// Limits that hold for one transaction only, as a pooler may give the next one to another session.

enum TransactionTimeouts {
    static func statement(_ options: PostgresOptions) -> Statement {
        Statement(
            sql: """
                SELECT set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true), \
                set_config('idle_in_transaction_session_timeout', $3, true)
                """,
            parameters: [
                .text(String(options.lockTimeout.wholeMilliseconds)),
                .text(String(options.statementTimeout.wholeMilliseconds)),
                .text(String(options.idleTimeout.wholeMilliseconds)),
            ])
    }
}
