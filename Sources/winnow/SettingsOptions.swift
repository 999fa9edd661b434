// The flags that commands share: where the settings are, and the settings that are changed most often.
import ArgumentParser
import Foundation
import ServiceSettings

/// A flag beats the environment, the environment beats the file, the file beats the defaults.
struct SettingsOptions: ParsableArguments {
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

    @Option(help: ArgumentHelp("A model folder or the name of a shipped model, for all languages.", valueName: "model"))
    var model: String?

    @Option(help: ArgumentHelp("none, rules, random or learned.", valueName: "mask"))
    var mask: String?

    @Option(help: ArgumentHelp("auto, jetstream or generic.", valueName: "format"))
    var format: String?

    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var logFormat: String?

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?

    private var overrides: [SettingsOverride] {
        let given: [(value: String?, path: String, flag: String)] = [
            (brokers, "kafka.brokers", "--brokers"), (topic, "kafka.topics", "--topic"),
            (group, "kafka.group", "--group"), (database, "postgres.url", "--database"),
            (model, "model.path", "--model"), (mask, "model.mask", "--mask"), (format, "format", "--format"),
            (logFormat, "log.format", "--log-format"), (logLevel, "log.level", "--log-level"),
        ]
        return given.compactMap { flag in
            flag.value.map { SettingsOverride(path: flag.path, value: $0, flag: flag.flag) }
        }
    }

    /// - Throws: every fault of the settings.
    func load() throws(SettingsFailure) -> LoadedSettings {
        try SettingsLoader.load(
            file: config, environment: ProcessInfo.processInfo.environment, overrides: overrides)
    }

    /// The settings, or the end of the command with exit code 2 and every fault on standard error.
    func loadOrExit() throws -> LoadedSettings {
        do {
            return try load()
        } catch {
            StandardError.print(error.description)
            throw ExitCode(2)
        }
    }
}
