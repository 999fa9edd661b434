// The flags of commands that run the stream or look at all of it: connections, and the settings that are changed most often.
import ArgumentParser
import ServiceSettings

struct SettingsOptions: ParsableArguments {
    @OptionGroup var connection: ConnectionOptions

    @Option(help: ArgumentHelp("A model folder or the name of a shipped model, for all languages.", valueName: "model"))
    var model: String?

    @Option(help: ArgumentHelp("none, rules, random or learned.", valueName: "mask"))
    var mask: String?

    @Option(help: ArgumentHelp("auto, jetstream, x2, x1, mastodon, reddit or generic.", valueName: "format"))
    var format: String?

    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var logFormat: String?

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?

    private var overrides: [SettingsOverride] {
        ConnectionOptions.overrides([
            (model, "model.path", "--model"), (mask, "model.mask", "--mask"), (format, "format", "--format"),
            (logFormat, "log.format", "--log-format"), (logLevel, "log.level", "--log-level"),
        ])
    }

    /// - Throws: every fault of the settings.
    func load() throws(SettingsFailure) -> LoadedSettings { try connection.load(with: overrides) }

    /// The settings, or the end of the command with exit code 2 and every fault on standard error.
    func loadOrExit() throws -> LoadedSettings { try connection.loadOrExit(with: overrides) }
}
