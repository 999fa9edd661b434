// `winnow check`: is everything there that a run needs? Says what is wrong and what to do; changes nothing.
import ArgumentParser
import Observability
import ServiceSettings

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Checks the settings, the model, PostgreSQL and Kafka.",
        discussion: """
            One line for each check: ok, or FAILED and what to do. Exit code 1 when something failed, 2 when the \
            settings cannot be read.
            """)

    @OptionGroup var options: SettingsOptions

    @Flag(help: "One JSON object instead of lines.")
    var json = false

    @Flag(help: "Print all settings in force, secrets as ***.")
    var printSettings = false

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
        if printSettings { for line in loaded.settings.summaryLines { print(line) } }
        let findings = SystemCheck(loaded).findings()
        let failures = findings.filter { !$0.isWell }.count
        if json {
            let checks = findings.map(\.json).joined(separator: ",")
            print("{\"ok\":\(failures == 0),\"checks\":[\(checks)]}")
        } else {
            for finding in findings { print(finding.line) }
            if failures > 0 { StandardError.print("\(failures) of \(findings.count) checks failed.") }
        }
        if failures > 0 { throw ExitCode.failure }
    }
}
