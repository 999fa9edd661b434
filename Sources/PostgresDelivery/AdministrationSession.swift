// A connection for commands: migrations, status, offsets. Used by one thread; one transaction a call unless asked
// otherwise.
package import StreamCore

package final class AdministrationSession {
    private let connection: PostgresConnection
    private let options: PostgresOptions

    init(
        options: PostgresOptions, name: String, interrupt: InterruptSignal = InterruptSignal()
    ) throws(DatabaseFailure) {
        self.options = options
        connection = try PostgresConnection.open(options, name: name, interrupt: interrupt)
    }

    package convenience init(url: String) throws(DatabaseFailure) {
        try self.init(options: PostgresOptions(url: url), name: "administration")
    }

    /// Rows as text, nil for NULL.
    package func rows(_ sql: String, _ texts: [String?] = []) throws(DatabaseFailure) -> [[String?]] {
        try query(sql, texts.map { PostgresParameter.text($0) }, activity: "The query")
    }

    func query(
        _ sql: String, _ parameters: [PostgresParameter] = [], activity: String
    ) throws(DatabaseFailure) -> [[String?]] {
        do throws(CallFailure) {
            let tables = try connection.transact(
                [Statement(sql: sql, parameters: parameters)], activity: activity, timeout: options.answerTimeout)
            return tables.last?.rows ?? []
        } catch {
            throw error.failure
        }
    }

    /// One transaction of several statements in one message; the rows of each.
    func pipeline(_ statements: [Statement], activity: String) throws(DatabaseFailure) -> [[[String?]]] {
        do throws(CallFailure) {
            return try connection.transact(statements, activity: activity, timeout: options.answerTimeout).map(\.rows)
        } catch {
            throw error.failure
        }
    }

    /// Several statements, without rows.
    package func script(_ sql: String, activity: String = "The script") throws(DatabaseFailure) {
        do throws(CallFailure) {
            try connection.runScript(sql, activity: activity, timeout: options.answerTimeout)
        } catch {
            throw error.failure
        }
    }

    /// The data of one COPY … FROM STDIN (FORMAT binary).
    package func copyIn(_ sql: String, _ bytes: [UInt8]) throws(DatabaseFailure) {
        do throws(CallFailure) {
            try connection.copyIn(sql, bytes, activity: "The copy", timeout: options.answerTimeout)
        } catch {
            throw error.failure
        }
    }

    /// Everything that `body` asks happens in one transaction, or not at all.
    func transaction<Value>(_ body: () throws(DatabaseFailure) -> Value) throws(DatabaseFailure) -> Value {
        try script(
            "BEGIN; SET LOCAL client_min_messages = error; SET LOCAL lock_timeout = '60s'", activity: "The transaction")
        do throws(DatabaseFailure) {
            let value = try body()
            try script("COMMIT", activity: "The transaction")
            return value
        } catch {
            // The first failure is the one to tell; a connection that is gone has rolled back already.
            try? script("ROLLBACK", activity: "The transaction")
            throw error
        }
    }
}
