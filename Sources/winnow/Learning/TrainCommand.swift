// `winnow train`: from a recipe, data and first weights to a model folder; or from a file of examples with labels of one's own.
// Wires the parts of Training; the loop is there. Progress goes to standard error, the log to the work directory.
import ArgumentParser
import Evaluation
import Foundation
import ModelFiles
import Training

extension ModelFolderWriter.Precision: ExpressibleByArgument {}

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Trains a model from a recipe and labelled posts, or a head of your own from examples.",
        discussion: """
            Labels of your own: winnow train --examples posts.csv --head mood --start-from english --output my-model. The file is \
            CSV with a heading, or JSON Lines; a part of its rows, drawn by the seed, is kept to judge by. Only the head is \
            trained, in seconds or minutes, and the model keeps its other heads; --whole trains the encoder too.

            A recipe (JSON, see Deploy/training) lists heads, data files and the optimiser's numbers. Rows whose text is in a \
            dev.jsonl or test.jsonl anywhere below the data directory are left out and counted. A run is seeded: the same \
            recipe, data and weights give the same model with any number of threads, also after --resume.
            """)

    @Option(help: ArgumentHelp("Posts with labels of your own: CSV or JSON Lines.", valueName: "file"))
    var examples: String?
    @Option(help: ArgumentHelp("With --examples: the head to train; one of that name is replaced.", valueName: "name"))
    var head: String?
    @Option(help: ArgumentHelp("With --examples: the column or key of the text.", valueName: "name"))
    var textColumn = "text"
    @Option(help: ArgumentHelp("With --examples: the column or key of the label.", valueName: "name"))
    var labelColumn = "label"
    @Flag(help: "With --examples: train the encoder too; the other heads then have to be measured again.")
    var whole = false
    @Option(help: "With --examples: draws the rows to judge by.")
    var seed: UInt64 = 1
    @Option(help: ArgumentHelp("The recipe.", valueName: "file"))
    var recipe: String?
    @Option(help: ArgumentHelp("Where the recipe's data files lie.", valueName: "directory"))
    var dataDirectory: String?
    @Option(
        help: ArgumentHelp(
            "First weights: a directory with a BERT checkpoint (model.safetensors, config.json, vocab.txt) or a model folder; with "
                + "--examples a model folder or the name of a shipped model.",
            valueName: "directory"))
    var startFrom: String?
    @Option(help: ArgumentHelp("The model folder to write.", valueName: "directory"))
    var output: String?
    @Option(help: ArgumentHelp("Where checkpoint.bin, log.jsonl and curves.svg are kept.", valueName: "directory"))
    var workDirectory: String?
    @Option(
        help: ArgumentHelp(
            "Answers of a teacher, as winnow teach and winnow label write them, beside the recipe's data. Repeatable.",
            valueName: "file"))
    var teacherAnswers: [String] = []
    @Flag(help: "Draw curves.svg from the log in the work directory, and end.")
    var curvesOnly = false
    @Option(help: "Threads that share the work; at most two are used. The result does not depend on it.")
    var threads = 2
    @Option(help: "How the large matrices are stored: int8 (to ship) or float32 (to train on from).")
    var precision = ModelFolderWriter.Precision.int8
    @Option(help: ArgumentHelp("Stop after this step of the recipe's schedule and write the model.", valueName: "step"))
    var lastStep: Int?
    @Flag(help: "Go on from the checkpoint in the work directory.")
    var resume = false
    @Flag(
        help:
            "Train on rows of development and test files too. A model made this way cannot be judged by those files.")
    var keepLeaks = false

    func validate() throws {
        if threads < 1 { throw ValidationError("--threads is \(threads): it must be at least 1.") }
        if let lastStep, lastStep < 1 { throw ValidationError("--last-step is \(lastStep): it must be at least 1.") }
        if resume || curvesOnly || whole, workDirectory == nil {
            throw ValidationError("--resume, --curves-only and --whole need --work-directory.")
        }
        if curvesOnly { return }
        guard startFrom != nil, output != nil else {
            throw ValidationError("Name --start-from (first weights) and --output (the folder to write).")
        }
        if examples != nil {
            guard head != nil else { throw ValidationError("--examples needs --head with the new head's name.") }
            if recipe != nil { throw ValidationError("--examples makes its own recipe: leave out --recipe.") }
        } else if recipe == nil || dataDirectory == nil {
            throw ValidationError("Name --examples with --head, or --recipe with --data-directory.")
        }
    }

    func run() throws {
        BlasCoreRestart.ifNeeded { StandardError.print("winnow train: \($0)") }
        do {
            if curvesOnly { return try drawCurves() }
            if let examples, let head { return try trainOwn(examples, head) }
            guard let recipe, let dataDirectory, let startFrom else { return }
            var taught = try TrainingRecipe.read(URL(fileURLWithPath: recipe))
            let answers = teacherAnswers.map { TrainingRecipe.AnswerSource(path: URL(fileURLWithPath: $0).path) }
            if !answers.isEmpty { taught.answers = (taught.answers ?? []) + answers }
            try train(taught, data: URL(fileURLWithPath: dataDirectory), startFrom: startFrom)
        } catch let failure as any Error & CustomStringConvertible {
            FileHandle.standardError.write(Data("winnow train: \(failure.description)\n".utf8))
            throw ExitCode(1)
        }
    }

    private static let says: @Sendable (String) -> Void = { line in
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    private var work: URL? { workDirectory.map { URL(fileURLWithPath: $0) } }

    private func trainOwn(_ examples: String, _ head: String) throws {
        guard let startFrom, let output else { return }
        let name = modelName(output)
        let taxonomy = try OwnTaxonomy(
            head: head, examples: URL(fileURLWithPath: examples), textColumn: textColumn, labelColumn: labelColumn,
            seed: seed, threads: threads, says: Self.says)
        guard whole, let work else {
            return try taxonomy.trainHead(startFrom: startFrom, output: output, name: name)
        }
        let start = try ModelFinder().find(startFrom)
        let (recipe, data) = try taxonomy.wholeRecipe(startFrom: start, name: name, work: work)
        try train(recipe, data: data, startFrom: start, kept: try ModelFolder(path: start).configuration.heads)
    }

    /// The last part of the folder's path, as far as a model may be called that.
    private func modelName(_ output: String) -> String {
        let last = URL(fileURLWithPath: output).standardizedFileURL.lastPathComponent
        let name = String(last.unicodeScalars.prefix(64).map { scalar -> Character in
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            return isPlain || "._-".unicodeScalars.contains(scalar) ? Character(scalar) : "-"
        })
        return name.isEmpty ? "own" : name
    }

    /// `kept`: heads whose calibration holds where no development data measures them.
    private func train(
        _ recipe: TrainingRecipe, data: URL, startFrom: String, kept: [HeadSettings] = []
    ) throws {
        if let work { try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true) }
        let log = try TrainingLog(file: work?.appendingPathComponent("log.jsonl"), says: Self.says)
        var job = TrainingJob(
            recipe: recipe, data: data, startFrom: URL(fileURLWithPath: startFrom),
            options: TrainingOptions(
                threads: min(threads, TrainingRun.workerCount), workDirectory: work, resume: resume, lastStep: lastStep),
            log: log)
        job.keepsLeaks = keepLeaks
        job.keptHeads = kept
        job.precision = precision
        let result = try job.run()
        guard let output else { return }
        try result.write(to: URL(fileURLWithPath: output))
        log.note("wrote \(output)")
        if work != nil { try drawCurves() }
    }

    private func drawCurves() throws {
        guard let work else { return }
        for (log, name) in [(LanguageModelStage.logName, "language-model.svg"), ("log.jsonl", "curves.svg")] {
            let log = work.appendingPathComponent(log)
            if name != "curves.svg", !exists(log) { continue }
            let picture = work.appendingPathComponent(name)
            try TrainingCurves(log: log).picture.write(to: picture, atomically: true, encoding: .utf8)
            Self.says("drew \(picture.path)")
        }
    }

    private func exists(_ file: URL) -> Bool { FileManager.default.fileExists(atPath: file.path) }
}
