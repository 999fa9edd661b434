// `winnow train`: from a recipe, data and first weights to a model folder. Wires the parts of Training; the loop
// is there. Progress goes to standard error, the log to the work directory.
import ArgumentParser
import Evaluation
import Foundation
import Training

extension ModelFolderWriter.Precision: ExpressibleByArgument {}

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Trains a model from a recipe and labelled posts.",
        discussion: """
            The recipe (JSON, see Deploy/training) lists heads, data files and the optimiser's numbers. Rows whose text is in a \
            dev.jsonl or test.jsonl anywhere below the data directory are left out and counted. A run is seeded: the same \
            recipe, data and weights give the same model with any number of threads, also after --resume.
            """)

    @Option(help: ArgumentHelp("The recipe.", valueName: "file"))
    var recipe: String
    @Option(help: ArgumentHelp("Where the recipe's data files lie.", valueName: "directory"))
    var dataDirectory: String
    @Option(
        help: ArgumentHelp(
            "First weights: a directory with a BERT checkpoint (model.safetensors, config.json, vocab.txt) or a model folder.",
            valueName: "directory"))
    var startFrom: String
    @Option(help: ArgumentHelp("The model folder to write.", valueName: "directory"))
    var output: String
    @Option(help: ArgumentHelp("Where checkpoint.bin and log.jsonl are kept.", valueName: "directory"))
    var workDirectory: String?
    @Option(
        help: ArgumentHelp(
            "Answers of a teacher, as winnow teach and winnow label write them, beside the recipe's data. Repeatable.",
            valueName: "file"))
    var teacherAnswers: [String] = []
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
        if resume, workDirectory == nil {
            throw ValidationError("--resume needs --work-directory with the checkpoint.")
        }
    }

    func run() throws {
        BlasCoreRestart.ifNeeded { StandardError.print("winnow train: \($0)") }
        do {
            try train()
        } catch let failure as any Error & CustomStringConvertible {
            FileHandle.standardError.write(Data("winnow train: \(failure.description)\n".utf8))
            throw ExitCode(1)
        }
    }

    private func train() throws {
        let data = URL(fileURLWithPath: dataDirectory)
        var recipe = try TrainingRecipe.read(URL(fileURLWithPath: recipe))
        let answers = teacherAnswers.map { TrainingRecipe.AnswerSource(path: URL(fileURLWithPath: $0).path) }
        if !answers.isEmpty { recipe.answers = (recipe.answers ?? []) + answers }
        let work = workDirectory.map { URL(fileURLWithPath: $0) }
        if let work { try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true) }
        let log = try TrainingLog(file: work?.appendingPathComponent("log.jsonl")) { line in
            FileHandle.standardError.write(Data((line + "\n").utf8))
        }
        let start = try StartingWeights(directory: URL(fileURLWithPath: startFrom))
        let tokenizer = try start.tokenizer(maximumTokens: recipe.maximumTokens)
        let source = try ExampleSource(
            recipe: recipe, directory: data, tokenizer: tokenizer,
            leakGuard: keepLeaks ? .off : LeakGuard(directory: data, exceptions: Set(recipe.unguarded ?? [])))
        for file in source.files { log.note("\(file.path): \(file.read) rows, \(file.refused) left out") }
        let development = try recipe.development.map {
            try DevelopmentSet($0, recipe: recipe, directory: data, tokenizer: tokenizer)
        }
        let network = StudentNetwork(recipe: recipe, shape: start.shape)
        let parameters = network.startingParameters(seed: recipe.seed)
        try start.load(into: parameters, of: network)
        let run = TrainingRun(
            recipe: recipe, network: network, parameters: parameters, source: source, development: development,
            options: TrainingOptions(
                threads: min(threads, TrainingRun.workerCount), workDirectory: work, resume: resume,
                lastStep: lastStep),
            log: log)
        log.note("\(network.table.count) parameters, \(run.totalSteps) steps")
        try run.run()
        run.fitSpanBiases()
        var writer = ModelFolderWriter(
            recipe: recipe, network: network, vocabularyFile: start.vocabularyFile, tokenizer: tokenizer)
        writer.calibration = run.calibration()
        writer.precision = precision
        try writer.write(run.best, to: URL(fileURLWithPath: output))
        log.note("wrote \(output)")
    }
}
