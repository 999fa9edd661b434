// The flags of commands that only need to find Kafka, the group and the database: where the settings are, and those addresses.
import ArgumentParser
import Foundation
import ServiceSettings

/// A flag beats the environment, the environment beats the file, the file beats the defaults.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The settings file. Without it: $WINNOW_CONFIG, else winnow.yaml here, else the defaults.",
            valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Kafka brokers, HOST:PORT with commas.", valueName: "list"))
    var brokers: String?

    @Option(help: ArgumentHelp("Topics, or patterns that begin with ^, with commas.", valueName: "list"))
    var topic: String?

    @Option(help: ArgumentHelp("The consumer group.", valueName: "name"))
    var group: String?

    @Option(help: ArgumentHelp("The database, as a libpq connection string.", valueName: "url"))
    var database: String?

    static func overrides(_ given: [(value: String?, path: String, flag: String)]) -> [SettingsOverride] {
        given.compactMap { flag in flag.value.map { SettingsOverride(path: flag.path, value: $0, flag: flag.flag) } }
    }

    private var overrides: [SettingsOverride] {
        Self.overrides([
            (brokers, "kafka.brokers", "--brokers"), (topic, "kafka.topics", "--topic"),
            (group, "kafka.group", "--group"), (database, "postgres.url", "--database"),
        ])
    }

    /// - Throws: every fault of the settings.
    func load(with others: [SettingsOverride] = []) throws(SettingsFailure) -> LoadedSettings {
        try SettingsLoader.load(
            file: config, environment: ProcessInfo.processInfo.environment, overrides: overrides + others)
    }

    /// The settings, or the end of the command with exit code 2 and every fault on standard error.
    func loadOrExit(with others: [SettingsOverride] = []) throws -> LoadedSettings {
        do {
            return try load(with: others)
        } catch {
            StandardError.print(error.description)
            throw ExitCode(2)
        }
    }
}
