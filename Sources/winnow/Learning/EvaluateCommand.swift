// `winnow evaluate`: a model's standard metrics on a labelled file. Wires the evaluator; the measures are in
// Evaluation. Reads files and prints; exit codes as for all commands.
import ArgumentParser
import Evaluation
import Foundation
import ModelFiles
import StudentInference

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measures a model on labelled posts.",
        discussion: """
            Reads JSON Lines of {"text","label"} or {"tokens","tags"} (BIO) and prints the field's standard metrics with 95 % \
            bootstrap intervals. Topics are scored by their best class, also where the model would abstain.
            """)

    @Option(help: ArgumentHelp("The head to measure, such as sentiment, topic or entities.", valueName: "name"))
    var task: String
    @Option(help: ArgumentHelp("The labelled file.", valueName: "file"))
    var data: String
    @Option(help: ArgumentHelp("A model folder, or the name of a shipped model. Default: english.", valueName: "directory"))
    var model: String?
    @Option(help: "What the model reads: none (everything), rules, random or learned. Default: the model's own mask.")
    var mask: MaskSettings.Mode?
    @Option(help: "For the mask random: the share of words that are kept.")
    var randomShare: Float = 0.7
    @Option(help: "For the mask learned: words of less keep-probability are dropped. Default: the model's own.")
    var maskThreshold: Float?
    @Option(help: ArgumentHelp(
        "Noise to put into labelled texts: the share of a post's words that is noise. It is of kinds that training never used.",
        valueName: "share"))
    var noise: Double?
    @Option(help: ArgumentHelp(
        "Take the noise from this file's posts (JSON Lines with text) that hold nothing but handles, links, hashtags and marks.",
        valueName: "file"))
    var noiseFrom: String?
    @Flag(help: "Print one JSON object instead of a table.")
    var json = false

    func validate() throws {
        if !(0...1).contains(randomShare) {
            throw ValidationError("--random-share is \(randomShare): it must be 0 to 1.")
        }
        if let maskThreshold, !(0...1).contains(maskThreshold) {
            throw ValidationError("--mask-threshold is \(maskThreshold): it must be 0 to 1.")
        }
        if let noise, !(0..<1).contains(noise) {
            throw ValidationError("--noise is \(noise): it must be at least 0 and below 1.")
        }
        if noiseFrom != nil, noise == nil { throw ValidationError("--noise-from needs --noise with the share.") }
    }

    func run() throws {
        do {
            let student = try Student.load(folder: ModelFinder().find(model))
            let mode = mask ?? student.configuration.mask.defaultMode
            let choice = try student.maskChoice(mode, isExplicit: true, randomShare: randomShare, threshold: maskThreshold)
            let dataset = try DatasetReader.read(URL(fileURLWithPath: data))
            let evaluator = ModelEvaluator(student: student, policy: choice.policy, mask: mode.rawValue, noise: try noiseStress())
            let report = try evaluator.evaluate(task: task, dataset)
            print(json ? try report.json() : report.table)
        } catch let failure as any Error & CustomStringConvertible {
            FileHandle.standardError.write(Data("winnow evaluate: \(failure.description)\n".utf8))
            throw ExitCode(1)
        }
    }
}

extension EvaluateCommand {
    private func noiseStress() throws(DatasetFailure) -> NoiseStress? {
        guard let noise else { return nil }
        guard let noiseFrom else { return NoiseStress(share: noise) }
        let runs = NoiseStress.runs(in: try DatasetReader.texts(URL(fileURLWithPath: noiseFrom)))
        guard !runs.isEmpty else {
            throw DatasetFailure("\(noiseFrom) holds no post of noise alone: name a file of raw posts.")
        }
        return NoiseStress(share: noise, runs: runs)
    }
}

extension MaskSettings.Mode: ExpressibleByArgument {}
