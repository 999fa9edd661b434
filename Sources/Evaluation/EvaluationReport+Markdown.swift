// The report as a page that can be kept beside a model: what was measured, on which data, by which command. Adds no figure.

/// Where a report comes from.
package struct ReportOrigin: Sendable {
    /// As it was typed.
    package let commandLine: String
    /// Name and SHA-256 of each file that was read.
    package let files: [(name: String, hash: String)]

    package init(commandLine: String, files: [(name: String, hash: String)]) {
        self.commandLine = commandLine
        self.files = files
    }
}

extension EvaluationReport {
    package func markdown(_ origin: ReportOrigin) -> String {
        var lines = ["# \(task): \(model)", ""]
        lines += [
            "| | |", "|---|---|", "| model | `\(model)` |", "| mask | \(mask), \(percent(keptShare)) of the tokens read |",
            "| rows | \(rows) |",
        ]
        lines += origin.files.map { "| data | `\($0.name)`, SHA-256 `\($0.hash)` |" }
        lines += ["", "    \(origin.commandLine)", ""]
        lines += ["## Metrics", "", "| metric | value | 95 % bootstrap interval |", "|---|---|---|"]
        for name in metrics.keys.sorted() {
            let interval = intervals[name].map { "\(percent($0[0])) to \(percent($0[1]))" } ?? ""
            lines.append("| `\(name)` | \(percent(metrics[name] ?? 0)) | \(interval) |")
        }
        lines += ["", "## Labels", "", "| label | precision | recall | F1 | rows |", "|---|---|---|---|---|"]
        for (label, scores) in perLabel.sorted(by: { $0.key < $1.key }) {
            let figures = [scores.precision, scores.recall, scores.f1].map(percent).joined(separator: " | ")
            lines.append("| \(cell(label)) | \(figures) | \(scores.support) |")
        }
        lines += confusionTable + calibrationTable + abstentionTable + groupTable
        return lines.joined(separator: "\n") + "\n"
    }

    private var confusionTable: [String] {
        guard let confusion else { return [] }
        let labels = Set(confusion.keys).union(confusion.values.flatMap { $0.filter { $0.value > 0 }.keys }).sorted()
        var lines = ["", "## Confusion", "", "Rows are the truth, columns the answer.", ""]
        lines.append("| | \(labels.map(cell).joined(separator: " | ")) |")
        lines.append("|---|" + labels.map { _ in "---|" }.joined())
        for truth in labels {
            let counts = labels.map { String(confusion[truth]?[$0] ?? 0) }.joined(separator: " | ")
            lines.append("| \(cell(truth)) | \(counts) |")
        }
        return lines
    }

    private var calibrationTable: [String] {
        guard let calibration else { return [] }
        var lines = ["", "## Calibration", "", "| stated probability | rows | mean stated | right |", "|---|---|---|---|"]
        for bin in calibration {
            let range = "\(percent(bin.lower)) to \(percent(bin.upper))"
            lines.append("| \(range) | \(bin.count) | \(percent(bin.confidence)) | \(percent(bin.accuracy)) |")
        }
        return lines
    }

    private var abstentionTable: [String] {
        guard let abstention else { return [] }
        let threshold = abstention.threshold.map(percent) ?? "none: the head always answers"
        return [
            "", "## Abstention", "", "| | |", "|---|---|", "| threshold | \(threshold) |",
            "| rows inside that are answered (coverage) | \(percent(abstention.coverage)) |",
            "| of those right | \(percent(abstention.answeredAccuracy)) |",
            "| rows outside that get no answer | \(percent(abstention.outsideRefused)) of \(abstention.outsideRows) |",
            "| AUROC of the score, inside against outside | \(percent(abstention.auroc)) |",
        ]
    }

    private var groupTable: [String] {
        guard let groups else { return [] }
        let names = groups.mean.keys.sorted()
        var lines = ["", "## By \(groups.field)", "", "| \(cell(groups.field)) | \(names.joined(separator: " | ")) | rows |"]
        lines.append("|---|" + names.map { _ in "---|" }.joined() + "---|")
        for (name, group) in groups.groups.sorted(by: { $0.key < $1.key }) {
            let cells = names.map { percent(group.metrics[$0] ?? 0) }.joined(separator: " | ")
            lines.append("| \(cell(name)) | \(cells) | \(group.rows) |")
        }
        lines.append("| mean | \(names.map { percent(groups.mean[$0] ?? 0) }.joined(separator: " | ")) | |")
        return lines
    }

    private func percent(_ share: Double) -> String { PercentText.of(share) }

    /// A label must not end a table's cell.
    private func cell(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
