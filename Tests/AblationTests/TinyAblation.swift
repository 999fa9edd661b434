// A made-up task and a plan for it on disk, small enough that a run takes a second: texts whose mood follows from one word, read by
// the tests' tiny model. Nothing is learned well; what counts is that runs are the same each time.
import Ablation
import Foundation
import Training

struct TinyAblation {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("ablation-\(UUID().uuidString)")
        var random = RandomSource(seed: 3)
        for (name, count) in [("train", 96), ("extra", 48), ("dev", 24), ("test", 40)] {
            var lines = ""
            for number in 0..<count {
                let isHigh = Bool.random(using: &random)
                let filler = (0..<3).map { _ in ["hello", "world", "album", "post"].randomElement(using: &random) ?? "the" }
                lines += #"{"text":"\#(name.prefix(1)) \#(number) \#(filler.joined(separator: " ")) \#(isHigh ? "fire" : "cafe")","#
                    + #""label":"\#(isHigh ? "high" : "low")"}"# + "\n"
            }
            // The guard leaves out texts of dev and test files: these differ by their numbers.
            try write(lines, "data/mood/\(name).jsonl")
        }
        try write(Self.recipe(model: Self.tinyModel), "plan/recipe.json")
        try write(plan(), "plan/plan.json")
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    static var tinyModel: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("StudentInferenceTests/Fixtures/tiny").path
    }

    var planFile: URL { folder.appendingPathComponent("plan/plan.json") }
    var data: URL { folder.appendingPathComponent("data") }

    func write(_ text: String, _ path: String) throws {
        let url = folder.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    private static func recipe(model: String) -> String {
        """
        {"name":"tiny","version":"1","seed":1,"maximumTokens":24,
         "heads":[{"name":"mood","kind":"classes","labels":["low","high"],"onlyForEvaluation":false}],
         "encoder":{"embeddings":1,"layers":1,"layerDecay":1},
         "optimiser":{"beta1":0.9,"beta2":0.999,"epsilon":1e-6,"weightDecay":0.01,"largestGradientNorm":1},
         "schedule":{"epochs":12,"examplesInBatch":8,"peakRate":0.002,"warmUpShare":0.1,"headRate":1,"dropout":0.1,"smoothing":0,
          "maskedShare":0.3,"measurementsInEpoch":1},
         "sources":[{"path":"mood/train.jsonl","lessons":[{"head":"mood"}]},{"path":"mood/extra.jsonl","lessons":[{"head":"mood"}]}],
         "development":[{"path":"mood/dev.jsonl","lesson":{"head":"mood"},"metric":"accuracy"}],
         "mask":{"method":"hard_concrete","hidden":4,"rate":2,"gatedShare":0.5,"keptShare":0.8,"budgetWeight":1,"noiseShare":0.3,
          "entityWeight":1,"noiseWeight":1,"rationaleWeight":0.5,"threshold":0.3}}
        """
    }

    /// Two runs: without and with the second file, the local teacher and the learned mask.
    func plan(coreHours: Double = 1, testRows: Int = 30) -> String {
        """
        {"title":"A tiny ablation","recipe":"recipe.json","startFrom":"\(Self.tinyModel)","results":"../results","subsetShare":0.8,
         "subsetSeed":5,"testRows":\(testRows),"noise":0.5,"coreHours":\(coreHours),"coreMinutesOfRun":2,
         "parts":{"gold":{"sources":["mood/train.jsonl"]},"more":{"sources":["mood/extra.jsonl"]},
          "teacher":{"teacher":{"model":"\(Self.tinyModel)","hidden":{"measure":"mse","weight":1,"layers":[{"student":1,"teacher":2}]},
           "posts":[{"path":"mood/extra.jsonl"}]}}},
         "runs":[{"name":"gold","parts":["gold"],"mask":"none","seed":1},
          {"name":"gold-more","parts":["gold","more","teacher"],"mask":"learned","layers":[1],"seed":2}],
         "tests":[{"task":"mood","path":"mood/test.jsonl","metric":"macro_recall"}],
         "comparisons":[{"title":"More data","runs":["gold","gold-more"]}]}
        """
    }

    func runner(results: String = "results", work: String = "work") throws -> AblationRunner {
        AblationRunner(
            plan: try AblationPlan.read(planFile), planFile: planFile, data: data, results: folder.appendingPathComponent(results),
            work: folder.appendingPathComponent(work), threads: 1, program: "test", says: { _ in })
    }
}
