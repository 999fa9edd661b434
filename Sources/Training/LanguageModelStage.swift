// The masked-language stage of a training, before the heads are trained: its posts, network and run. Its files stand beside those
// of the main stage: language-model.bin, .jsonl and .svg.
internal import Foundation
internal import Tokenization

package struct LanguageModelStage {
    package static let logName = "language-model.jsonl"
    private static let checkpointName = "language-model.bin"

    let recipe: TrainingRecipe
    let stage: LanguageModelRecipe
    let data: URL
    /// Those of the whole training; the stage has its own checkpoint in the same work directory.
    let options: TrainingOptions
    let log: TrainingLog

    /// Trains the encoder in `parameters`, which are those of `network`.
    func train(
        _ parameters: FloatBlock, of network: StudentNetwork, start: StartingWeights, tokenizer: TextTokenizer,
        leakGuard: LeakGuard
    ) throws {
        let work = options.workDirectory
        let log = try log.stage(file: work?.appendingPathComponent(Self.logName))
        let posts = try HiddenPieces(
            stage, seed: recipe.seed, directory: data, tokenizer: tokenizer, leakGuard: leakGuard)
        for file in posts.files { log.note("\(file.path): \(file.read) posts, \(file.refused) left out") }
        let own = StudentNetwork(languageModel: stage, shape: start.shape)
        let ownParameters = own.startingParameters(seed: recipe.seed)
        try start.load(into: ownParameters, of: own)
        let checkpoint = work?.appendingPathComponent(Self.checkpointName)
        var options = TrainingOptions(threads: options.threads, workDirectory: work, resume: options.resume)
        options.checkpointName = Self.checkpointName
        options.resume = options.resume && checkpoint.map { FileManager.default.fileExists(atPath: $0.path) } ?? false
        let run = TrainingRun(
            recipe: recipe.languageModelStage(stage, posts: posts.count), network: own, parameters: ownParameters,
            source: posts, development: [], options: options, log: log)
        log.note("hidden pieces are guessed for \(run.totalSteps) steps")
        try run.run()
        network.takeShared(from: run.best, of: own, into: parameters)
    }
}
