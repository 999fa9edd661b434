// The maintenance of the tables, piece by piece: partitions made ahead, purges carried on, retention, counts of closed days.
// Used by one thread, on a connection of its own for each run. Decides nothing: every piece is a function of the schema, one
// short transaction under an advisory lock, so that of several instances one does it at a time.
package import StreamCore

package struct MaintenancePlan: Sendable, Equatable {
    /// Partitions that are made ahead.
    package var weeksAhead = 4
    /// Age at which whole weeks of posts go, with all that belongs to them; nil: never.
    package var keepPosts: Duration?
    package var keepDeadLetters: Duration?
    /// Has to be longer than the longest replay.
    package var keepTombstones: Duration?
    /// A day is closed when it had no new post for this long.
    package var quiet = Duration.seconds(60)
    /// Posts, keys or letters that one transaction takes.
    package var pieceSize: Int32 = 5_000

    package init() {}
}

package struct MaintenanceReport: Sendable {
    package struct Task: Sendable {
        package let name: String
        /// What was done, in the unit of the task; 0 where there was nothing to do.
        package var count = 0
        /// Why it ended early. The other tasks are done all the same.
        package var failure: DatabaseFailure?
        /// Another instance was at it.
        package var isElsewhere = false
    }

    package fileprivate(set) var tasks: [Task] = []
    package var failures: [Task] { tasks.filter { $0.failure != nil } }
}

package final class DatabaseMaintenance: Sendable {
    private let options: PostgresOptions
    private let plan: MaintenancePlan
    private let interrupt = InterruptSignal()

    package init(options: PostgresOptions, plan: MaintenancePlan) {
        var patient = options
        // Whatever the stream holds, the maintenance gives way to: it is tried again with the next run.
        patient.lockTimeout = .seconds(1)
        // Counting a day of a big feed is one statement.
        patient.statementTimeout = max(options.statementTimeout, .seconds(600))
        self.options = patient
        self.plan = plan
    }

    /// Breaks off what runs, for good; callable from any thread. What is half done is rolled back, and done by the next run.
    package func stop() { interrupt.raise() }

    /// Every task until it has nothing left to do. Throws only where there is no connection or no schema of this version.
    package func run() throws(DatabaseFailure) -> MaintenanceReport {
        let connection = try PostgresConnection.open(options, name: "maintenance", interrupt: interrupt)
        var report = MaintenanceReport()
        for name in try tasks(connection) {
            var task = MaintenanceReport.Task(name: name)
            do throws(CallFailure) {
                while case let done = try step(name, connection), done != 0 {
                    task.isElsewhere = done < 0
                    if task.isElsewhere { break }
                    task.count += done
                }
            } catch {
                task.failure = error.failure
                report.tasks.append(task)
                if error.isConnectionLost { throw error.failure }
                continue
            }
            report.tasks.append(task)
        }
        return report
    }

    private func tasks(_ connection: borrowing PostgresConnection) throws(DatabaseFailure) -> [String] {
        do throws(CallFailure) {
            let tables = try connection.transact(
                [Statement(sql: "SELECT unnest(winnow.maintenance_tasks())")], activity: "Reading the maintenance's tasks",
                timeout: options.answerTimeout)
            return (tables.last?.rows ?? []).compactMap { $0.first ?? nil }
        } catch {
            throw error.failure
        }
    }

    private func step(_ task: String, _ connection: borrowing PostgresConnection) throws(CallFailure) -> Int {
        func interval(_ duration: Duration?) -> PostgresParameter {
            .text(duration.map { "\($0.wholeMilliseconds) milliseconds" })
        }
        let statement = Statement(
            sql: """
                SELECT winnow.maintenance_step_v1($1, $2, CAST($3 AS interval), CAST($4 AS interval), \
                CAST($5 AS interval), CAST($6 AS interval), $7)
                """,
            parameters: [
                .text(task), .integer(Int32(plan.weeksAhead)), interval(plan.keepPosts), interval(plan.keepDeadLetters),
                interval(plan.keepTombstones), interval(plan.quiet), .integer(plan.pieceSize),
            ])
        let tables = try connection.transact(
            [TransactionTimeouts.statement(options), statement], activity: "Maintenance (\(task))",
            timeout: options.answerTimeout)
        return (tables.last?.rows.first?.first ?? nil).flatMap { Int($0) } ?? 0
    }
}
