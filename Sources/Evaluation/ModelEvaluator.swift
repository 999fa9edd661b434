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

    /// Scores the head named `task`. A head that may abstain is scored by its best class, as published results are; rows outside
    /// of its classes (no label, or `other` where that is no class) tell how well it abstains, and nothing else.
    package func evaluate(
        task: String, _ dataset: LabelledDataset, groupedBy field: String? = nil, bootstrap: Bootstrap = Bootstrap()
    ) throws(DatasetFailure) -> EvaluationReport {
        let (answers, kept) = try answers(task: task, dataset)
        let model = worker.student.version.description
        var report: EvaluationReport
        switch answers {
        case .classes(let rows, let labels, let threshold):
            let inside = rows.compactMap { row in row.truth.map { (truth: $0, given: row.given, confidence: row.confidence) } }
            report = .classes(
                task: task, model: model, mask: mask, labels: labels, answers: inside, keptShare: kept.share,
                bootstrap: bootstrap)
            report.abstention = AbstentionScores(rows, threshold: threshold)
        case .spans(let scores, _):
            report = .spans(
                task: task, model: model, mask: mask, scores: scores, keptShare: kept.share, bootstrap: bootstrap)
        }
        report.groups = field.map { GroupScores(answers, field: $0) }
        return report
    }

    /// What the head named `task` answers to every row, and how much of the texts the mask left.
    package func answers(
        task: String, _ dataset: LabelledDataset
    ) throws(DatasetFailure) -> (answers: RowAnswers, kept: KeptTokens) {
        let student = worker.student
        guard let head = student.heads.firstIndex(where: { $0.settings.name == task }) else {
            let names = student.heads.map(\.settings.name).joined(separator: ", ")
            throw DatasetFailure("The model \(student.version) has no head \(task): choose one of \(names).")
        }
        let labels = ModelEvaluator.labels(of: head, in: student)
        let settings = student.heads[head].settings
        switch (settings.kind, dataset) {
        case (.classes, .classes(let rows)):
            let (answers, kept) = try classAnswers(head, labels, rows)
            return (.classes(answers, labels: labels, abstainThreshold: settings.abstainThreshold.map { Double($0) }), kept)
        case (.spans, .spans(let rows)):
            try ModelEvaluator.check(
                rows.flatMap(\.tags).filter { $0 != "O" }.map { String($0.dropFirst(2)) }, labels, task)
            let (scores, kept) = spanScores(head, rows)
            return (.spans(scores, groups: rows.map(\.group)), kept)
        case (.spans, _):
            throw DatasetFailure("The head \(task) marks entities: give it rows of tokens and tags.")
        case (.classes, _):
            throw DatasetFailure("The head \(task) gives one label a text: give it rows of text and label.")
        case (.labels, _):
            throw DatasetFailure("The head \(task) gives several labels a text, for which there is no measure yet.")
        }
    }

    /// How data sets name a text that belongs to none of the classes.
    package static let outsideLabel = "other"

    private static func check(_ given: [String], _ known: [String], _ task: String) throws(DatasetFailure) {
        guard let stranger = given.first(where: { !known.contains($0) }) else { return }
        throw DatasetFailure(
            "The data have a label \(stranger.prefix(40)) that the head \(task) does not: it knows "
                + "\(known.joined(separator: ", "))."
        )
    }

    private func classAnswers(
        _ head: Int, _ labels: [String], _ rows: [LabelledText]
    ) throws(DatasetFailure) -> (answers: [ClassAnswer], kept: KeptTokens) {
        let isOutside: (String) -> Bool = { label in
            label.isEmpty || (label == ModelEvaluator.outsideLabel && !labels.contains(label))
        }
        let task = worker.student.heads[head].settings.name
        try ModelEvaluator.check(rows.map(\.label).filter { !isOutside($0) }, labels, task)
        let index = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        var answers: [ClassAnswer] = []
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
                    ClassAnswer(
                        truth: isOutside(row.label) ? nil : index[row.label], given: best.flatMap { index[$0.label] } ?? 0,
                        confidence: Double(best?.score ?? 0), group: row.group))
            }
        }
        return (answers, kept)
    }

    private func spanScores(_ head: Int, _ rows: [TaggedTokens]) -> (scores: SpanScores, kept: KeptTokens) {
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
        return (scores, kept)
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

extension KeptTokens {
    fileprivate mutating func add(_ requests: [EnrichmentRequest]) {
        for request in requests { add(kept: request.post.tokenCount - 2, of: request.post.tokens.tokens.count - 2) }
    }
}
