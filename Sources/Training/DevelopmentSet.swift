// A development file, tokenised once, and the measure of one head on it. Uses the trainer's own forward pass; the
// figures on a model card come from `winnow evaluate` on the finished folder.
internal import Evaluation
package import Foundation
package import Tokenization

package struct DevelopmentSet: Sendable {
    private struct Row: Sendable {
        let example: TrainingExample
        /// Tokens the head reads; empty for a whole text.
        let tokens: [Int]
        /// For classes the index of the right label; for spans the right tags of all the data's tokens.
        let label: Int
        let tags: [String]
        /// For spans: the data's token of each of `tokens`.
        let words: [Int]
    }

    package let path: String
    package let metric: String
    package let head: Int
    private let specification: TaskHeadSpecification
    private let rows: [Row]

    package init(
        _ development: TrainingRecipe.Development, recipe: TrainingRecipe, directory: URL,
        tokenizer: TextTokenizer
    ) throws {
        path = development.path
        metric = development.metric
        guard let head = recipe.heads.firstIndex(where: { $0.name == development.lesson.head }) else {
            throw TrainingFailure(
                "The recipe measures a head \(development.lesson.head) that it does not list: add it.")
        }
        self.head = head
        specification = recipe.heads[head]
        let labels = development.lesson.labels ?? [:]
        let map = LabelMap(recipe.heads[head], labels: labels)
        var rows: [Row] = []
        switch try DatasetReader.read(directory.appendingPathComponent(development.path)) {
        case .classes(let texts):
            for text in texts {
                guard case .label(let label)? = try map.goal(text.label) else { continue }
                let ids = tokenizer.tokenize(text.text).tokens.map(\.id)
                rows.append(Row(example: .reading(ids), tokens: [], label: label, tags: [], words: []))
            }
        case .spans(let tagged):
            for row in tagged {
                let given = tokenizer.tokenize(words: row.tokens)
                let words = row.tokens.indices.filter { given.firstToken[$0] != nil }
                let tags = row.tags.map { tag -> String in
                    tag == "O"
                        ? tag : tag.prefix(2) + (labels[String(tag.dropFirst(2))]?.first ?? String(tag.dropFirst(2)))
                }
                rows.append(
                    Row(
                        example: .reading(given.text.tokens.map(\.id)),
                        tokens: words.compactMap { given.firstToken[$0] },
                        label: 0, tags: tags, words: words))
            }
        }
        self.rows = rows
    }

    /// Logits of every row, in order.
    package func logits(_ workers: WorkerGroup, parameters: FloatBlock) -> [[[Float]]] {
        let batches = stride(from: 0, to: rows.count, by: 32).map { Array(rows[$0..<min($0 + 32, rows.count)]) }
        let head = head
        return workers.map(batches) { worker, batch in
            worker.logits(
                head: head, batch.map { ($0.example, $0.tokens) }, parameters: parameters.pointer)
        }.flatMap { $0 }
    }

    /// The metric, 0 to 1.
    package func measure(_ workers: WorkerGroup, parameters: FloatBlock) -> Double {
        measure(logits(workers, parameters: parameters))
    }

    /// How far the score of `O` has to sink, 0 to 3 in steps of 0.25, for the best entity F1: names are rare, so a head of
    /// spans calls too few. 0 for classes and where nothing is gained.
    package func outsideShift(_ workers: WorkerGroup, parameters: FloatBlock) -> Float {
        guard specification.kind == .spans else { return 0 }
        let logits = logits(workers, parameters: parameters)
        let shifts = (0...12).map { Float($0) * 0.25 }
        let measured = shifts.map { shift in
            measure(logits.map { rows in rows.map { row in [row[0] - shift] + row.dropFirst() } })
        }
        guard let best = measured.max(), let index = measured.firstIndex(of: best) else { return 0 }
        return shifts[index]
    }

    private func measure(_ logits: [[[Float]]]) -> Double {
        switch specification.kind {
        case .classes:
            var matrix = ConfusionMatrix(labels: specification.outputs)
            for (row, logits) in zip(rows, logits) {
                matrix.add(truth: row.label, given: DevelopmentSet.best(logits[0]))
            }
            return metric == "macro_f1" ? matrix.macroF1 : metric == "accuracy" ? matrix.accuracy : matrix.macroRecall
        case .spans:
            var scores = SpanScores()
            for (row, logits) in zip(rows, logits) {
                var tags = row.tags.map { _ in "O" }
                for (word, logits) in zip(row.words, logits) {
                    tags[word] = specification.outputs[DevelopmentSet.best(logits)]
                }
                scores.add(truth: EntityChunk.chunks(of: row.tags), given: EntityChunk.chunks(of: tags))
            }
            return scores.total.scores.f1
        }
    }

    /// Logits with the right label, for fitting a temperature. Classes only.
    package func labelledLogits(_ workers: WorkerGroup, parameters: FloatBlock) -> [(logits: [Float], label: Int)] {
        guard specification.kind == .classes else { return [] }
        return zip(logits(workers, parameters: parameters), rows).map { ($0[0], $1.label) }
    }

    private static func best(_ logits: [Float]) -> Int {
        logits.indices.max { logits[$0] < logits[$1] } ?? 0
    }
}

extension TrainingExample {
    fileprivate static func reading(_ ids: [Int32]) -> TrainingExample {
        TrainingExample(ids: ids, positions: ids.indices.map { Int32($0) }, targets: [])
    }
}
