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
        return (lines + confusionLines(width: width)).joined(separator: "\n")
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

    private func percent(_ share: Double) -> String {
        let tenths = Int((share * 1000).rounded())
        return "\(tenths / 10).\(tenths % 10) %"
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
