// `winnow ablate`: carries out a plan of trainings that differ in one thing each, and reports what each thing is worth. Wires the
// parts of Ablation; progress goes to standard error.
import Ablation
import ArgumentParser
import Evaluation
import Foundation
import ModelFiles
import Training

struct AblateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ablate",
        abstract: "Trains and measures the runs of an ablation plan, or reports on them.",
        discussion: """
            A plan (JSON, see Deploy/training/ablation.json) lists at most 16 runs, each with up to three seeds. Each finished run is \
            written to the results folder with its figures; the same command run again passes over those, and goes on with the one that \
            was interrupted. No run begins that may pass the plan's budget of core-hours.

            Example: winnow ablate --plan Deploy/training/ablation.json --data-directory data
            """)

    @Option(help: ArgumentHelp("The plan.", valueName: "file"))
    var plan: String
    @Option(help: ArgumentHelp("Where the data files lie. Not needed for a report alone.", valueName: "directory"))
    var dataDirectory: String?
    @Option(help: ArgumentHelp("Where results and report are kept; the plan's own by default.", valueName: "directory"))
    var results: String?
    @Option(help: ArgumentHelp(
        "Where checkpoints and models of the runs are kept; a folder for the plan in the system's temporary directory by default.",
        valueName: "directory"))
    var workDirectory: String?
    @Option(help: ArgumentHelp("First weights, instead of the plan's.", valueName: "directory"))
    var startFrom: String?
    @Option(help: ArgumentHelp("Carry out this run only. Repeatable.", valueName: "name"))
    var only: [String] = []
    @Option(help: "Threads that share the work; at most two are used. Figures do not depend on it.")
    var threads = 1
    @Flag(help: "Write README.md and pictures from the results, and end. With --data-directory the large models' rows are made anew.")
    var report = false

    func validate() throws {
        if threads < 1 { throw ValidationError("--threads is \(threads): it must be at least 1.") }
        if dataDirectory == nil, !report { throw ValidationError("Name --data-directory, or --report for a report alone.") }
    }

    func run() throws {
        BlasCoreRestart.ifNeeded { StandardError.print("winnow ablate: \($0)") }
        do {
            let file = URL(fileURLWithPath: plan).standardizedFileURL
            var described = try AblationPlan.read(file)
            if let startFrom { described.startFrom = URL(fileURLWithPath: startFrom).path }
            let folder = results.map { URL(fileURLWithPath: $0) } ?? AblationRunner.results(of: described, in: file)
            if report { return try writeReport(described, to: folder) }
            guard let dataDirectory else { return }
            let hash = SHA256.hexadecimal(Array(try Data(contentsOf: file))).prefix(12)
            let work = workDirectory.map { URL(fileURLWithPath: $0) }
                ?? FileManager.default.temporaryDirectory.appendingPathComponent("winnow-ablation-\(hash)")
            let runner = AblationRunner(
                plan: described, planFile: file, data: URL(fileURLWithPath: dataDirectory), results: folder, work: work,
                threads: threads, program: Winnow.version, says: { StandardError.print($0) })
            let ending = try runner.run(only: only.isEmpty ? nil : Set(only))
            if case .budgetSpent = ending { throw ExitCode(3) }
        } catch let code as ExitCode {
            throw code
        } catch let failure as any Error & CustomStringConvertible {
            StandardError.print("winnow ablate: \(failure.description)")
            throw ExitCode(1)
        }
    }

    private func writeReport(_ plan: AblationPlan, to folder: URL) throws {
        let finished = try plan.runs.compactMap { try AblationResult.read($0.name, in: folder) }
        guard !finished.isEmpty else {
            throw TrainingFailure("\(folder.path) holds no finished run of the plan: run it first, without --report.")
        }
        let report = AblationReport(
            plan: plan, results: finished, stored: try storedAnswers(plan, folder),
            command: "winnow ablate --plan \(self.plan) --data-directory DIRECTORY")
        for picture in report.pictures() {
            try picture.svg.write(to: folder.appendingPathComponent(picture.name), atomically: true, encoding: .utf8)
        }
        let page = folder.appendingPathComponent("README.md")
        try report.markdown().write(to: page, atomically: true, encoding: .utf8)
        StandardError.print("wrote \(page.path)")
    }

    /// Made anew where the data are at hand, else as they were kept.
    private func storedAnswers(_ plan: AblationPlan, _ folder: URL) throws -> [StoredAnswerScores] {
        guard let stored = plan.storedAnswers else { return [] }
        let kept = folder.appendingPathComponent("large-models.json")
        guard let dataDirectory else {
            return (try? JSONDecoder().decode([StoredAnswerScores].self, from: Data(contentsOf: kept))) ?? []
        }
        let data = URL(fileURLWithPath: dataDirectory)
        let scores = try stored.tests.flatMap {
            try StoredAnswers.scores(
                task: $0.task, answers: data.appendingPathComponent(stored.path), rows: data.appendingPathComponent($0.path))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try encoder.encode(scores).write(to: kept, options: .atomic)
        return scores
    }
}
