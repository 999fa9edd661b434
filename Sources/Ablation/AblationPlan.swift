// An ablation as data: one base recipe, a fixed list of runs that each differ from it in what is named, the subset, the budget,
// what is measured. Read from JSON; what does not fit together is refused before anything runs.
package import Foundation
package import Training

package struct AblationPlan: Sendable, Codable, Equatable {
    /// Runs that differ in more than the seed; each of them with at most `mostSeeds` seeds.
    package static let mostRuns = 16
    package static let mostSeeds = 3

    /// Something that a run may have or not: files of the base recipe, a teacher's answers, a local teacher.
    package struct Part: Sendable, Codable, Equatable {
        /// Paths of the recipe's sources that belong to the part. A source of no part is in every run.
        package var sources: [String]?
        package var answers: [TrainingRecipe.AnswerSource]?
        package var teacher: TeacherRecipe?

        package init(
            sources: [String]? = nil, answers: [TrainingRecipe.AnswerSource]? = nil, teacher: TeacherRecipe? = nil
        ) {
            self.sources = sources
            self.answers = answers
            self.teacher = teacher
        }
    }

    /// How texts are masked in training, and what the model reads when it is measured.
    package enum Mask: String, Sendable, Codable, CaseIterable {
        case none, rules, random, learned
        /// Learned, with what people or a teacher marked as carrying the label.
        case learnedWithRationales = "learned_with_rationales"
    }

    package struct Run: Sendable, Codable, Equatable {
        package var name: String
        package var parts: [String]
        package var mask: Mask
        /// The layers of the first weights that the student begins with; all by default.
        package var layers: [Int]?
        package var seed: UInt64

        package init(name: String, parts: [String], mask: Mask, layers: [Int]? = nil, seed: UInt64) {
            self.name = name
            self.parts = parts
            self.mask = mask
            self.layers = layers
            self.seed = seed
        }

        /// The same for runs that differ in nothing but name and seed.
        var kind: String { "\(parts.sorted()) \(mask.rawValue) \(layers.map { "\($0)" } ?? "all")" }
    }

    package struct Test: Sendable, Codable, Equatable {
        /// A head of the recipe.
        package var task: String
        /// Below the data directory.
        package var path: String
        /// `macro_recall`, `macro_f1`, `accuracy` or `entity_f1`.
        package var metric: String

        package init(task: String, path: String, metric: String) {
            self.task = task
            self.path = path
            self.metric = metric
        }
    }

    /// Runs to be set against the first of them.
    package struct Comparison: Sendable, Codable, Equatable {
        package var title: String
        package var runs: [String]

        package init(title: String, runs: [String]) {
            self.title = title
            self.runs = runs
        }
    }

    /// Answers of large models on test files, for comparison only.
    package struct StoredAnswers: Sendable, Codable, Equatable {
        package var path: String
        package var tests: [Test]

        package init(path: String, tests: [Test]) {
            self.path = path
            self.tests = tests
        }
    }

    package var title: String
    /// The base recipe, relative to the plan.
    package var recipe: String
    /// First weights: below the data directory, absolute, or the name of a shipped model.
    package var startFrom: String
    /// Where finished runs and the report are kept, relative to the plan.
    package var results: String
    /// The share of every file's rows that the runs read (times the recipe's own), drawn by this seed in all of them alike.
    package var subsetShare: Double
    package var subsetSeed: UInt64
    /// Of every test file the first rows, so many.
    package var testRows: Int
    /// The share of the words that is noise in the noisy test texts, of kinds that training never uses.
    package var noise: Double
    package var coreHours: Double
    /// What a run may take; as much has to be left for one to begin.
    package var coreMinutesOfRun: Double
    package var parts: [String: Part]
    package var runs: [Run]
    package var tests: [Test]
    package var comparisons: [Comparison]
    package var storedAnswers: StoredAnswers?

    /// Throws with what does not fit, in one sentence.
    package static func read(_ url: URL) throws(TrainingFailure) -> AblationPlan {
        guard let data = try? Data(contentsOf: url) else {
            throw TrainingFailure("The plan \(url.path) cannot be read: check the path.")
        }
        let plan: AblationPlan
        do { plan = try JSONDecoder().decode(AblationPlan.self, from: data) } catch let DecodingError.keyNotFound(key, context) {
            let place = (context.codingPath.map(\.stringValue) + [key.stringValue]).joined(separator: ".")
            throw TrainingFailure("The plan \(url.path) lacks the key \(place): add it.")
        } catch DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context) {
            let place = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw TrainingFailure("The plan \(url.path) has a wrong value at \(place.isEmpty ? "its top" : place): correct it.")
        } catch {
            throw TrainingFailure("The plan \(url.path) is no JSON of an ablation: correct it.")
        }
        if let fault = plan.fault { throw TrainingFailure("The plan \(url.path) \(fault)") }
        return plan
    }

    private var fault: String? {
        let names = runs.map(\.name)
        let kinds = Dictionary(grouping: runs, by: \.kind)
        if !(1...Self.mostRuns).contains(kinds.count) {
            return "has \(kinds.count) runs that differ in more than the seed: it takes 1 to \(Self.mostRuns)."
        }
        if let many = kinds.values.filter({ $0.count > Self.mostSeeds }).map({ $0[0].name }).min() {
            return "has more than \(Self.mostSeeds) seeds of the run \(many): leave some out."
        }
        if Set(names).count != names.count { return "names a run twice: rename one." }
        let plain = Set("abcdefghijklmnopqrstuvwxyz0123456789-")
        if let odd = names.first(where: { $0.isEmpty || !$0.allSatisfy(plain.contains) }) {
            return "has a run called \(odd.prefix(40)): small letters, digits and - make the name of its file."
        }
        if let run = runs.first(where: { !$0.parts.allSatisfy(parts.keys.contains) }) {
            return "gives the run \(run.name) a part that it does not describe: add it to parts."
        }
        if let item = comparisons.first(where: { $0.runs.count < 2 || !$0.runs.allSatisfy(names.contains) }) {
            return "compares under \(item.title) less than two runs, or one that it does not have: correct it."
        }
        let inRange = subsetShare > 0 && subsetShare <= 1 && testRows > 0 && (0..<1).contains(noise) && coreHours > 0
            && coreMinutesOfRun > 0 && !tests.isEmpty
        return inRange ? nil : "has a number out of range, or no test: shares lie above 0, at most 1, noise below 1."
    }

    /// The base recipe as this run changes it.
    package func recipe(for run: Run, base: TrainingRecipe) throws(TrainingFailure) -> TrainingRecipe {
        var recipe = base
        recipe.name = run.name
        recipe.version = "1"
        recipe.seed = run.seed
        recipe.subsetSeed = subsetSeed
        recipe.encoder.takeLayers = run.layers
        let known = Set(base.sources.map(\.path))
        let owned = parts.values.flatMap { $0.sources ?? [] }
        if let stranger = owned.first(where: { !known.contains($0) }) {
            throw TrainingFailure("The plan has a part with \(stranger), which is no source of its recipe: correct one of them.")
        }
        let used = run.parts.compactMap { parts[$0] }
        let chosen = Set(used.flatMap { $0.sources ?? [] })
        recipe.sources = base.sources.filter { chosen.contains($0.path) || !owned.contains($0.path) }.map { source in
            var source = source
            source.share = (source.share ?? 1) * subsetShare
            return source
        }
        let answers = (base.answers ?? []) + used.flatMap { $0.answers ?? [] }
        recipe.answers = answers.isEmpty ? nil : answers.map { source in
            var source = source
            source.share = (source.share ?? 1) * subsetShare
            return source
        }
        let teachers = used.compactMap(\.teacher)
        guard teachers.count <= 1 else {
            throw TrainingFailure("The plan gives the run \(run.name) two local teachers: one reads along.")
        }
        var teacher = teachers.first ?? base.teacher
        let posts = teacher?.posts?.map { TeacherRecipe.Posts(path: $0.path, share: ($0.share ?? 1) * subsetShare) }
        teacher?.posts = posts
        recipe.teacher = teacher
        try mask(&recipe, run)
        return recipe
    }

    private func mask(_ recipe: inout TrainingRecipe, _ run: Run) throws(TrainingFailure) {
        switch run.mask {
        case .none: recipe.schedule.maskedShare = 0
        case .rules: recipe.schedule.masking = .rules
        case .random: recipe.schedule.masking = .random
        case .learned: recipe.mask?.rationaleWeight = 0
        case .learnedWithRationales: break
        }
        let isLearned = run.mask == .learned || run.mask == .learnedWithRationales
        guard !isLearned || recipe.mask != nil else {
            throw TrainingFailure("The plan's run \(run.name) has a learned mask, which its recipe does not describe: add mask.")
        }
        if !isLearned { recipe.mask = nil }
    }
}
