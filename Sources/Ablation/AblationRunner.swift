// Carries out a plan: run after run, each trained, measured and written before the next begins. Finished runs are passed over, an
// interrupted one goes on from its checkpoint, none begins that the budget may not cover.
package import Foundation
internal import ModelFiles
internal import StudentInference
internal import Training

package struct AblationRunner {
    package enum Ending: Sendable, Equatable {
        /// Every run that was asked for is there.
        case complete
        /// What the budget did not cover.
        case budgetSpent(left: [String])
    }

    package let plan: AblationPlan
    /// The plan's file: its recipe and results lie relative to it.
    package let planFile: URL
    package let data: URL
    package let results: URL
    /// Checkpoints and models of unfinished runs.
    package let work: URL
    package let threads: Int
    package let program: String
    private let says: @Sendable (String) -> Void

    package init(
        plan: AblationPlan, planFile: URL, data: URL, results: URL? = nil, work: URL, threads: Int, program: String,
        says: @escaping @Sendable (String) -> Void
    ) {
        self.plan = plan
        self.planFile = planFile
        self.data = data
        self.results = results ?? Self.results(of: plan, in: planFile)
        self.work = work
        self.threads = threads
        self.program = program
        self.says = says
    }

    package static func results(of plan: AblationPlan, in planFile: URL) -> URL {
        URL(fileURLWithPath: plan.results, relativeTo: planFile.deletingLastPathComponent()).standardizedFileURL
    }

    /// Core-seconds of what has finished and of what was begun.
    package func spent() throws -> Double {
        try plan.runs.reduce(0) { sum, run in
            if let done = try AblationResult.read(run.name, in: results) { return sum + done.coreSeconds }
            return sum + CoreSeconds.kept(in: meter(run))
        }
    }

    /// Blocks until the plan is carried out, as far as the budget goes.
    /// - Parameter only: names of runs; nil for all.
    package func run(only: Set<String>? = nil) throws -> Ending {
        if let stranger = only?.first(where: { name in !plan.runs.contains { $0.name == name } }) {
            throw TrainingFailure("The plan has no run \(stranger): it has \(plan.runs.map(\.name).joined(separator: ", ")).")
        }
        let base = try TrainingRecipe.read(
            URL(fileURLWithPath: plan.recipe, relativeTo: planFile.deletingLastPathComponent()).standardizedFileURL)
        // What does not fit together is found before the first run, not hours later.
        let recipes = try plan.runs.map { try plan.recipe(for: $0, base: base) }
        for teacher in recipes.compactMap(\.teacher) { _ = try TrainingJob.folder(of: teacher, data: data) }
        try FileManager.default.createDirectory(at: results, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        let start = try startFolder()
        let startHash = try StartingWeights(directory: start).weightsHash()
        let wanted = zip(plan.runs, recipes).filter { only?.contains($0.0.name) ?? true }
        for (index, (run, recipe)) in wanted.enumerated() {
            let title = "[\(index + 1)/\(wanted.count)] \(run.name)"
            if let done = try AblationResult.read(run.name, in: results) {
                guard try done.recipeHash == Self.hash(recipe), done.startHash == startHash else {
                    throw TrainingFailure(
                        "\(AblationResult.file(run.name, in: results).path) was made with another recipe or other first weights: "
                            + "move it away, or name another folder with --results.")
                }
                says("\(title): finished before")
                continue
            }
            let left = plan.coreHours * 3600 - (try spent())
            let need = max(0, plan.coreMinutesOfRun * 60 - CoreSeconds.kept(in: meter(run)))
            guard need <= left else {
                let open = try wanted.map(\.0.name).filter { try AblationResult.read($0, in: results) == nil }
                says(
                    "\(title) is not begun: it may take \(Self.minutes(need)) core-minutes, \(Self.minutes(left)) of the budget are "
                        + "left. Open: \(open.joined(separator: ", "))")
                return .budgetSpent(left: open)
            }
            let open = wanted.count - index - 1
            try carryOut(run, recipe, from: (start, startHash), title: title, runsAfter: open)
        }
        return .complete
    }

    private static func minutes(_ seconds: Double) -> String { String(format: "%.1f", seconds / 60) }

    private func folder(_ run: AblationPlan.Run) -> URL { work.appendingPathComponent(run.name) }
    private func meter(_ run: AblationPlan.Run) -> URL { folder(run).appendingPathComponent("core-seconds.txt") }

    static func hash(_ recipe: TrainingRecipe) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return SHA256.hexadecimal(Array(try encoder.encode(recipe)))
    }

    private func startFolder() throws -> URL {
        let inData = data.appendingPathComponent(plan.startFrom)
        if FileManager.default.fileExists(atPath: inData.appendingPathComponent("config.json").path) { return inData }
        guard let found = try? ModelFinder().find(plan.startFrom) else {
            throw TrainingFailure(
                "The first weights \(plan.startFrom) are neither in \(data.path) nor a shipped model: make them, or name others with "
                    + "--start-from.")
        }
        return URL(fileURLWithPath: found)
    }

    private func carryOut(
        _ run: AblationPlan.Run, _ recipe: TrainingRecipe, from start: (folder: URL, hash: String), title: String, runsAfter: Int
    ) throws {
        let folder = folder(run)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let meter = CoreSeconds(file: meter(run))
        let (plan, says) = (plan, says)
        // With every line of progress the meter is kept, so that a kill forgets a few seconds at the most.
        let log = try TrainingLog(file: folder.appendingPathComponent("log.jsonl")) { line in
            meter.keep()
            let after = runsAfter == 0 ? "" : ", then \(runsAfter) runs of up to \(plan.coreMinutesOfRun) core-minutes"
            says("\(title): \(line) (\(Self.minutes(meter.used)) core-minutes\(after))")
        }
        let checkpoint = folder.appendingPathComponent("checkpoint.bin")
        let job = TrainingJob(
            recipe: recipe, data: data, startFrom: start.folder,
            options: TrainingOptions(
                threads: min(threads, TrainingRun.workerCount), workDirectory: folder,
                resume: FileManager.default.fileExists(atPath: checkpoint.path), stepsBetweenCheckpoints: 50,
                stepsBetweenProgress: 10),
            log: log)
        let trained = try job.run()
        let model = folder.appendingPathComponent("model")
        try trained.write(to: model)
        says("\(title): measuring")
        let student = try Student.load(folder: model.path)
        let tests = try AblationMeasurement(plan: plan, data: data).run(student, mask: run.mask)
        meter.keep()
        let result = AblationResult(
            run: run, recipeHash: try Self.hash(recipe), startHash: start.hash,
            teacherHash: trained.writer.network.teacher?.weightsHash, subsetShare: plan.subsetShare, subsetSeed: plan.subsetSeed,
            data: try files(trained, recipe), machine: .own, threads: threads, coreSeconds: (meter.used * 10).rounded(.up) / 10,
            steps: trained.steps, program: program, model: "\(student.version)", development: trained.development, tests: tests)
        try result.write(in: results)
        try? FileManager.default.removeItem(at: checkpoint)
        let figures = tests.map { "\($0.task) \(String(format: "%.1f", 100 * $0.value))\($0.noise > 0 ? " noisy" : "")" }
        says("\(title): \(figures.joined(separator: ", ")); \(Self.minutes(meter.used)) core-minutes")
    }

    private func files(_ trained: TrainingJob.Result, _ recipe: TrainingRecipe) throws -> [AblationResult.DataFile] {
        let measured = (recipe.development.map(\.path) + plan.tests.map(\.path)).reduce(into: [String]()) {
            if !$0.contains($1) { $0.append($1) }
        }
        func sha256(_ path: String) throws -> String {
            let url = path.hasPrefix("/") ? URL(fileURLWithPath: path) : data.appendingPathComponent(path)
            return SHA256.hexadecimal(Array(try Data(contentsOf: url)))
        }
        // A file that is named by its place on this machine is told by its name alone.
        func name(_ path: String) -> String { path.hasPrefix("/") ? URL(fileURLWithPath: path).lastPathComponent : path }
        return try trained.files.map {
            .init(path: name($0.path), sha256: try sha256($0.path), rows: $0.read, leftOut: $0.refused)
        } + measured.map { .init(path: name($0), sha256: try sha256($0), rows: nil, leftOut: nil) }
    }
}
