// `winnow maintain`: the maintenance of the tables, once, for those who would rather have cron do it.
import ArgumentParser
import PostgresDelivery
import StreamCore

struct MaintainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maintain", abstract: "Makes partitions ahead, carries purges on, drops what is too old.",
        discussion: """
            `winnow run` does the same every maintenance.interval; set that to 0s to have it done by this command or by \
            CALL winnow.maintain() alone. What is kept how long is in the settings. Safe to run at any time, beside the \
            stream and several times at once.
            """)

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.loadOrExit().settings
        let report = try DatabaseCommand.orExit {
            try DatabaseMaintenance(
                options: PostgresOptions(settings), plan: MaintenancePlan(settings.maintenance)
            ).run()
        }
        for task in report.tasks {
            print("\(task.name): \(task.isElsewhere ? "another instance is at it" : String(task.count))")
        }
        for task in report.failures {
            DatabaseCommand.tell("\(task.name): \(task.failure?.description ?? "failed").")
        }
        if !report.failures.isEmpty { throw ExitCode(1) }
    }
}
