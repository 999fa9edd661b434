// `winnow check`: is everything there that a run needs? Says what is wrong and what to do; changes nothing.
import ArgumentParser
import Observability
import ServiceSettings

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Checks the settings, the model, Kafka and PostgreSQL.")

    @OptionGroup var options: SettingsOptions

    @Flag(help: "Print a settings file with every key, its meaning and its default, and end.")
    var printSample = false

    @Flag(help: "Print the JSON schema of the settings file, and end.")
    var printSchema = false

    @Flag(help: "Print the catalogue of metrics as JSON, and end.")
    var printMetrics = false

    func run() async throws {
        if printSample { return print(Settings.sampleDocument, terminator: "") }
        if printSchema { return print(Settings.jsonSchema, terminator: "") }
        if printMetrics { return print(MetricCatalogue.json, terminator: "") }
        let loaded = try options.loadOrExit()
        for line in loaded.settings.summaryLines { print(line) }
    }
}
