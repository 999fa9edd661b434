// `train` with a stage of masked-language training, as a person runs it: it writes its log and picture, and a run that was stopped
// between the stages goes on to the same model.
import Foundation
import Testing

struct LanguageModelCommandTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("winnow-guess-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private let recipe = """
        {"name": "guess", "version": "1", "seed": 3, "maximumTokens": 32,
         "heads": [{"name": "mood", "kind": "classes", "labels": ["calm", "tense"], "onlyForEvaluation": false}],
         "encoder": {"embeddings": 1, "layerDecay": 1, "layers": 1},
         "optimiser": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-6, "weightDecay": 0.01, "largestGradientNorm": 1},
         "schedule": {"epochs": 1, "examplesInBatch": 8, "peakRate": 1e-3, "warmUpShare": 0.1, "headRate": 1, "dropout": 0.1,
                      "smoothing": 0, "maskedShare": 0, "measurementsInEpoch": 1},
         "sources": [{"path": "mood.jsonl", "lessons": [{"head": "mood"}]}], "development": [],
         "languageModel": {"files": ["feed.jsonl"], "hiddenShare": 0.15, "steps": 6, "examplesInBatch": 8, "peakRate": 1e-3,
                           "warmUpShare": 0.2, "dropout": 0.1, "encoder": {"embeddings": 0, "layerDecay": 1, "layers": 1}}}
        """

    private func train(output: String, work: String, _ more: String...) async throws -> String {
        let process = try WinnowProcess(
            [
                "train", "--recipe", path("recipe.json"), "--data-directory", path("data"), "--start-from",
                WinnowProcess.tinyModel, "--output", path(output), "--work-directory", path(work), "--precision", "float32",
            ] + more)
        try #require(try await process.exitCode(within: .seconds(120)) == 0, "\(process.output)")
        return process.output
    }

    @Test func aStoppedRunGoesOnToTheSameModel() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(atPath: path("data"), withIntermediateDirectories: true)
        let labelled = (0..<40).map { "{\"text\":\"post \($0) is here\",\"label\":\"\($0 % 2 == 0 ? "calm" : "tense")\"}\n" }
        let feed = (0..<60).map { "{\"text\":\"a day like number \($0), and so on\"}\n" }
        try Data(labelled.joined().utf8).write(to: folder.appendingPathComponent("data/mood.jsonl"))
        try Data(feed.joined().utf8).write(to: folder.appendingPathComponent("data/feed.jsonl"))
        try Data(recipe.utf8).write(to: folder.appendingPathComponent("recipe.json"))

        let whole = try await train(output: "whole", work: "work")
        #expect(whole.contains("hidden pieces are guessed for 6 steps") && whole.contains("feed.jsonl: 60 posts"))
        for name in ["language-model.jsonl", "language-model.svg", "log.jsonl", "curves.svg"] {
            #expect(FileManager.default.fileExists(atPath: path("work/\(name)")), "\(name)")
        }
        let model = try Data(contentsOf: folder.appendingPathComponent("whole/model.safetensors"))
        // As after a stop between the stages.
        try FileManager.default.removeItem(atPath: path("work/checkpoint.bin"))
        let rest = try await train(output: "rest", work: "work", "--resume")
        #expect(rest.contains("resumed after step 6"))
        #expect(try Data(contentsOf: folder.appendingPathComponent("rest/model.safetensors")) == model)
        // And after one at the very end.
        let again = try await train(output: "again", work: "work", "--resume")
        #expect(again.contains("resumed after step 5") && !again.contains("hidden pieces are guessed"))
        #expect(try Data(contentsOf: folder.appendingPathComponent("again/model.safetensors")) == model)
    }

    /// Runs of real noise are a third family beside the two that are generated, in one picture.
    @Test func oneSweepDrawsAllFamiliesOfNoise() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let rows = (0..<6).map { "{\"text\":\"post \($0) is so good\",\"label\":\"\($0 % 2 == 0 ? "positive" : "negative")\"}\n" }
        let feed = "{\"text\":\"@one @two #three https://lnk.example/4\"}\n{\"text\":\"a post with words\"}\n"
        try Data(rows.joined().utf8).write(to: folder.appendingPathComponent("rows.jsonl"))
        try Data(feed.utf8).write(to: folder.appendingPathComponent("feed.jsonl"))
        let process = try WinnowProcess([
            "evaluate", "--task", "sentiment", "--data", path("rows.jsonl"), "--model", WinnowProcess.tinyModel, "--noise", "0,0.5",
            "--noise-from", path("feed.jsonl"), "--picture", path("noise.svg"),
        ])
        try #require(try await process.exitCode(within: .seconds(120)) == 0, "\(process.output)")
        let picture = try String(contentsOfFile: path("noise.svg"), encoding: .utf8)
        for family in ["unseen", "known", "real"] {
            #expect(picture.contains("\(family) noise") && process.output.contains("\(family) noise"))
        }
    }
}
