// One training from files to a model: recipe, data, first weights, local teacher, run, calibration. What `winnow train` and
// `winnow ablate` have in common; arguments and reports are theirs.
package import Foundation
package import ModelFiles

package struct TrainingJob {
    package var recipe: TrainingRecipe
    /// Where the recipe's data files lie.
    package var data: URL
    /// A checkpoint's directory or a model folder.
    package var startFrom: URL
    package var options: TrainingOptions
    package var log: TrainingLog
    /// Trains on rows of development and test files too.
    package var keepsLeaks = false
    /// Heads whose calibration holds where no development data measures them.
    package var keptHeads: [HeadSettings] = []
    package var precision = ModelFolderWriter.Precision.int8

    package init(recipe: TrainingRecipe, data: URL, startFrom: URL, options: TrainingOptions, log: TrainingLog) {
        self.recipe = recipe
        self.data = data
        self.startFrom = startFrom
        self.options = options
        self.log = log
    }

    /// What came of it.
    package struct Result {
        package let parameters: FloatBlock
        package let writer: ModelFolderWriter
        /// On development data, by head and metric.
        package let development: [String: Double]
        package let steps: Int
        package let files: [ExampleSource.FileCount]

        package func write(to directory: URL) throws { try writer.write(parameters, to: directory) }
    }

    /// Blocks until the schedule's end, or `options.lastStep`.
    package func run() throws -> Result {
        let start = try StartingWeights(directory: startFrom).taking(recipe.encoder.takeLayers)
        let tokenizer = try start.tokenizer(maximumTokens: recipe.maximumTokens)
        let teacher = try localTeacher(start)
        let leakGuard = try keepsLeaks ? .off : LeakGuard(directory: data, exceptions: Set(recipe.unguarded ?? []))
        let source = try ExampleSource(recipe: recipe, directory: data, tokenizer: tokenizer, leakGuard: leakGuard)
        for file in source.files { log.note("\(file.path): \(file.read) rows, \(file.refused) left out") }
        log.note("training list: SHA-256 \(source.listHash)")
        let development = try recipe.development.map {
            try DevelopmentSet($0, recipe: recipe, directory: data, tokenizer: tokenizer)
        }
        let network = StudentNetwork(recipe: recipe, shape: start.shape, teacher: teacher)
        let parameters = network.startingParameters(seed: recipe.seed)
        try start.load(into: parameters, of: network)
        var options = options
        if let stage = recipe.languageModel {
            // A run that was stopped before its first own checkpoint goes on in the stage before it.
            options.resume = options.resume && isInWork(options.checkpointName)
            if !options.resume {
                try LanguageModelStage(recipe: recipe, stage: stage, data: data, options: self.options, log: log).train(
                    parameters, of: network, start: start, tokenizer: tokenizer, leakGuard: leakGuard)
            }
        }
        let run = TrainingRun(
            recipe: recipe, network: network, parameters: parameters, source: source, development: development,
            options: options, log: log)
        log.note("\(network.table.count) parameters, \(run.totalSteps) steps")
        try run.run()
        run.fitSpanBiases()
        var writer = ModelFolderWriter(
            recipe: recipe, network: network, vocabularyFile: start.vocabularyFile, tokenizer: tokenizer)
        for head in keptHeads {
            writer.calibration[head.name] = ModelFolderWriter.Calibration(
                temperature: head.temperature, abstainThreshold: head.abstainThreshold)
        }
        writer.calibration.merge(run.calibration()) { $1 }
        writer.precision = precision
        return Result(
            parameters: run.best, writer: writer, development: run.bestMeasurements, steps: run.totalSteps,
            files: source.files)
    }

    private func isInWork(_ name: String) -> Bool {
        options.workDirectory.map { FileManager.default.fileExists(atPath: $0.appendingPathComponent(name).path) } ?? false
    }

    private func localTeacher(_ start: StartingWeights) throws -> LocalTeacher? {
        guard let teacher = recipe.teacher else { return nil }
        let folder = try Self.folder(of: teacher, data: data)
        let found = try LocalTeacher(
            teacher, directory: folder, for: start, heads: recipe.heads, maximumTokens: recipe.maximumTokens)
        log.note("taught by \(folder.path)")
        return found
    }

    /// Where the teacher's model is: below the data directory, absolute, or shipped.
    package static func folder(of teacher: TeacherRecipe, data: URL) throws -> URL {
        let inData = data.appendingPathComponent(teacher.model)
        if FileManager.default.fileExists(atPath: inData.appendingPathComponent("config.json").path) { return inData }
        return URL(fileURLWithPath: try ModelFinder().find(teacher.model))
    }
}
