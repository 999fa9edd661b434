// Runs the student over a labelled data set and scores its answers: the same tokenizer, mask, encoder and
// decoding as in the stream. It reads no files and prints nothing.
package import Masking
package import Posts
package import StudentInference
internal import Tokenization

package struct ModelEvaluator {
    private let worker: StudentWorker
    private let mask: String
    private static let rowsAtOnce = 256

    /// `mask` is the name that the report carries.
    package init(student: Student, policy: MaskPolicy, mask: String) {
        worker = StudentWorker(student: student, mask: policy)
        self.mask = mask
    }

    /// Labels of the head as the data write them: classes, or entity types.
    package static func labels(of head: Int, in student: Student) -> [String] {
        let settings = student.heads[head].settings
        guard settings.kind == .spans else { return settings.labels }
        return settings.labels.filter { $0.hasPrefix("B-") }.map { String($0.dropFirst(2)) }
    }

    /// Scores the head named `task`. A head that may abstain is scored by its best class, as published results are.
    package func evaluate(
        task: String, _ dataset: LabelledDataset, bootstrap: Bootstrap = Bootstrap()
    ) throws(DatasetFailure) -> EvaluationReport {
        let student = worker.student
        guard let head = student.heads.firstIndex(where: { $0.settings.name == task }) else {
            let names = student.heads.map(\.settings.name).joined(separator: ", ")
            throw DatasetFailure("The model \(student.version) has no head \(task): choose one of \(names).")
        }
        let labels = ModelEvaluator.labels(of: head, in: student)
        switch (student.heads[head].settings.kind, dataset) {
        case (.classes, .classes(let rows)):
            return .classes(
                task: task, model: student.version.description, mask: mask, labels: labels,
                answers: try classAnswers(head, labels, rows), bootstrap: bootstrap)
        case (.spans, .spans(let rows)):
            try ModelEvaluator.check(
                rows.flatMap(\.tags).filter { $0 != "O" }.map { String($0.dropFirst(2)) }, labels, task)
            return .spans(
                task: task, model: student.version.description, mask: mask, scores: spanScores(head, rows),
                bootstrap: bootstrap)
        case (.spans, _):
            throw DatasetFailure("The head \(task) marks entities: give it rows of tokens and tags.")
        case (.classes, _):
            throw DatasetFailure("The head \(task) gives one label a text: give it rows of text and label.")
        case (.labels, _):
            throw DatasetFailure("The head \(task) gives several labels a text, for which there is no measure yet.")
        }
    }

    private static func check(_ given: [String], _ known: [String], _ task: String) throws(DatasetFailure) {
        guard let stranger = given.first(where: { !known.contains($0) }) else { return }
        throw DatasetFailure(
            "The data have a label \(stranger.prefix(40)) that the head \(task) does not: it knows \(known.joined(separator: ", "))."
        )
    }

    private func classAnswers(
        _ head: Int, _ labels: [String], _ rows: [LabelledText]
    ) throws(DatasetFailure) -> [(truth: Int, given: Int, confidence: Double)] {
        try ModelEvaluator.check(rows.map(\.label), labels, worker.student.heads[head].settings.name)
        let index = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        var answers: [(truth: Int, given: Int, confidence: Double)] = []
        for first in stride(from: 0, to: rows.count, by: ModelEvaluator.rowsAtOnce) {
            let part = rows[first..<min(first + ModelEvaluator.rowsAtOnce, rows.count)]
            let results = worker.answer(part.map { EnrichmentRequest(post: worker.prepare($0.text), text: $0.text) })
            for (row, result) in zip(part, results) {
                guard case .classes(let classification) = result[head] else { continue }
                let best = classification.scores.max { $0.score < $1.score }
                answers.append(
                    (index[row.label] ?? 0, best.flatMap { index[$0.label] } ?? 0, Double(best?.score ?? 0)))
            }
        }
        return answers
    }

    private func spanScores(_ head: Int, _ rows: [TaggedTokens]) -> SpanScores {
        var scores = SpanScores()
        for first in stride(from: 0, to: rows.count, by: ModelEvaluator.rowsAtOnce) {
            let part = rows[first..<min(first + ModelEvaluator.rowsAtOnce, rows.count)]
            let texts = part.map { $0.tokens.joined(separator: " ") }
            let results = worker.answer(texts.map { EnrichmentRequest(post: worker.prepare($0), text: $0) })
            for (row, result) in zip(part, results) {
                guard case .spans(let mentions) = result[head] else { continue }
                scores.add(
                    truth: EntityChunk.chunks(of: row.tags),
                    given: ModelEvaluator.chunks(of: mentions, tokens: row.tokens))
            }
        }
        return scores
    }

    /// Mentions of the joined text as runs of the data's tokens: a mention counts for every token it touches. Of
    /// two mentions in one token the first counts.
    package static func chunks(of mentions: [EntityMention], tokens: [String]) -> [EntityChunk] {
        var ends: [Int] = []
        for token in tokens { ends.append((ends.last.map { $0 + 1 } ?? 0) + token.unicodeScalars.count) }
        var chunks: [EntityChunk] = []
        for mention in mentions.sorted(by: { $0.span.start < $1.span.start }) {
            let first = ends.firstIndex { $0 > mention.span.start } ?? tokens.count
            let last = ends.firstIndex { $0 >= mention.span.end } ?? tokens.count - 1
            guard first <= last, first >= (chunks.last?.tokens.upperBound ?? 0) else { continue }
            chunks.append(EntityChunk(type: mention.type, tokens: first..<last + 1))
        }
        return chunks
    }
}
