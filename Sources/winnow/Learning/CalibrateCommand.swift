// `winnow calibrate`: when a head should give no answer. Fits temperature and threshold on posts inside and outside of its classes;
// the fitting is Training's.
import ArgumentParser
import Evaluation
import Foundation
import ModelFiles
import Posts
import StudentInference
import Training

struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Fits when a head gives no answer, on posts inside and outside of its classes.",
        discussion: """
            The temperature is fitted on the labelled posts; the threshold is the one with the most labelled posts answered and \
            the most outside posts refused, shares summed, that still answers --least-coverage of the labelled ones. Use \
            development data; what evaluate --outside says of other posts is the figure to tell.

            Example:
              winnow calibrate --model my-model --head topic --inside dev.jsonl --outside none.jsonl --write
            """)

    @Option(help: ArgumentHelp("A model folder, or the name of a shipped model. Default: english.", valueName: "directory"))
    var model: String?
    @Option(help: ArgumentHelp("A head of classes.", valueName: "name"))
    var head: String
    @Option(help: ArgumentHelp("Labelled posts, JSON Lines of text and label.", valueName: "file"))
    var inside: String
    @Option(help: ArgumentHelp("Posts of none of the classes, JSON Lines with text.", valueName: "file"))
    var outside: String
    @Option(help: "The least share of labelled posts that must be answered.")
    var leastCoverage = 0.85
    @Flag(help: "Change the model's config.json.")
    var write = false

    func validate() throws {
        if !(0...1).contains(leastCoverage) {
            throw ValidationError("--least-coverage is \(leastCoverage): it must be 0 to 1.")
        }
    }

    func run() throws {
        do {
            let folder = try ModelFolder(path: ModelFinder().find(model))
            let student = try Student(folder)
            guard let index = student.heads.firstIndex(where: { $0.settings.name == head && $0.settings.kind == .classes })
            else {
                let names = student.heads.map(\.settings).filter { $0.kind == .classes }.map(\.name)
                throw DatasetFailure(
                    "The model \(student.version) has no head of classes \(head): choose one of \(names.joined(separator: ", ")).")
            }
            let fit = try fit(student, index)
            print(summary(student.heads[index].settings, fit))
            guard write else { return }
            var configuration = folder.configuration
            configuration.heads[index].temperature = fit.temperature
            configuration.heads[index].abstainThreshold = fit.threshold
            let file = folder.path + "/" + ModelFolder.configurationFile
            try configuration.check(source: file)
            try FileBytes.replace(file, with: [configuration.json()])
            print("wrote \(file)")
        } catch let failure as any Error & CustomStringConvertible {
            FileHandle.standardError.write(Data("winnow calibrate: \(failure.description)\n".utf8))
            throw ExitCode(1)
        }
    }

    private func fit(_ student: Student, _ index: Int) throws -> AbstentionFit {
        let settings = student.heads[index].settings
        guard case .classes(let rows) = try DatasetReader.read(URL(fileURLWithPath: inside)) else {
            throw DatasetFailure("\(inside) has rows of tokens: a head of classes needs text and label.")
        }
        let labels = Dictionary(uniqueKeysWithValues: settings.labels.enumerated().map { ($1, $0) })
        let known = rows.filter { labels[$0.label] != nil }
        guard !known.isEmpty else {
            throw DatasetFailure(
                "\(inside) has no row with a label of \(head): it knows \(settings.labels.joined(separator: ", ")).")
        }
        if known.count < rows.count {
            StandardError.print("\(rows.count - known.count) rows of \(inside) have a label that \(head) does not know: left out.")
        }
        let policy = try student.maskChoice(student.configuration.mask.defaultMode, isExplicit: false).policy
        let worker = StudentWorker(student: student, mask: policy)
        let insideLogits = logits(known.map(\.text), worker, index)
        let outsideLogits = logits(try DatasetReader.texts(URL(fileURLWithPath: outside)), worker, index)
        guard let fit = AbstentionFit(
            inside: zip(insideLogits, known).map { ($0, labels[$1.label] ?? 0) }, outside: outsideLogits,
            leastCoverage: leastCoverage)
        else {
            throw DatasetFailure("\(outside) holds no post: name a file of posts outside of the classes.")
        }
        return fit
    }

    /// Up to a constant a row: the head's own scores, taken back through its temperature.
    private func logits(_ texts: [String], _ worker: StudentWorker, _ head: Int) -> [[Float]] {
        let temperature = worker.student.heads[head].settings.temperature
        var logits: [[Float]] = []
        for first in stride(from: 0, to: texts.count, by: 256) {
            let requests = texts[first..<min(first + 256, texts.count)].map {
                EnrichmentRequest(post: worker.prepare($0), text: $0)
            }
            for answers in worker.answer(requests) {
                guard case .classes(let answer) = answers[head] else { continue }
                logits.append(answer.scores.map { log(max($0.score, 1e-30)) * temperature })
            }
        }
        return logits
    }

    private func summary(_ before: HeadSettings, _ fit: AbstentionFit) -> String {
        func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
        let old = before.abstainThreshold.map { String(format: "%.4f", $0) } ?? "none"
        return """
            temperature            \(String(format: "%.4f", fit.temperature)) (was \(String(format: "%.4f", before.temperature)))
            threshold              \(String(format: "%.4f", fit.threshold)) (was \(old))
            inside, answered       \(percent(fit.scores.coverage)), of those right \(percent(fit.scores.answeredAccuracy))
            outside, no answer     \(percent(fit.scores.outsideRefused)) of \(fit.scores.outsideRows) posts
            AUROC of the score     \(percent(fit.scores.auroc))
            """
    }
}
