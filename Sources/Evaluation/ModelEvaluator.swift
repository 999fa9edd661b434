// Runs the student over a labelled data set and scores its answers: the same tokenizer, mask, encoder and
// decoding as in the stream. It reads no files and prints nothing.
package import Masking
package import Posts
package import StudentInference
internal import Tokenization

package struct ModelEvaluator {
    private let worker: StudentWorker
    private let mask: String
    private let noise: NoiseStress?
    private static let rowsAtOnce = 256

    /// `mask` is the name that the report carries. `noise` is put into texts with a label, not into rows of tokens.
    package init(student: Student, policy: MaskPolicy, mask: String, noise: NoiseStress? = nil) {
        worker = StudentWorker(student: student, mask: policy)
        self.mask = mask
        self.noise = noise
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
            let (answers, keptShare) = try classAnswers(head, labels, rows)
            return .classes(
                task: task, model: student.version.description, mask: mask, labels: labels, answers: answers,
                keptShare: keptShare, bootstrap: bootstrap)
        case (.spans, .spans(let rows)):
            try ModelEvaluator.check(
                rows.flatMap(\.tags).filter { $0 != "O" }.map { String($0.dropFirst(2)) }, labels, task)
            let (scores, keptShare) = spanScores(head, rows)
            return .spans(
                task: task, model: student.version.description, mask: mask, scores: scores, keptShare: keptShare,
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
    ) throws(DatasetFailure) -> (answers: [(truth: Int, given: Int, confidence: Double)], keptShare: Double) {
        try ModelEvaluator.check(rows.map(\.label), labels, worker.student.heads[head].settings.name)
        let index = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        var answers: [(truth: Int, given: Int, confidence: Double)] = []
        var kept = KeptTokens()
        for first in stride(from: 0, to: rows.count, by: ModelEvaluator.rowsAtOnce) {
            let part = rows[first..<min(first + ModelEvaluator.rowsAtOnce, rows.count)]
            let texts = zip(part.indices, part).map { noise?.noisy($1.text, row: $0) ?? $1.text }
            let requests = texts.map { EnrichmentRequest(post: worker.prepare($0), text: $0) }
            kept.add(requests)
            for (row, result) in zip(part, worker.answer(requests)) {
                guard case .classes(let classification) = result[head] else { continue }
                let best = classification.scores.max { $0.score < $1.score }
                answers.append(
                    (index[row.label] ?? 0, best.flatMap { index[$0.label] } ?? 0, Double(best?.score ?? 0)))
            }
        }
        return (answers, kept.share)
    }

    private func spanScores(_ head: Int, _ rows: [TaggedTokens]) -> (scores: SpanScores, keptShare: Double) {
        var scores = SpanScores()
        var kept = KeptTokens()
        for first in stride(from: 0, to: rows.count, by: ModelEvaluator.rowsAtOnce) {
            let part = rows[first..<min(first + ModelEvaluator.rowsAtOnce, rows.count)]
            let texts = part.map { $0.tokens.joined(separator: " ") }
            let requests = texts.map { EnrichmentRequest(post: worker.prepare($0), text: $0) }
            kept.add(requests)
            for (row, result) in zip(part, worker.answer(requests)) {
                guard case .spans(let mentions) = result[head] else { continue }
                scores.add(
                    truth: EntityChunk.chunks(of: row.tags),
                    given: ModelEvaluator.chunks(of: mentions, tokens: row.tokens))
            }
        }
        return (scores, kept.share)
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

/// Tokens that the encoder read, of all that the texts had, the specials left out.
private struct KeptTokens {
    private var kept = 0
    private var all = 0

    mutating func add(_ requests: [EnrichmentRequest]) {
        for request in requests {
            kept += request.post.tokenCount - 2
            all += request.post.tokens.tokens.count - 2
        }
    }

    var share: Double { all == 0 ? 1 : Double(kept) / Double(all) }
}
