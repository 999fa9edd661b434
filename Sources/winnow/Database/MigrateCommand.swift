// `winnow migrate`: creates or upgrades the schema. Safe to run at any time and several times at once.
import ArgumentParser
import PostgresDelivery

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Creates or upgrades the schema in PostgreSQL.",
        discussion: "`winnow run` does the same at its start. Safe to run at any time, and several times at once.")

    @OptionGroup var options: ConnectionOptions

    func run() async throws {
        let settings = try options.loadOrExit().settings
        let applied = try DatabaseCommand.orExit {
            try MigrationRunner(options: PostgresOptions(settings)).run()
        }
        for name in applied { print("applied \(name)") }
        print(applied.isEmpty ? "The schema is up to date." : "The schema is now up to date.")
    }
}
