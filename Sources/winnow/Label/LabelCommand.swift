// `winnow label`: a local model as a teacher. Posts in, one JSON object a line out, with the whole distribution of every head. To a
// file it can be interrupted and goes on where it was.
import ArgumentParser
import Foundation
import Posts
import ServiceSettings

struct LabelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "label", abstract: "Labels posts softly with a local model, to train a smaller one.",
        discussion: """
            Each line of the input gives one line of output, in the same order, as Schemas/soft-labels.schema.json says. With \
            --output, run the same command again after an interruption: what is there is kept, and labelling goes on behind it.

            Example: winnow label --model models/teacher --posts posts.jsonl --output labels.jsonl
            """)

    @Option(help: ArgumentHelp("JSON Lines or plain text; standard input by default.", valueName: "file"))
    var posts: String?
    @Option(help: ArgumentHelp("The file to write, or to go on with; standard output by default.", valueName: "file"))
    var output: String?
    @Option(help: ArgumentHelp("The settings file; kafka and postgres in it are not used.", valueName: "file"))
    var config: String?
    @Option(help: ArgumentHelp("The model folder, or the name of a shipped model.", valueName: "folder"))
    var model: String?
    @Option(help: ArgumentHelp("none, rules, random or learned. A teacher reads best without: none is the default.", valueName: "mask"))
    var mask = "none"
    @Option(help: ArgumentHelp("auto, jetstream, generic, or text: a post a line.", valueName: "format"))
    var format: String?
    @Option(help: ArgumentHelp("Threads that run the model; one a core by default.", valueName: "count"))
    var workers: Int?

    func run() throws {
        // A reader of our output that ends early is no reason to be killed: the write says so.
        signal(SIGPIPE, SIG_IGN)
        let loaded = try loadSettings()
        let students: StudentComposition
        let model: StudentComposition.Model
        do {
            students = try StudentComposition(loaded)
            model = try students.onlyModel()
        } catch {
            StandardError.print("winnow label: \(error.description)")
            throw ExitCode(2)
        }
        let isText = format == PostFormat.text.rawValue
        do throws(EnrichFailure) {
            let input = try LabelInput(path: posts)
            let target = try LabelOutput(path: output)
            let stream = LabelStream(
                model: model, workers: students.workers,
                decoder: PostDecoder(format: isText ? .text : loaded.settings.format, generic: loaded.settings.generic),
                hasIdentifiers: !isText, input: input, output: target)
            try stream.run()
        } catch {
            StandardError.print("winnow label: \(error.description)")
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
