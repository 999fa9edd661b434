// Turns what PostgreSQL says into a `DatabaseFailure`: the one place that knows SQLSTATE classes.
// libpq's messages quote row data, so no message of the server's passes through here.
package import StreamCore

package enum PostgresFailure {
    /// What the server's error fields say that is safe to repeat.
    package struct Fields: Sendable {
        package var sqlState: String
        package var constraint: String?
        package var table: String?
        package init(sqlState: String, constraint: String? = nil, table: String? = nil) {
            self.sqlState = sqlState
            self.constraint = constraint
            self.table = table
        }
    }

    private static let waitClasses: Set<String> = ["08", "53", "57", "58", "40"]
    private static let dataClasses: Set<String> = ["22", "23", "54"]
    private static let waitCodes: Set<String> = ["55P03", "25006", "25P02", "25P03"]
    private static let checkViolation = "23514"

    package static func classify(_ fields: Fields) -> DatabaseFailure.Class {
        // A row without a partition is reported as a check violation of the table, of no named constraint.
        if isMissingPartition(fields) { return .wait }
        if waitCodes.contains(fields.sqlState) { return .wait }
        let prefix = String(fields.sqlState.prefix(2))
        if waitClasses.contains(prefix) { return .wait }
        return dataClasses.contains(prefix) ? .data : .unknown
    }

    package static func isMissingPartition(_ fields: Fields) -> Bool {
        fields.sqlState == checkViolation && (fields.constraint ?? "").isEmpty
    }

    /// - Parameter activity: what was being done, such as "The delivery".
    package static func failure(_ fields: Fields, activity: String) -> DatabaseFailure {
        var detail = "\(activity) was refused by PostgreSQL"
        if isMissingPartition(fields) {
            detail += ": a partition is missing and will be made"
        } else if let meaning = meanings[fields.sqlState] {
            detail += ": \(meaning)"
        }
        if let constraint = fields.constraint, !constraint.isEmpty { detail += ", constraint \(constraint)" }
        if let table = fields.table, !table.isEmpty { detail += ", table \(table)" }
        return DatabaseFailure(failureClass: classify(fields), sqlState: fields.sqlState, detail: detail)
    }

    /// No answer: the network, a deadline, or an interruption. Always worth another try.
    package static func unreachable(_ detail: String) -> DatabaseFailure {
        DatabaseFailure(failureClass: .wait, sqlState: "", detail: detail)
    }

    static let interrupted = unreachable("The call to PostgreSQL was broken off, because Winnow is stopping")

    private static let meanings: [String: String] = [
        "25006": "the server is read-only",
        "28P01": "the password is wrong",
        "3D000": "the database does not exist",
        "3F000": "the schema does not exist; run `winnow migrate`",
        "40001": "it collided with another transaction",
        "40P01": "it waited in a circle with another transaction",
        "42501": "the role lacks a right; grant it on schema winnow",
        "42883": "a function is missing; run `winnow migrate`",
        "42P01": "a table is missing; run `winnow migrate`",
        "53100": "the disk is full",
        "53200": "the server is out of memory",
        "53300": "the server has too many connections",
        "55P03": "another transaction held a lock for too long",
        "57014": "it ran past the statement timeout or was cancelled",
        "57P01": "the server is shutting down",
        "57P02": "the server is restarting after a crash",
        "57P03": "the server is starting up or shutting down",
    ]
}
