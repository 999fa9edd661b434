// `winnow enrich`: posts from standard input, one JSON result a line to standard output. No Kafka, no PostgreSQL.
import ArgumentParser
import Foundation
import Posts
import ServiceSettings
import StudentInference

struct EnrichCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrich", abstract: "Reads posts from standard input, writes one JSON result a line.",
        discussion: """
            Lines end with 0x0A. Each gives exactly one line of output, in the same order: a result, \
            {"skipped":REASON,"line":N} for an event that is no post, or {"error":{"code","message"},"line":N} for a line \
            that cannot be read; a page or a listing gives a list of these in its one line. Positions and lengths count Unicode code points of the text in the result.

            Example: echo 'what a lovely day in Lisbon' | winnow enrich --format text
            """)

    @Option(help: ArgumentHelp("The settings file; kafka and postgres in it are not used.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("A model folder or the name of a shipped model, for all languages.", valueName: "model"))
    var model: String?

    @Option(help: ArgumentHelp("none, rules, random or learned.", valueName: "mask"))
    var mask: String?

    @Option(help: ArgumentHelp("auto, jetstream, x2, x1, mastodon, reddit, generic, or text: a post a line.", valueName: "format"))
    var format: String?

    @Option(help: ArgumentHelp("Threads that run the student; one a core by default.", valueName: "count"))
    var workers: Int?

    @Flag(help: "End with exit code 1 when a line could not be read.")
    var strict = false

    func run() throws {
        let loaded = try loadSettings()
        let settings = loaded.settings
        let model: StudentComposition
        do {
            model = try StudentComposition(loaded)
        } catch {
            StandardError.print(error.description)
            throw ExitCode(2)
        }
        for notice in model.notices { StandardError.print(notice) }
        // A reader of our output that ends early is no reason to be killed: the write says so.
        signal(SIGPIPE, SIG_IGN)
        let isText = format == PostFormat.text.rawValue
        let stream = EnrichStream(
            students: model.routes,
            decoder: PostDecoder(
                format: isText ? .text : settings.format, generic: settings.generic, mastodon: settings.mastodon),
            hasIdentifiers: !isText, workers: model.workers)
        do {
            let errors = try stream.run()
            if strict && errors > 0 { throw ExitCode.failure }
        } catch let failure as EnrichFailure {
            StandardError.print(failure.description)
            throw ExitCode.failure
        }
    }

    private func loadSettings() throws -> LoadedSettings {
        let given: [(value: String?, path: String, flag: String)] = [
            (model, "model.path", "--model"), (mask, "model.mask", "--mask"),
            (workers.map(String.init), "model.workers", "--workers"),
            (format == PostFormat.text.rawValue ? nil : format, "format", "--format"),
        ]
        let overrides = given.compactMap { flag in
            flag.value.map { SettingsOverride(path: flag.path, value: $0, flag: flag.flag) }
        }
        do {
            return try SettingsLoader.load(
                file: config, environment: ProcessInfo.processInfo.environment, overrides: overrides)
        } catch {
            StandardError.print(error.description)
            throw ExitCode(2)
        }
    }
}
