// A made-up task on disk: texts whose mood follows from one word, and names that follow the word "mr". Small
// enough to learn in seconds.
import Foundation
import Testing
import Tokenization
import Training

struct ToyTask {
    let directory: URL
    /// nil: no mask is learned.
    var mask: MaskRecipe?
    var epochs = 6.0
    var averaging: Float?
    private let words = ["good", "bad", "so", "the", "day", "mr", "ulm", "fox", "kit", "is", "at", "here"]

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("winnow-toy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for (name, count, stream) in [("train", 400, 1 as UInt64), ("dev", 60, 2)] {
            var random = RandomSource(seed: 4, stream: stream)
            var (texts, tagged) = ("", "")
            for _ in 0..<count {
                let (text, label) = Self.moodRow(&random)
                texts += "{\"text\":\"\(text)\",\"label\":\"\(label)\"}\n"
                tagged += Self.nameRow(&random)
            }
            for (kind, content) in [("mood", texts), ("names", tagged)] {
                let folder = directory.appendingPathComponent(kind)
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try Data(content.utf8).write(to: folder.appendingPathComponent("\(name).jsonl"))
            }
        }
    }

    private static let filler = ["so", "the", "day", "is", "at", "here"]

    private static func moodRow(_ random: inout RandomSource) -> (String, String) {
        var words = (0..<Int.random(in: 3...7, using: &random)).map { _ in
            filler.randomElement(using: &random) ?? "so"
        }
        let isGood = Bool.random(using: &random)
        words.insert(isGood ? "good" : "bad", at: Int.random(in: 0...words.count, using: &random))
        return (words.joined(separator: " "), isGood ? "high" : "low")
    }

    private static func nameRow(_ random: inout RandomSource) -> String {
        var (words, tags): ([String], [String]) = ([], [])
        for _ in 0..<Int.random(in: 3...6, using: &random) {
            let named = random.unit() < 0.4
            words += named ? ["mr", ["ulm", "fox", "kit"].randomElement(using: &random) ?? "fox"] : ["day"]
            tags += named ? ["O", "B-one"] : ["O"]
        }
        func list(_ values: [String]) -> String { "[" + values.map { "\"\($0)\"" }.joined(separator: ",") + "]" }
        return "{\"tokens\":\(list(words)),\"tags\":\(list(tags))}\n"
    }

    var vocabulary: [String] { ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "@", "user", "##s"] + words }

    func recipe(seed: UInt64) -> TrainingRecipe {
        TrainingRecipe(
            name: "toy", version: "1", seed: seed, maximumTokens: 24,
            heads: [
                TaskHeadSpecification(name: "mood", kind: .classes, labels: ["low", "high"]),
                TaskHeadSpecification(name: "names", kind: .spans, labels: ["one"]),
            ],
            encoder: EncoderRates(), optimiser: AdamWSettings(),
            schedule: TrainingRecipe.Schedule(
                epochs: epochs, examplesInBatch: 16, peakRate: 5e-3, warmUpShare: 0.1, headRate: 1, dropout: 0.05,
                smoothing: 0.02, maskedShare: 0.2, measurementsInEpoch: 1, averaging: averaging),
            sources: [
                .init(
                    path: "mood/train.jsonl", lessons: [.init(head: "mood", labels: nil, weight: nil)], repeats: nil),
                .init(
                    path: "names/train.jsonl", lessons: [.init(head: "names", labels: nil, weight: 0.3)], repeats: 1),
            ],
            development: [
                .init(
                    path: "mood/dev.jsonl", lesson: .init(head: "mood", labels: nil, weight: nil),
                    metric: "macro_recall"),
                .init(
                    path: "names/dev.jsonl", lesson: .init(head: "names", labels: nil, weight: nil),
                    metric: "entity_f1"),
            ],
            unguarded: nil, abstaining: ["mood": 0.05], mask: mask)
    }

    var shape: EncoderShape {
        EncoderShape(
            vocabulary: vocabulary.count, positions: 24, tokenTypes: 2, width: 16, heads: 2, inner: 32, layers: 2,
            normEpsilon: 1e-12)
    }

    var tokenizer: TextTokenizer {
        get throws {
            .wordPiece(
                WordPieceTokenizer(
                    vocabulary: try Vocabulary(lines: Array(vocabulary.joined(separator: "\n").utf8)),
                    lowercases: true, maximumTokens: recipe(seed: 0).maximumTokens))
        }
    }

    /// Writes the run's best parameters as a model folder.
    func write(_ run: TrainingRun, _ precision: ModelFolderWriter.Precision) throws -> URL {
        let vocabularyFile = directory.appendingPathComponent("vocab.txt")
        try Data(vocabulary.joined(separator: "\n").utf8).write(to: vocabularyFile)
        var writer = ModelFolderWriter(
            recipe: recipe(seed: 21), network: run.network, vocabularyFile: vocabularyFile, tokenizer: try tokenizer)
        writer.calibration = run.calibration()
        writer.precision = precision
        let folder = directory.appendingPathComponent("model-\(precision.rawValue)")
        try writer.write(run.best, to: folder)
        return folder
    }

    /// The rows that a recipe's run reads.
    func source(_ recipe: TrainingRecipe, leakGuard: LeakGuard = .off) throws -> ExampleSource {
        try ExampleSource(recipe: recipe, directory: directory, tokenizer: tokenizer, leakGuard: leakGuard)
    }

    /// The rows are few and short, so that most texts are in both files: the guard is off.
    func run(options: TrainingOptions, seed: UInt64 = 21, recipe given: TrainingRecipe? = nil) throws -> TrainingRun {
        let recipe = given ?? recipe(seed: seed)
        let tokenizer = try tokenizer
        let network = StudentNetwork(recipe: recipe, shape: shape)
        return TrainingRun(
            recipe: recipe, network: network, parameters: network.startingParameters(seed: seed),
            source: try source(recipe),
            development: try recipe.development.map {
                try DevelopmentSet($0, recipe: recipe, directory: directory, tokenizer: tokenizer)
            },
            options: options,
            log: try TrainingLog(file: options.workDirectory?.appendingPathComponent("log.jsonl")) { _ in })
    }
}
