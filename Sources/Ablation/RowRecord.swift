// What a model answered to every row of a test file, small enough to be kept beside the figures: without it no two runs could be
// compared row by row later. Holds labels' numbers, no texts.
package import Evaluation
package import Training

package struct RowRecord: Sendable, Codable, Equatable {
    /// Of a head of classes; nil for spans.
    package let labels: [String]?
    /// A character a row: the right label's index in base 36, `.` for a row outside of the classes; for spans the entities that are
    /// right, given and there, three characters a row.
    package let truths: String
    /// A character a row; empty for spans.
    package let given: String

    private static let digits = Array("0123456789abcdefghijklmnopqrstuvwxyz")

    package init(_ answers: RowAnswers) throws(TrainingFailure) {
        switch answers {
        case .classes(let rows, let labels, _):
            guard labels.count <= Self.digits.count else {
                throw TrainingFailure("A head of \(labels.count) labels cannot be recorded row by row: at most \(Self.digits.count).")
            }
            self.labels = labels
            truths = String(rows.map { row in row.truth.map { Self.digits[$0] } ?? "." })
            given = String(rows.map { Self.digits[$0.given] })
        case .spans(let scores, _):
            labels = nil
            // More entities than digits in one post do not occur; they would count as that many.
            truths = String(
                scores.rows.flatMap { row in
                    [row.right, row.given, row.support].map { Self.digits[min($0, Self.digits.count - 1)] }
                })
            given = ""
        }
    }

    /// nil where the record is not one.
    package var answers: RowAnswers? {
        guard let labels else {
            let values = truths.map { Self.digits.firstIndex(of: $0) }
            guard values.count % 3 == 0, values.allSatisfy({ $0 != nil }) else { return nil }
            let rows = stride(from: 0, to: values.count, by: 3).map { first in
                var counts = ChunkCounts()
                (counts.right, counts.given, counts.support) = (values[first] ?? 0, values[first + 1] ?? 0, values[first + 2] ?? 0)
                return counts
            }
            return .spans(SpanScores(rows: rows), groups: rows.map { _ in nil })
        }
        guard truths.count == given.count else { return nil }
        var rows: [ClassAnswer] = []
        for (truth, given) in zip(truths, given) {
            let right = Self.digits.firstIndex(of: truth)
            guard let index = Self.digits.firstIndex(of: given), index < labels.count, (right ?? 0) < labels.count else {
                return nil
            }
            rows.append(ClassAnswer(truth: right, given: index, confidence: 1))
        }
        return .classes(rows, labels: labels, abstainThreshold: nil)
    }
}
