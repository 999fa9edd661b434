// What a model answered to every row of a data set, before any figure is made of it: enough for all metrics, to resample rows, and
// to compare two runs row by row.

/// The answer to one text with a label.
package struct ClassAnswer: Sendable, Equatable {
    /// Index of the right label; nil for a text outside of the classes.
    package let truth: Int?
    /// Index of the best class, also where the model would abstain.
    package let given: Int
    /// The best class's probability.
    package let confidence: Double
    /// What `--group-by` groups by.
    package let group: String?

    package init(truth: Int?, given: Int, confidence: Double, group: String? = nil) {
        self.truth = truth
        self.given = given
        self.confidence = confidence
        self.group = group
    }
}

package enum RowAnswers: Sendable {
    /// `abstainThreshold` is the head's.
    case classes([ClassAnswer], labels: [String], abstainThreshold: Double?)
    case spans(SpanScores, groups: [String?])

    package var rowCount: Int {
        switch self {
        case .classes(let rows, _, _): rows.count
        case .spans(let scores, _): scores.rows.count
        }
    }

    /// The group of each row.
    package var groups: [String?] {
        switch self {
        case .classes(let rows, _, _): rows.map(\.group)
        case .spans(_, let groups): groups
        }
    }

    /// The names of the metrics that rows can be resampled for, the field's main one last.
    package static func metricNames(_ kind: RowAnswers) -> [String] {
        switch kind {
        case .classes: ["accuracy", "macro_f1", "macro_recall"]
        case .spans: ["entity_precision", "entity_recall", "entity_f1"]
        }
    }

    /// A metric of some of the rows, which may repeat: 0 to 1. Rows outside of the classes have no part in it.
    package func metric(_ name: String, over rows: some Sequence<Int>) -> Double {
        switch self {
        case .classes(let answers, let labels, _):
            var matrix = ConfusionMatrix(labels: labels)
            for row in rows {
                if let truth = answers[row].truth { matrix.add(truth: truth, given: answers[row].given) }
            }
            return name == "macro_f1" ? matrix.macroF1 : name == "accuracy" ? matrix.accuracy : matrix.macroRecall
        case .spans(let scores, _):
            var counts = ChunkCounts()
            for row in rows { counts += scores.rows[row] }
            let found = counts.scores
            return name == "entity_precision" ? found.precision : name == "entity_recall" ? found.recall : found.f1
        }
    }

    package func metric(_ name: String) -> Double { metric(name, over: 0..<rowCount) }
}

/// Tokens that the encoder read, of all that the texts had, the specials left out.
package struct KeptTokens: Sendable, Equatable {
    package private(set) var kept = 0
    package private(set) var all = 0

    package init() {}

    package mutating func add(kept: Int, of all: Int) {
        self.kept += kept
        self.all += all
    }

    package var share: Double { all == 0 ? 1 : Double(kept) / Double(all) }
}
