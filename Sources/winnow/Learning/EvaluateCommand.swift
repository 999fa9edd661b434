// `winnow evaluate`: a model's standard metrics on a labelled file. Wires the evaluator; the measures are in
// Evaluation. Reads files and prints; exit codes as for all commands.
import ArgumentParser
import Evaluation
import Foundation
import Masking
import ModelFiles
import StudentInference

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measures a model on labelled posts.",
        discussion: """
            Reads JSON Lines of {"text","label"} or {"tokens","tags"} (BIO) and prints the field's standard metrics with 95 % \
            bootstrap intervals. Topics are scored by their best class, also where the model would abstain; rows with the label \
            null, or "other" where that is no class, are outside of the classes: how many of them get no answer is reported apart.

            Two tasks are the mask's own and need no head: rationale (rows with text, label, start and length: what share of the \
            marked words the mask keeps) and removal (any rows with text: what share of the tokens each mask takes out).
            """)

    @Option(help: ArgumentHelp(
        "The head to measure, such as sentiment, topic or entities; or rationale, or removal.", valueName: "name"))
    var task: String
    @Option(help: ArgumentHelp("The labelled file.", valueName: "file"))
    var data: String
    @Option(help: ArgumentHelp("A model folder, or the name of a shipped model. Default: english.", valueName: "directory"))
    var model: String?
    @Option(help: "What the model reads: none (everything), rules, random or learned. Default: the model's own mask.")
    var mask: MaskSettings.Mode?
    @Option(help: "For the mask random: the share of words that are kept. Default: as many tokens as the learned mask keeps.")
    var randomShare: Float?
    @Option(help: "For the mask learned: words of less keep-probability are dropped. Default: the model's own.")
    var maskThreshold: Float?
    @Option(help: ArgumentHelp(
        "Noise to put into labelled texts: the share of a post that is noise, of kinds that training never used. Several, "
            + "as 0,0.25,0.5: each mask is measured at each share, also with the kinds that training may use.",
        valueName: "shares"))
    var noise: String?
    @Option(help: ArgumentHelp(
        "What shares of noise are counted in: words, or the model's tokens, of which a link or a handle has many.",
        valueName: "unit"))
    var noiseUnit = NoiseStress.Unit.words
    @Option(help: ArgumentHelp(
        "Take the noise from this file's posts (JSON Lines with text) that hold nothing but handles, links, hashtags and marks.",
        valueName: "file"))
    var noiseFrom: String?
    @Flag(help: "Measure with each mask, random at the share that learned keeps, and print what learned gains.")
    var compareMasks = false
    @Option(help: ArgumentHelp("For several shares of noise: which metric. Default: the head's usual one.", valueName: "name"))
    var metric: String?
    @Option(help: ArgumentHelp("For several shares of noise: write the picture, an SVG.", valueName: "file"))
    var picture: String?
    @Option(help: ArgumentHelp(
        "Report each value of this field of the rows apart, such as lang, and the mean.", valueName: "field"))
    var groupBy: String?
    @Option(help: ArgumentHelp(
        "Posts outside of the head's classes, JSON Lines with text: how many get no answer.", valueName: "file"))
    var outside: String?
    @Option(help: ArgumentHelp(
        "Score the answers of this file instead of a model's: JSON Lines of id, task, model, setting and label, joined with the data's "
            + "id. Every model and setting in it is a row.", valueName: "file"))
    var answers: String?
    @Option(help: ArgumentHelp("Use the first rows only.", valueName: "count"))
    var first: Int?
    @Option(help: ArgumentHelp("Write the report as Markdown too.", valueName: "file"))
    var report: String?
    @Flag(help: "Print one JSON object instead of a table.")
    var json = false

    func validate() throws {
        if let randomShare, !(0...1).contains(randomShare) {
            throw ValidationError("--random-share is \(randomShare): it must be 0 to 1.")
        }
        if let maskThreshold, !(0...1).contains(maskThreshold) {
            throw ValidationError("--mask-threshold is \(maskThreshold): it must be 0 to 1.")
        }
        if let first, first < 1 { throw ValidationError("--first is \(first): it must be at least 1.") }
        let shares = try noiseShares()
        if noiseFrom != nil, shares.isEmpty { throw ValidationError("--noise-from needs --noise with the share.") }
        if picture != nil || metric != nil, shares.count < 2 {
            throw ValidationError("--picture and --metric need --noise with several shares, such as 0,0.25,0.5.")
        }
        if shares.count > 1 || compareMasks || isOfMask, report != nil || groupBy != nil || outside != nil {
            throw ValidationError("--report, --group-by and --outside belong to one measurement of a head with one mask.")
        }
        if answers != nil,
            model != nil || mask != nil || !shares.isEmpty || compareMasks || isOfMask || report != nil || groupBy != nil
                || outside != nil || first != nil
        {
            throw ValidationError("--answers takes --task and --data alone: no model is run.")
        }
        if shares.count > 1 || compareMasks, mask != nil {
            throw ValidationError("--mask is one of those that are compared anyway: leave it out.")
        }
    }

    func run() throws {
        do {
            if let answers {
                let scores = try StoredAnswers.scores(
                    task: task, answers: URL(fileURLWithPath: answers), rows: URL(fileURLWithPath: data))
                return print(json ? try Self.json(scores) : StoredAnswers.table(scores))
            }
            let student = try Student.load(folder: ModelFinder().find(model))
            print(try measure(student))
        } catch let failure as any Error & CustomStringConvertible {
            FileHandle.standardError.write(Data("winnow evaluate: \(failure.description)\n".utf8))
            throw ExitCode(1)
        }
    }

    private func measure(_ student: Student) throws -> String {
        if isOfMask, !student.heads.contains(where: { $0.settings.name == task }) { return try measureMask(student) }
        var dataset = try DatasetReader.read(URL(fileURLWithPath: data), groupedBy: groupBy, takesOutside: true)
        if let first { dataset = dataset.first(first) }
        if let outside { dataset = try dataset.adding(outside: DatasetReader.texts(URL(fileURLWithPath: outside)), outside) }
        let shares = try noiseShares()
        if shares.count > 1 { return try sweep(student, dataset, shares) }
        let noise = try noiseStress(shares.first, student)
        if compareMasks {
            let comparison = try MaskComparison.run(student, task: task, dataset, noise: noise, threshold: maskThreshold)
            return json ? try Self.json(comparison) : comparison.table
        }
        let (mode, policy) = try policy(student, texts: noise.map(dataset.noisyTexts) ?? dataset.texts)
        let evaluator = ModelEvaluator(student: student, policy: policy, mask: mode.rawValue, noise: noise)
        let found = try evaluator.evaluate(task: task, dataset, groupedBy: groupBy)
        if let report { try found.markdown(origin()).write(toFile: report, atomically: true, encoding: .utf8) }
        return json ? try found.json() : found.table
    }

    /// The mask that was asked for, or the model's own; random keeps what the learned mask keeps where no share was named.
    func policy(_ student: Student, texts: @autoclosure () -> [String]) throws -> (MaskSettings.Mode, MaskPolicy) {
        let mode = mask ?? student.configuration.mask.defaultMode
        guard mode == .random, randomShare == nil else {
            let choice = try student.maskChoice(
                mode, isExplicit: true, randomShare: randomShare ?? 1, threshold: maskThreshold)
            return (mode, choice.policy)
        }
        let model = try student.maskChoice(.learned, isExplicit: false, threshold: maskThreshold).policy
        return (mode, .random(keptShare: EqualShare.randomShare(like: model, texts(), student: student)))
    }

    private func origin() throws -> ReportOrigin {
        let files = try ([data] + [outside].compactMap { $0 }).map { path in
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            return (URL(fileURLWithPath: path).lastPathComponent, SHA256.hexadecimal(Array(bytes)))
        }
        let words = ["winnow"] + CommandLine.arguments.dropFirst()
        return ReportOrigin(commandLine: words.joined(separator: " "), files: files)
    }

    static func json(_ result: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(result), as: UTF8.self)
    }
}

extension MaskSettings.Mode: ExpressibleByArgument {}
extension NoiseStress.Unit: ExpressibleByArgument {}
