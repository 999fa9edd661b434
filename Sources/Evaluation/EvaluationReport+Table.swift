// The report as a table for a terminal. The JSON form is the one for scripts.
// Adds no figure of its own.

extension EvaluationReport {
    package var table: String {
        var lines = ["\(task): \(rows) rows, model \(model), mask \(mask) (\(percent(keptShare)) of the tokens read)", ""]
        for name in metrics.keys.sorted() {
            let interval = intervals[name].map { "   95 % interval \(percent($0[0])) to \(percent($0[1]))" } ?? ""
            lines.append("  \(padded(name, 18))\(percent(metrics[name] ?? 0))\(interval)")
        }
        let width = max(18, (perLabel.keys.map(\.count).max() ?? 0) + 2)
        lines += ["", "  \(padded("label", width))precision  recall      F1    rows"]
        for (label, scores) in perLabel.sorted(by: { $0.key < $1.key }) {
            let figures = [scores.precision, scores.recall, scores.f1].map { right(percent($0), 8) }.joined()
            lines.append("  \(padded(label, width)) \(figures)\(right(String(scores.support), 8))")
        }
        return (lines + confusionLines(width: width) + abstentionLines + groupLines).joined(separator: "\n")
    }

    private func confusionLines(width: Int) -> [String] {
        guard let confusion else { return [] }
        let labels = Set(confusion.keys).union(confusion.values.flatMap { $0.filter { $0.value > 0 }.keys }).sorted()
        var lines = ["", "  truth (down), answer (across)"]
        let columns = labels.map { max(8, $0.count + 2) }
        lines.append("  " + padded("", width) + zip(labels, columns).map { right($0, $1) }.joined())
        for truth in labels {
            let cells = zip(labels, columns).map { right(String(confusion[truth]?[$0] ?? 0), $1) }.joined()
            lines.append("  " + padded(truth, width) + cells)
        }
        return lines
    }

    private var abstentionLines: [String] {
        guard let abstention else { return [] }
        let threshold = abstention.threshold.map { "score below \(percent($0))" } ?? "never: the head has no threshold"
        return [
            "", "  no answer: \(threshold)",
            "  \(padded("inside, answered", 26))\(percent(abstention.coverage))",
            "  \(padded("of those right", 26))\(percent(abstention.answeredAccuracy))",
            "  \(padded("outside, no answer", 26))\(percent(abstention.outsideRefused)) of \(abstention.outsideRows) rows",
            "  \(padded("AUROC of the score", 26))\(percent(abstention.auroc))",
        ]
    }

    private var groupLines: [String] {
        guard let groups else { return [] }
        let names = groups.mean.keys.sorted()
        let width = max(18, (groups.groups.keys.map(\.count).max() ?? 0) + 2)
        var lines = ["", "  " + padded(groups.field, width) + names.map { right($0, 18) }.joined() + right("rows", 8)]
        for (name, group) in groups.groups.sorted(by: { $0.key < $1.key }) {
            let cells = names.map { right(percent(group.metrics[$0] ?? 0), 18) }.joined()
            lines.append("  " + padded(name, width) + cells + right(String(group.rows), 8))
        }
        let means = names.map { right(percent(groups.mean[$0] ?? 0), 18) }.joined()
        return lines + ["  " + padded("mean of \(groups.groups.count)", width) + means]
    }

    private func percent(_ share: Double) -> String { PercentText.of(share) }
    private func padded(_ text: String, _ width: Int) -> String { PercentText.left(text, width) }
    private func right(_ text: String, _ width: Int) -> String { PercentText.right(text, width) }
}
