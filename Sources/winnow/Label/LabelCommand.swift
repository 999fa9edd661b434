// `winnow label`: local models as a teacher. Posts in, one JSON object a line out, with the whole distribution of every head,
// averaged over the models. To a file it can be interrupted and goes on where it was.
import ArgumentParser
import Foundation
import ModelFiles
import Posts
import ServiceSettings
import StudentInference

struct LabelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "label", abstract: "Labels posts softly with local models, to train a smaller one.",
        discussion: """
            Each line of the input gives one line of output, in the same order, as Schemas/soft-labels.schema.json says. With \
            --output, run the same command again after an interruption: what is there is kept, and labelling goes on behind it. \
            Several models are an ensemble: their probabilities are averaged head by head, those of tags word by word.

            Example: winnow label --model models/one --model models/two --posts posts.jsonl --output labels.jsonl
            """)

    @Option(help: ArgumentHelp("JSON Lines or plain text; standard input by default.", valueName: "file"))
    var posts: String?
    @Option(help: ArgumentHelp("The file to write, or to go on with; standard output by default.", valueName: "file"))
    var output: String?
    @Option(help: ArgumentHelp("The settings file; kafka and postgres in it are not used.", valueName: "file"))
    var config: String?
    @Option(help: ArgumentHelp("A model folder, or the name of a shipped model. Repeatable: the average of all.", valueName: "folder"))
    var model: [String] = []
    @Flag(help: "Label with the heads too that models keep for comparison with published results.")
    var allHeads = false
    @Option(help: ArgumentHelp("none, rules, random or learned. A teacher reads best without: none is the default.", valueName: "mask"))
    var mask = "none"
    @Option(help: ArgumentHelp("auto, jetstream, generic, or text: a post a line.", valueName: "format"))
    var format: String?
    @Option(
        name: [.long, .customLong("workers")],
        help: ArgumentHelp("Threads that run the models; one a core by default.", valueName: "count"))
    var threads: Int?

    func run() throws {
        // A reader of our output that ends early is no reason to be killed: the write says so.
        signal(SIGPIPE, SIG_IGN)
        let models: [String?] = model.isEmpty ? [nil] : model
        var loaded: [LoadedSettings] = []
        for model in models { loaded.append(try loadSettings(model)) }
        guard let settings = loaded.first?.settings else { return }
        let ensemble: StudentEnsemble
        do throws(ModelFileFault) {
            ensemble = try Self.ensemble(loaded, withEvaluationHeads: allHeads)
        } catch {
            StandardError.print("winnow label: \(error.description)")
            throw ExitCode(2)
        }
        let isText = format == PostFormat.text.rawValue
        do throws(EnrichFailure) {
            let input = try LabelInput(path: posts)
            let target = try LabelOutput(path: output)
            let stream = LabelStream(
                ensemble: ensemble, model: mask == "none" ? ensemble.name : "\(ensemble.name), mask \(mask)",
                workers: threads ?? settings.model.workers ?? ProcessInfo.processInfo.activeProcessorCount,
                decoder: PostDecoder(format: isText ? .text : settings.format, generic: settings.generic),
                hasIdentifiers: !isText, input: input, output: target)
            try stream.run()
        } catch {
            StandardError.print("winnow label: \(error.description)")
            throw ExitCode.failure
        }
    }

    private static func ensemble(
        _ loaded: [LoadedSettings], withEvaluationHeads: Bool
    ) throws(ModelFileFault) -> StudentEnsemble {
        var members: [StudentEnsemble.Member] = []
        for settings in loaded {
            let model = try StudentComposition(settings).onlyModel()
            members.append(StudentEnsemble.Member(student: model.student, mask: model.mask))
        }
        return try StudentEnsemble(members, withEvaluationHeads: withEvaluationHeads)
    }

    private func loadSettings(_ model: String?) throws -> LoadedSettings {
        let given: [(value: String?, path: String, flag: String)] = [
            (model, "model.path", "--model"), (mask, "model.mask", "--mask"),
            (threads.map(String.init), "model.workers", "--threads"),
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
