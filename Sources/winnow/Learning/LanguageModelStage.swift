// The masked-language stage of `winnow train`, before the heads are trained: wires its posts, network and run. Its files stand
// beside those of the main stage: language-model.bin, .jsonl and .svg.
import Foundation
import Tokenization
import Training

struct LanguageModelStage {
    let recipe: TrainingRecipe
    let stage: LanguageModelRecipe
    let data: URL
    let work: URL?
    let threads: Int
    let says: @Sendable (String) -> Void

    static let logName = "language-model.jsonl"

    /// Trains the encoder in `parameters`, which are those of `network`.
    func train(
        _ parameters: FloatBlock, of network: StudentNetwork, start: StartingWeights, tokenizer: TextTokenizer,
        leakGuard: LeakGuard, resume: Bool
    ) throws {
        let log = try TrainingLog(file: work?.appendingPathComponent(Self.logName), says: says)
        let posts = try HiddenPieces(
            stage, seed: recipe.seed, directory: data, tokenizer: tokenizer, leakGuard: leakGuard)
        for file in posts.files { log.note("\(file.path): \(file.read) posts, \(file.refused) left out") }
        let own = StudentNetwork(languageModel: stage, shape: start.shape)
        let ownParameters = own.startingParameters(seed: recipe.seed)
        try start.load(into: ownParameters, of: own)
        var options = TrainingOptions(threads: threads, workDirectory: work, resume: resume)
        options.checkpointName = "language-model.bin"
        let run = TrainingRun(
            recipe: recipe.languageModelStage(stage, posts: posts.count), network: own, parameters: ownParameters,
            source: posts, development: [], options: options, log: log)
        log.note("hidden pieces are guessed for \(run.totalSteps) steps")
        try run.run()
        network.takeShared(from: run.best, of: own, into: parameters)
    }
}
