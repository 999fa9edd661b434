// What a plan makes of its base recipe, and what is refused before anything runs.
import Ablation
import Foundation
import Testing
import Training

@Suite struct AblationPlanTests {
    private func base() throws -> TrainingRecipe {
        let tiny = try TinyAblation()
        defer { tiny.remove() }
        return try TrainingRecipe.read(tiny.planFile.deletingLastPathComponent().appendingPathComponent("recipe.json"))
    }

    private func plan() throws -> AblationPlan {
        let tiny = try TinyAblation()
        defer { tiny.remove() }
        return try AblationPlan.read(tiny.planFile)
    }

    @Test func partsAndSubsetsMakeTheRecipe() throws {
        let (base, plan) = (try base(), try plan())
        let gold = try plan.recipe(for: plan.runs[0], base: base)
        #expect(gold.sources.map(\.path) == ["mood/train.jsonl"] && gold.sources[0].share == 0.8)
        #expect(gold.seed == 1 && gold.subsetSeed == 5 && gold.name == "gold" && gold.teacher == nil)
        let more = try plan.recipe(for: plan.runs[1], base: base)
        #expect(more.sources.map(\.path) == ["mood/train.jsonl", "mood/extra.jsonl"] && more.encoder.takeLayers == [1])
        #expect(more.teacher?.posts?.map(\.share) == [0.8] && more.seed == 2 && more.subsetSeed == 5)
    }

    @Test func masksDifferInWhatTheySayOnly() throws {
        let (base, plan) = (try base(), try plan())
        func recipe(_ mask: AblationPlan.Mask) throws -> TrainingRecipe {
            try plan.recipe(for: .init(name: "x", parts: ["gold"], mask: mask, seed: 1), base: base)
        }
        #expect(try recipe(.none).mask == nil && recipe(.none).schedule.maskedShare == 0)
        #expect(try recipe(.rules).mask == nil && recipe(.rules).schedule.masking == .rules)
        #expect(try recipe(.random).schedule.masking == .random && recipe(.random).schedule.maskedShare == 0.3)
        #expect(try recipe(.learned).mask?.rationaleWeight == 0 && recipe(.learned).mask?.noiseWeight == 1)
        #expect(try recipe(.learnedWithRationales) == { var same = base
            same.name = "x"
            same.subsetSeed = 5
            same.sources = [try recipe(.none).sources[0]]
            return same
        }())
    }

    @Test(arguments: [
        (#""name":"gold","parts""#, #""name":"Gold 1","parts""#, "small letters"),
        (#""name":"gold-more""#, #""name":"gold""#, "a run twice"),
        (#""parts":["gold"],"mask""#, #""parts":["golden"],"mask""#, "a part that it does not describe"),
        (#""runs":["gold","gold-more"]}"#, #""runs":["gold","other"]}"#, "compares under More data"),
        (#""noise":0.5"#, #""noise":1.5"#, "out of range"), (#""mask":"none""#, #""mask":"some""#, "wrong value at runs"),
        (#""subsetSeed":5,"#, "", "lacks the key subsetSeed"), (#"{"title""#, #"{{"title""#, "wrong value"),
    ])
    func whatDoesNotFitIsRefused(old: String, new: String, reason: String) throws {
        let tiny = try TinyAblation()
        defer { tiny.remove() }
        let text = tiny.plan()
        #expect(text.contains(old))
        try tiny.write(text.replacingOccurrences(of: old, with: new), "plan/plan.json")
        let failure = #expect(throws: TrainingFailure.self) { try AblationPlan.read(tiny.planFile) }
        #expect(failure?.description.contains(reason) == true, "\(failure?.description ?? "")")
    }

    /// Seeds do not count as runs, but are few; runs that differ in more are bounded.
    @Test func runsAndSeedsAreBounded() throws {
        let tiny = try TinyAblation()
        defer { tiny.remove() }
        let base = try AblationPlan.read(tiny.planFile)
        let first = base.runs[0]
        func read(_ count: Int, _ change: (inout AblationPlan.Run, Int) -> Void) throws -> AblationPlan {
            var plan = base
            plan.comparisons = []
            plan.runs = (1...count).map { number in
                var run = first
                run.name = "run-\(number)"
                change(&run, number)
                return run
            }
            try JSONEncoder().encode(plan).write(to: tiny.planFile)
            return try AblationPlan.read(tiny.planFile)
        }
        #expect(try read(3) { $0.seed = UInt64($1) }.runs.count == 3)
        #expect(throws: TrainingFailure("The plan \(tiny.planFile.path) has more than 3 seeds of the run run-1: leave some out.")) {
            try read(4) { $0.seed = UInt64($1) }
        }
        #expect(try read(16) { $0.layers = [$1] }.runs.count == 16)
        #expect(throws: TrainingFailure.self) { try read(17) { $0.layers = [$1] } }
    }

    @Test func aPlanThatDoesNotFitItsRecipeIsRefusedBeforeTheFirstRun() throws {
        let tiny = try TinyAblation()
        defer { tiny.remove() }
        let text = tiny.plan().replacingOccurrences(of: #"["mood/extra.jsonl"]}"#, with: #"["mood/other.jsonl"]}"#)
        try tiny.write(text, "plan/plan.json")
        let failure = #expect(throws: TrainingFailure.self) { try tiny.runner().run() }
        #expect(failure?.description.contains("mood/other.jsonl") == true)
        #expect(!FileManager.default.fileExists(atPath: tiny.folder.appendingPathComponent("results/gold.json").path))
    }

    /// The plan and recipe that ship are read as any others.
    @Test func theShippedPlanFitsItsRecipe() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Deploy/training")
        let plan = try AblationPlan.read(folder.appendingPathComponent("ablation.json"))
        let base = try TrainingRecipe.read(folder.appendingPathComponent(plan.recipe))
        let heads = Set(base.heads.map(\.name))
        for run in plan.runs {
            let recipe = try plan.recipe(for: run, base: base)
            #expect(!recipe.sources.isEmpty)
        }
        for test in plan.tests { #expect(heads.contains(test.task)) }
        #expect(Set(plan.runs.map(\.mask)) == Set(AblationPlan.Mask.allCases))
        #expect(plan.coreMinutesOfRun * Double(plan.runs.count) / 60 <= plan.coreHours * 1.05)
    }
}
