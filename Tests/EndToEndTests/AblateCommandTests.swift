// `winnow ablate` as a person runs it: killed in the middle of a run and started again it comes to the same results, and the report
// is made from them alone. The task is made up and the model is the tests' tiny one.
import Foundation
import Testing

struct AblateCommandTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("ablate-\(UUID().uuidString)")
        let words = ["hello", "world", "album", "post"]
        for (name, count) in [("train", 160), ("dev", 20), ("test", 40)] {
            let lines = (0..<count).map { number in
                let isHigh = number * 7 % 5 < 2
                let text = "\(name.prefix(1)) \(number) \(words[number % 4]) \(isHigh ? "fire" : "cafe")"
                return #"{"id":"\#(name)-\#(number)","text":"\#(text)","label":"\#(isHigh ? "high" : "low")"}"#
            }
            try write(lines.joined(separator: "\n") + "\n", "data/mood/\(name).jsonl")
        }
        let answers = (0..<40).map { number in
            let label = number * 7 % 5 < 2 ? "high" : "low"
            return #"{"id":"test-\#(number)","task":"mood","model":"large","setting":"zero_shot","label":"\#(label)"}"#
        }
        try write(answers.joined(separator: "\n"), "data/large.jsonl")
        try write(Self.recipe, "recipe.json")
        try write(plan(), "plan.json")
    }

    private func write(_ text: String, _ path: String) throws {
        let url = folder.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    private static let recipe = """
        {"name":"tiny","version":"1","seed":1,"maximumTokens":24,
         "heads":[{"name":"mood","kind":"classes","labels":["low","high"],"onlyForEvaluation":false}],
         "encoder":{"embeddings":1,"layers":1,"layerDecay":1},
         "optimiser":{"beta1":0.9,"beta2":0.999,"epsilon":1e-6,"weightDecay":0.01,"largestGradientNorm":1},
         "schedule":{"epochs":6,"examplesInBatch":8,"peakRate":0.002,"warmUpShare":0.1,"headRate":1,"dropout":0.1,"smoothing":0,
          "maskedShare":0.3,"measurementsInEpoch":1},
         "sources":[{"path":"mood/train.jsonl","lessons":[{"head":"mood"}]}],
         "development":[{"path":"mood/dev.jsonl","lesson":{"head":"mood"},"metric":"accuracy"}]}
        """

    private func plan(coreHours: Double = 1) -> String {
        """
        {"title":"Tiny","recipe":"recipe.json","startFrom":"\(WinnowProcess.tinyModel)","results":"results","subsetShare":1,"subsetSeed":5,
         "testRows":40,"noise":0.5,"coreHours":\(coreHours),"coreMinutesOfRun":2,"parts":{},
         "runs":[{"name":"one","parts":[],"mask":"none","seed":1},{"name":"two","parts":[],"mask":"rules","layers":[0],"seed":1}],
         "tests":[{"task":"mood","path":"mood/test.jsonl","metric":"macro_recall"}],
         "comparisons":[{"title":"Two against one","runs":["one","two"]}],
         "storedAnswers":{"path":"large.jsonl","tests":[{"task":"mood","path":"mood/test.jsonl","metric":"accuracy"}]}}
        """
    }

    private func ablate(_ results: String, _ more: String...) throws -> WinnowProcess {
        try WinnowProcess(
            ["ablate", "--plan", folder.appendingPathComponent("plan.json").path, "--results",
             folder.appendingPathComponent(results).path, "--work-directory", folder.appendingPathComponent("work-\(results)").path] + more)
    }

    private var data: [String] { ["--data-directory", folder.appendingPathComponent("data").path] }

    /// What a run's file says, but for what it cost.
    private func result(_ run: String, _ results: String) throws -> NSDictionary {
        let bytes = try Data(contentsOf: folder.appendingPathComponent("\(results)/\(run).json"))
        let object = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
        #expect(object["core_seconds"] != nil)
        return object.filter { $0.key != "core_seconds" } as NSDictionary
    }

    @Test func aKillInTheMiddleChangesNoResult() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let whole = try ablate("whole", data[0], data[1])
        #expect(try await whole.exitCode(within: .seconds(240)) == 0, "\(whole.output)")
        let killed = try ablate("killed", data[0], data[1])
        try await waitUntil(within: .seconds(240), "the second run's first checkpoint") {
            killed.output.contains("two: step 60/") || !killed.isRunning
        }
        killed.send(SIGKILL)
        // On a fast machine the run may end before the signal comes; a cut at a certain step is tried in AblationRunnerTests.
        let code = try await killed.exitCode(within: .seconds(60))
        #expect(code == 128 + SIGKILL || code == 0, "\(killed.output)")
        let isCut = !FileManager.default.fileExists(atPath: folder.appendingPathComponent("killed/two.json").path)
        let rest = try ablate("killed", data[0], data[1])
        #expect(try await rest.exitCode(within: .seconds(240)) == 0)
        #expect(rest.output.contains("one: finished before"), "\(rest.output)")
        #expect(rest.output.contains(isCut ? "resumed after step" : "two: finished before"), "\(rest.output)")
        for run in ["one", "two"] { #expect(try result(run, "whole") == result(run, "killed"), "\(run)") }

        // The report needs no data; with them it has the large models' rows.
        let report = try ablate("killed", "--report", data[0], data[1])
        #expect(try await report.exitCode(within: .seconds(60)) == 0, "\(report.output)")
        let page = folder.appendingPathComponent("killed/README.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        #expect(text.contains("| large | zero_shot | mood | 40 | 100.0 (100.0 to 100.0)") && text.contains("## Two against one"))
        let alone = try ablate("killed", "--report")
        #expect(try await alone.exitCode(within: .seconds(60)) == 0)
        #expect(try String(contentsOf: page, encoding: .utf8) == text)
        #expect(try String(contentsOf: folder.appendingPathComponent("killed/comparison-1.svg"), encoding: .utf8).hasPrefix("<svg"))
    }

    @Test func aBudgetThatIsTooSmallSaysWhatIsLeft() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write(plan(coreHours: 0.01), "plan.json")
        let process = try ablate("poor", data[0], data[1])
        #expect(try await process.exitCode(within: .seconds(60)) == 3)
        #expect(process.output.contains("it may take 2.0 core-minutes, 0.6 of the budget are left. Open: one, two"), "\(process.output)")
        let empty = try ablate("poor", "--report")
        #expect(try await empty.exitCode(within: .seconds(60)) == 1 && empty.output.contains("no finished run"))
        #expect(try await ablate("poor").exitCode(within: .seconds(60)) == 2)
    }
}
