// Counts of (right answer, given answer) and the scores the field computes from them.
// Labels are given beforehand; rows are added one by one.

/// What there is to say about one label.
package struct LabelScores: Sendable, Equatable, Codable {
    package let precision: Double
    package let recall: Double
    package let f1: Double
    /// Rows (or mentions) that truly have the label.
    package let support: Int

    package init(right: Int, given: Int, support: Int) {
        precision = given == 0 ? 0 : Double(right) / Double(given)
        recall = support == 0 ? 0 : Double(right) / Double(support)
        f1 = given + support == 0 ? 0 : 2 * Double(right) / Double(given + support)
        self.support = support
    }
}

package struct ConfusionMatrix: Sendable, Equatable {
    package let labels: [String]
    /// counts[truth][given], indices into `labels`.
    package private(set) var counts: [[Int]]

    package init(labels: [String]) {
        self.labels = labels
        counts = Array(repeating: Array(repeating: 0, count: labels.count), count: labels.count)
    }

    package mutating func add(truth: Int, given: Int) { counts[truth][given] += 1 }

    package var rowCount: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }

    package var accuracy: Double {
        let right = labels.indices.reduce(0) { $0 + counts[$1][$1] }
        return rowCount == 0 ? 0 : Double(right) / Double(rowCount)
    }

    /// Scores by label; labels that neither the data nor the answers use are left out, as scikit-learn does.
    package var scores: [(label: String, scores: LabelScores)] {
        labels.indices.compactMap { index in
            let support = counts[index].reduce(0, +)
            let given = counts.reduce(0) { $0 + $1[index] }
            guard support + given > 0 else { return nil }
            return (labels[index], LabelScores(right: counts[index][index], given: given, support: support))
        }
    }

    package var macroF1: Double { mean(\.f1) }
    package var macroRecall: Double { mean(\.recall) }

    private func mean(_ part: KeyPath<LabelScores, Double>) -> Double {
        let all = scores
        return all.isEmpty ? 0 : all.reduce(0) { $0 + $1.scores[keyPath: part] } / Double(all.count)
    }
}
