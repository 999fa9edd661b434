// Runs are the same each time, finished ones are not made again, another recipe's are refused, and the budget is kept. A kill in
// the middle is tried on the real program in EndToEndTests.
import Ablation
import Evaluation
import Foundation
import Testing
import Training

@Suite(.serialized) struct AblationRunnerTests {
    @Test func finishedRunsAreKeptAndNotMadeAgain() throws {
        let tiny = try TinyAblation()
        defer { tiny.remove() }
        #expect(try tiny.runner().run() == .complete)
        let results = tiny.folder.appendingPathComponent("results")
        let gold = try #require(try AblationResult.read("gold", in: results))
        let more = try #require(try AblationResult.read("gold-more", in: results))
        #expect(gold.tests.map(\.noise) == [0, 0.5])
        #expect(gold.tests.allSatisfy { $0.rows.truths.count == 30 && $0.interval.count == 2 })
        #expect(gold.teacherHash == nil && more.teacherHash == more.startHash && more.teacherHash?.count == 64)
        #expect(gold.data.first?.path == "mood/train.jsonl" && (60...96).contains(gold.data.first?.rows ?? 0))
        #expect(gold.coreSeconds > 0 && gold.development["mood accuracy"] != nil && gold.machine.cores > 0)
        // The figures follow from the kept rows.
        for test in gold.tests + more.tests {
            #expect(abs((test.rows.answers?.metric(test.metric) ?? -1) - test.value) < 1e-12)
        }
        let written = try Data(contentsOf: AblationResult.file("gold", in: results))
        #expect(try tiny.runner().run() == .complete)
        #expect(try Data(contentsOf: AblationResult.file("gold", in: results)) == written)
        try FileManager.default.removeItem(at: AblationResult.file("gold", in: results))
        #expect(try tiny.runner(work: "other").run(only: ["gold"]) == .complete)
        let again = try #require(try AblationResult.read("gold", in: results))
        #expect(again.tests == gold.tests && again.development == gold.development && again.model == gold.model)
        let changed = try String(contentsOf: tiny.planFile, encoding: .utf8)
            .replacingOccurrences(of: #""subsetSeed":5"#, with: #""subsetSeed":6"#)
        try tiny.write(changed, "plan/plan.json")
        let failure = #expect(throws: TrainingFailure.self) { try tiny.runner().run() }
        #expect(failure?.description.contains("another recipe") == true)
    }

    /// As a kill behind step 33 leaves it.
    @Test func anInterruptedRunComesToTheSameResult() throws {
        let tiny = try TinyAblation()
        defer { tiny.remove() }
        let file = tiny.planFile.deletingLastPathComponent().appendingPathComponent("recipe.json")
        // Measured at every step, so that the step at which the run is cut is measured in the whole run too.
        try tiny.write(
            try String(contentsOf: file, encoding: .utf8)
                .replacingOccurrences(of: #""measurementsInEpoch":1"#, with: #""measurementsInEpoch":9999"#)
                .replacingOccurrences(of: #""epochs":12"#, with: #""epochs":3"#), "plan/recipe.json")
        #expect(try tiny.runner(results: "whole").run(only: ["gold-more"]) == .complete)
        let plan = try AblationPlan.read(tiny.planFile)
        let recipe = try plan.recipe(for: plan.runs[1], base: try TrainingRecipe.read(file))
        let work = tiny.folder.appendingPathComponent("cut/gold-more")
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        let half = try TrainingJob(
            recipe: recipe, data: tiny.data, startFrom: URL(fileURLWithPath: TinyAblation.tinyModel),
            options: TrainingOptions(threads: 1, workDirectory: work, lastStep: 33), log: try TrainingLog(file: nil) { _ in }
        ).run()
        #expect(half.steps > 40)
        #expect(try tiny.runner(results: "rest", work: "cut").run(only: ["gold-more"]) == .complete)
        let results = try ["whole", "rest"].map {
            try #require(try AblationResult.read("gold-more", in: tiny.folder.appendingPathComponent($0)))
        }
        #expect(results[0].tests == results[1].tests && results[0].development == results[1].development)
        #expect(results[0].model == results[1].model && results[0].recipeHash == results[1].recipeHash)
        #expect(!FileManager.default.fileExists(atPath: work.appendingPathComponent("checkpoint.bin").path))
    }

    @Test func noRunBeginsThatMayPassTheBudget() throws {
        let tiny = try TinyAblation()
        defer { tiny.remove() }
        // Three core-minutes are enough for one run of up to two, not for two.
        try tiny.write(tiny.plan(coreHours: 0.05), "plan/plan.json")
        #expect(try tiny.runner().run(only: ["gold"]) == .complete)
        let used = try tiny.runner().spent()
        #expect(used > 0 && used < 60)
        try tiny.write(tiny.plan(coreHours: (used + 60) / 3600), "plan/plan.json")
        #expect(try tiny.runner().run() == .budgetSpent(left: ["gold-more"]))
        let results = tiny.folder.appendingPathComponent("results")
        #expect(try AblationResult.read("gold-more", in: results) == nil)
        // What an interrupted run used is counted: it needs only the rest.
        try tiny.write("110\n", "work/gold-more/core-seconds.txt")
        #expect(try tiny.runner().spent() == used + 110)
        #expect(try tiny.runner().run() == .budgetSpent(left: ["gold-more"]))
        try tiny.write(tiny.plan(coreHours: (used + 130) / 3600), "plan/plan.json")
        #expect(try tiny.runner().run() == .complete)
    }

    @Test func rowsAreRecordedAndReadBack() throws {
        let answers = RowAnswers.classes(
            [
                .init(truth: 0, given: 1, confidence: 0.4), .init(truth: nil, given: 0, confidence: 1),
                .init(truth: 11, given: 11, confidence: 1),
            ],
            labels: (0..<12).map { "label \($0)" }, abstainThreshold: nil)
        let record = try RowRecord(answers)
        #expect(record.truths == "0.b" && record.given == "10b")
        let back = try #require(record.answers)
        #expect(back.metric("accuracy") == answers.metric("accuracy") && back.rowCount == 3)
        var scores = SpanScores()
        scores.add(
            truth: [.init(type: "a", tokens: 0..<1), .init(type: "b", tokens: 2..<3)], given: [.init(type: "a", tokens: 0..<1)])
        scores.add(truth: [], given: [.init(type: "a", tokens: 0..<2)])
        let spans = try RowRecord(.spans(scores, groups: [nil, nil]))
        #expect(spans.truths == "112010" && spans.labels == nil)
        #expect(spans.answers?.metric("entity_f1") == scores.total.scores.f1)
        #expect(throws: TrainingFailure.self) {
            try RowRecord(.classes([], labels: (0..<40).map(String.init), abstainThreshold: nil))
        }
        #expect(try JSONDecoder().decode(RowRecord.self, from: Data(#"{"labels":["a"],"truths":"0","given":"7"}"#.utf8)).answers == nil)
    }
}
