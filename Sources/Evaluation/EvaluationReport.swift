// The result of an evaluation as scripts and people read it. Metrics lie between 0 and 1; names are the contract's.
// Made once from all answers; it runs no model.
import Foundation

package struct EvaluationReport: Sendable, Codable, Equatable {
    package let task: String
    /// `classes` or `spans`.
    package let kind: String
    package let rows: Int
    package let model: String
    package let mask: String
    /// Tokens that the mask left, of all that the texts had.
    package let keptShare: Double
    package let metrics: [String: Double]
    /// 95 % bootstrap intervals of the metrics that have one: [low, high].
    package let intervals: [String: [Double]]
    package let perLabel: [String: LabelScores]
    /// For classes: truth, then given answer, then rows.
    package let confusion: [String: [String: Int]]?
    /// For classes: the figures of a reliability diagram.
    package var calibration: [CalibrationBin]?
    /// Where the data hold rows outside of the classes.
    package var abstention: AbstentionScores?
    /// Where a field to group by was named.
    package var groups: GroupScores?

    enum CodingKeys: String, CodingKey {
        case task, kind, rows, model, mask, metrics, intervals, confusion, calibration, abstention, groups
        case perLabel = "per_label"
        case keptShare = "kept_share"
    }

    /// `answers`: index of the truth and of the answer among `labels`, and the answer's probability.
    package static func classes(
        task: String, model: String, mask: String, labels: [String],
        answers: [(truth: Int, given: Int, confidence: Double)], keptShare: Double = 1,
        bootstrap: Bootstrap = Bootstrap()
    ) -> EvaluationReport {
        func matrix(_ rows: some Sequence<Int>) -> ConfusionMatrix {
            var matrix = ConfusionMatrix(labels: labels)
            for row in rows { matrix.add(truth: answers[row].truth, given: answers[row].given) }
            return matrix
        }
        let all = matrix(answers.indices)
        var metrics: [String: (ConfusionMatrix) -> Double] = [:]
        metrics["accuracy"] = { $0.accuracy }
        metrics["macro_f1"] = { $0.macroF1 }
        metrics["macro_recall"] = { $0.macroRecall }
        var values = metrics.mapValues { $0(all) }
        values["ece"] = CalibrationError.expected(answers.map { ($0.confidence, $0.truth == $0.given) })
        var confusion: [String: [String: Int]] = [:]
        for (truth, row) in zip(labels, all.counts) where row.contains(where: { $0 > 0 }) {
            confusion[truth] = Dictionary(uniqueKeysWithValues: zip(labels, row))
        }
        var report = EvaluationReport(
            task: task, kind: "classes", rows: answers.count, model: model, mask: mask, keptShare: keptShare,
            metrics: values,
            intervals: metrics.mapValues { metric in
                bootstrap.interval(rowCount: answers.count) { metric(matrix($0)) }
            },
            perLabel: Dictionary(uniqueKeysWithValues: all.scores.map { ($0.label, $0.scores) }),
            confusion: confusion)
        report.calibration = CalibrationError.bins(answers.map { ($0.confidence, $0.truth == $0.given) })
        return report
    }

    package static func spans(
        task: String, model: String, mask: String, scores: SpanScores, keptShare: Double = 1,
        bootstrap: Bootstrap = Bootstrap()
    ) -> EvaluationReport {
        let total = scores.total.scores
        let interval = bootstrap.interval(rowCount: scores.rows.count) { drawn in
            var counts = ChunkCounts()
            for row in drawn { counts += scores.rows[row] }
            return counts.scores.f1
        }
        return EvaluationReport(
            task: task, kind: "spans", rows: scores.rows.count, model: model, mask: mask,
            keptShare: keptShare,
            metrics: [
                "entity_f1": total.f1, "entity_precision": total.precision, "entity_recall": total.recall,
                "macro_f1": scores.macroF1,
            ],
            intervals: ["entity_f1": interval], perLabel: scores.byType.mapValues(\.scores), confusion: nil)
    }

    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
