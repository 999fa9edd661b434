// `winnow train --examples`: labels of one's own, from a file to a model folder. Head only: features are computed once by the
// student itself and a head is fitted to them. Whole: a recipe is made and the trainer runs it.
import Evaluation
import Foundation
import Masking
import ModelFiles
import Posts
import StreamPipeline
import StudentInference
import Synchronization
import Training

struct OwnTaxonomy {
    let head: String
    let examples: ExampleFile
    let split: ExampleSplit
    let seed: UInt64
    let threads: Int
    let says: @Sendable (String) -> Void

    init(
        head: String, examples url: URL, textColumn: String, labelColumn: String, seed: UInt64, threads: Int,
        says: @escaping @Sendable (String) -> Void
    ) throws {
        self.head = head
        examples = try ExampleFile(url, textColumn: textColumn, labelColumn: labelColumn)
        split = ExampleSplit(examples.rows, seed: seed)
        self.seed = seed
        self.threads = threads
        self.says = says
        let leftOut = examples.leftOut == 0 ? "" : ", \(examples.leftOut) rows without text or label left out"
        says(
            "\(url.lastPathComponent): \(examples.rows.count) rows, \(examples.labels.count) labels\(leftOut); "
                + "\(split.training.count) to learn from, \(split.development.count) to judge by")
        let counts = Dictionary(grouping: examples.rows, by: \.label).mapValues(\.count)
        for label in examples.labels { says("  \(label): \(counts[label] ?? 0)") }
        if split.development.isEmpty {
            says("No label has two different texts: nothing is left to judge by, and the weakest choice is taken.")
        }
    }

    /// The encoder stays as it is: seconds to minutes. Writes the folder and a card.
    func trainHead(startFrom: String, output: String, name: String) throws {
        let clock = ContinuousClock()
        let start = clock.now
        let folder = try ModelFolder(path: ModelFinder().find(startFrom))
        let student = try Student(folder)
        let policy = try student.maskChoice(folder.configuration.mask.defaultMode, isExplicit: false).policy
        let training = features(split.training, student, policy)
        let development = features(split.development, student, policy)
        says(String(format: "features of %d posts after %.1f s", examples.rows.count, (clock.now - start) / .seconds(1)))
        let fitted = HeadFit.fit(training, development: development, labelCount: examples.labels.count, progress: says)
        let graft = HeadGraft(folder, name: head, labels: examples.labels, head: fitted)
        let target = URL(fileURLWithPath: output).standardizedFileURL.resolvingSymlinksInPath().path
        try graft.write(to: target, name: name)
        let written = try Student.load(folder: target)
        try card(written, from: student, fitted, mask: policy).write(
            toFile: target + "/README.md", atomically: true, encoding: .utf8)
        if let macroF1 = fitted.macroF1, let accuracy = fitted.accuracy {
            says(
                String(
                    format: "on the %d rows to judge by: macro F1 %.3f, accuracy %.3f", split.development.count, macroF1,
                    accuracy))
        }
        says(String(format: "wrote \(output) (\(written.version)) after %.1f s", (clock.now - start) / .seconds(1)))
    }

    /// Files that the trainer reads, in the work directory, and the recipe that goes with them.
    func wholeRecipe(startFrom: String, name: String, work: URL) throws -> (recipe: TrainingRecipe, data: URL) {
        let folder = try ModelFolder(path: startFrom)
        let data = work.appendingPathComponent("examples")
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
        try write(split.training, to: data.appendingPathComponent("learn.jsonl"))
        try write(split.development, to: data.appendingPathComponent("judge.jsonl"))
        let recipe = try TrainingRecipe.ownTaxonomy(
            head: head, labels: examples.labels, name: name, seed: seed, startingFrom: folder.configuration,
            training: "learn.jsonl", development: "judge.jsonl")
        return (recipe, data)
    }

    private func write(_ rows: [LabelledText], to url: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var bytes = Data()
        for row in rows { bytes += try encoder.encode(["text": row.text, "label": row.label]) + Data([0x0A]) }
        try bytes.write(to: url, options: .atomic)
    }

    /// What a head reads: the mean of each text's hidden states, after the mask that the model runs with.
    private func features(_ rows: [LabelledText], _ student: Student, _ policy: MaskPolicy) -> LabelledFeatures {
        let width = student.configuration.encoder.width
        let values = FloatBlock(count: rows.count * width)
        let index = Dictionary(uniqueKeysWithValues: examples.labels.enumerated().map { ($1, $0) })
        let next = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: max(1, threads)) { _ in
            let worker = StudentWorker(student: student, mask: policy)
            while true {
                let first = next.add(Self.rowsAtOnce, ordering: .relaxed).oldValue
                guard first < rows.count else { return }
                let part = rows[first..<min(first + Self.rowsAtOnce, rows.count)]
                // Each thread writes rows of its own.
                worker.withHiddenStates(part.map { worker.prepare($0.text) }) { posts, batch, hidden in
                    for (sequence, post) in posts.enumerated() {
                        let target = values.pointer + (first + post) * width
                        let tokens = batch.rows(sequence)
                        for token in tokens {
                            for column in 0..<width { target[column] += hidden[token * width + column] }
                        }
                        for column in 0..<width { target[column] /= Float(tokens.count) }
                    }
                }
            }
        }
        return LabelledFeatures(values: values, width: width, labels: rows.map { index[$0.label] ?? 0 })
    }

    private static let rowsAtOnce = 64

    private func card(_ written: Student, from start: Student, _ fitted: FittedHead, mask: MaskPolicy) -> String {
        let judged =
            fitted.macroF1.map {
                String(format: "%.1f %% macro F1 and %.1f %% accuracy", 100 * $0, 100 * (fitted.accuracy ?? 0))
            } ?? "nothing was measured"
        return """
            # \(written.configuration.name)

            Made from \(start.version) by `winnow train --examples`; its encoder, mask and other heads are unchanged, and so is what
            its card says of them, data and terms included.

            The head `\(head)` has \(examples.labels.count) labels, learned from \(split.training.count) posts with the encoder \
            frozen (mask \(mask)).
            On \(split.development.count) other posts of the same file, drawn with seed \(seed), which also chose the penalty and \
            the temperature: \(judged).
            A figure for others needs posts that played no part: `winnow evaluate --model . --task \(head) --data test.jsonl`.

            """
    }
}
