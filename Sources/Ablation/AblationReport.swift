// The report of an ablation as a page and pictures, from the committed results alone: no model and no data are needed, so that
// anyone can make it again. Adds no figure that the results do not hold.
package import Evaluation
internal import Foundation
internal import Training

package struct AblationReport {
    private let plan: AblationPlan
    private let results: [AblationResult]
    private let stored: [StoredAnswerScores]
    private let command: String

    /// - Parameters:
    ///   - results: the finished runs, in the plan's order.
    ///   - stored: rows of large models' answers, for comparison.
    ///   - command: how the runs are made.
    package init(plan: AblationPlan, results: [AblationResult], stored: [StoredAnswerScores], command: String) {
        self.plan = plan
        self.results = results
        self.stored = stored
        self.command = command
    }

    /// A test of the plan at one share of noise: a column of the tables.
    private struct Column: Hashable {
        let task: String
        let path: String
        let metric: String
        let noise: Double

        init(_ measurement: AblationResult.Measurement) {
            (task, path) = (measurement.task, measurement.path)
            (metric, noise) = (measurement.metric, measurement.noise)
        }

        var title: String { noise == 0 ? task : "\(task), noisy" }
    }

    private var columns: [Column] {
        results.flatMap(\.tests).map(Column.init).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private func find(_ result: AblationResult, _ column: Column) -> AblationResult.Measurement? {
        result.tests.first { Column($0) == column }
    }

    /// The page; pictures lie beside it, see `pictures`.
    package func markdown() -> String {
        var lines = ["# \(plan.title)", ""]
        lines += conditions + table + plan.comparisons.enumerated().flatMap { comparison($1, picture: Self.picture($0)) }
        lines += seeds + teachers + dataTable
        return lines.joined(separator: "\n") + "\n"
    }

    private var conditions: [String] {
        let open = plan.runs.map(\.name).filter { name in !results.contains { $0.run.name == name } }
        let spent = results.reduce(0) { $0 + $1.coreSeconds } / 3600
        let machines = results.map { "\($0.machine.processor), \($0.machine.cores) cores, \($0.machine.gibibytes) GiB" }
        func hashes(_ values: [String]) -> String {
            values.isEmpty ? "none" : Set(values).sorted().map { "`\($0.prefix(16))`" }.joined(separator: ", ")
        }
        var lines = ["    \(command)", ""]
        lines += [
            "| | |", "|---|---|",
            "| runs | \(results.count) of \(plan.runs.count)\(open.isEmpty ? "" : "; not run: \(open.joined(separator: ", "))") |",
            "| rows read in training | \(percent(plan.subsetShare)) of what the recipe takes of each file (counts: Data), drawn with seed "
                + "\(plan.subsetSeed) |",
            "| rows measured on | the first \(plan.testRows) of each test file |",
            "| noisy | \(percent(plan.noise)) of a post's words are noise, of kinds that training never uses |",
            "| budget | \(plan.coreHours) core-hours; used \(number(spent, 2)) |",
            "| machine | \(Set(machines).sorted().joined(separator: "; ")) |",
            "| first weights, SHA-256 | \(hashes(results.map(\.startHash))) |",
            "| local teacher, SHA-256 | \(hashes(results.compactMap(\.teacherHash))) |",
            "| program | \(Set(results.map(\.program)).sorted().joined(separator: ", ")) |", "",
            "Figures are percent, in brackets 95 % bootstrap intervals over the rows. They hold for small students, little data and short "
                + "runs: they say what a part is worth under these conditions, not how good the shipped models are.",
            "",
        ]
        return lines
    }

    private var table: [String] {
        var lines = ["## Runs", ""]
        let names = columns.map { "\($0.title) \($0.metric)" }.joined(separator: " | ")
        lines.append("| run | \(names) | layers | mask | seed | core-seconds |")
        lines.append("|---|" + columns.map { _ in "---|" }.joined() + "---|---|---|---|")
        for result in results {
            let cells = columns.map { column in
                find(result, column).map { "\(points($0.value)) (\(points($0.interval[0])) to \(points($0.interval[1])))" } ?? ""
            }
            let layers = result.run.layers.map { "\($0.count)" } ?? "all"
            lines.append(
                "| \(result.run.name) | \(cells.joined(separator: " | ")) | \(layers) | \(result.run.mask.rawValue) | "
                    + "\(result.run.seed) | \(Int(result.coreSeconds)) |")
        }
        return lines + [""]
    }

    private func comparison(_ comparison: AblationPlan.Comparison, picture: String) -> [String] {
        let found = comparison.runs.compactMap { name in results.first { $0.run.name == name } }
        var lines = ["## \(comparison.title)", ""]
        guard let first = found.first, found.count > 1, first.run.name == comparison.runs[0] else {
            return lines + ["Not enough of these runs have finished: \(comparison.runs.joined(separator: ", ")).", ""]
        }
        lines += [
            "Difference from `\(first.run.name)` in points, with the 95 % interval of paired resamples of the rows; in bold where it "
                + "leaves out 0.", "",
        ]
        lines.append("| run | \(columns.map(\.title).joined(separator: " | ")) |")
        lines.append("|---|" + columns.map { _ in "---|" }.joined())
        for other in found.dropFirst() {
            let cells = columns.map { difference(other, first, $0) }
            lines.append("| \(other.run.name) | \(cells.joined(separator: " | ")) |")
        }
        return lines + ["", "![\(comparison.title)](\(picture))", ""]
    }

    private func difference(_ one: AblationResult, _ other: AblationResult, _ column: Column) -> String {
        guard let a = find(one, column), let b = find(other, column), let x = a.rows.answers, let y = b.rows.answers,
            x.rowCount == y.rowCount, a.rows.labels == nil || a.rows.truths == b.rows.truths
        else { return "not comparable" }
        let interval = Bootstrap().interval(rowCount: x.rowCount) {
            x.metric(column.metric, over: $0) - y.metric(column.metric, over: $0)
        }
        let text = "\(signed(a.value - b.value)) (\(signed(interval[0])) to \(signed(interval[1])))"
        return interval[0] > 0 || interval[1] < 0 ? "**\(text)**" : text
    }

    /// Runs that differ in nothing but the seed.
    private var seeds: [String] {
        let groups = Dictionary(grouping: results) { $0.run.kind }.values.filter { $0.count > 1 }
            .sorted { $0[0].run.name < $1[0].run.name }
        guard !groups.isEmpty else { return [] }
        var lines = ["## Seeds", "", "Mean over runs that differ in the seed alone, and the smallest and largest.", ""]
        lines.append("| runs | \(columns.map(\.title).joined(separator: " | ")) |")
        lines.append("|---|" + columns.map { _ in "---|" }.joined())
        for group in groups {
            let cells = columns.map { column -> String in
                let values = group.compactMap { find($0, column)?.value }
                guard let low = values.min(), let high = values.max() else { return "" }
                return "\(points(values.reduce(0, +) / Double(values.count))) (\(points(low)) to \(points(high)))"
            }
            lines.append("| \(group.map(\.run.name).joined(separator: ", ")) | \(cells.joined(separator: " | ")) |")
        }
        return lines + [""]
    }

    private var teachers: [String] {
        guard !stored.isEmpty else { return [] }
        var lines = [
            "## Large models on the same test files", "",
            "Recomputed from their stored answers on the whole files; nothing here was trained on them.", "",
            "| model | setting | task | rows | macro recall | macro F1 | accuracy |", "|---|---|---|---|---|---|---|",
        ]
        for score in stored {
            let cells = ["macro_recall", "macro_f1", "accuracy"].map { name -> String in
                let interval = score.intervals[name] ?? [0, 0]
                return "\(points(score.metrics[name] ?? 0)) (\(points(interval[0])) to \(points(interval[1])))"
            }
            lines.append(
                "| \(score.model) | \(score.setting) | \(score.task) | \(score.rows) | \(cells.joined(separator: " | ")) |")
        }
        return lines + [""]
    }

    private var dataTable: [String] {
        var lines = ["## Data", "", "| file | SHA-256 | rows read, by run |", "|---|---|---|"]
        var hashes: [String: Set<String>] = [:]
        var rows: [String: Set<Int>] = [:]
        for file in results.flatMap(\.data) {
            hashes[file.path, default: []].insert(file.sha256)
            if let count = file.rows { rows[file.path, default: []].insert(count) }
        }
        for (path, found) in hashes.sorted(by: { $0.key < $1.key }) {
            let counts = (rows[path] ?? []).sorted().map(String.init).joined(separator: ", ")
            let short = found.sorted().map { "`\($0.prefix(16))`" }.joined(separator: ", ")
            lines.append("| `\(path)` | \(short) | \(counts.isEmpty ? "measured on" : counts) |")
        }
        return lines
    }

    private static func picture(_ index: Int) -> String { "comparison-\(index + 1).svg" }

    /// Name and SVG of each comparison that has a picture: a chart a test, its runs in the order of the table.
    package func pictures() -> [(name: String, svg: String)] {
        plan.comparisons.enumerated().compactMap { index, comparison in
            let found = comparison.runs.enumerated().compactMap { place, name in
                results.first { $0.run.name == name }.map { (place: Double(place + 1), result: $0) }
            }
            guard found.count > 1 else { return nil }
            let names = comparison.runs.enumerated().map { "\($0 + 1) \($1)" }.joined(separator: ", ")
            let charts = columns.enumerated().map { number, column in
                func line(_ name: String, _ value: (AblationResult.Measurement) -> Double) -> LineChart.Series {
                    LineChart.Series(
                        name: name,
                        points: found.compactMap { item in find(item.result, column).map { (item.place, 100 * value($0)) } })
                }
                return LineChart(
                    title: "\(column.title) \(column.metric)", xTitle: number == 0 ? names : "run",
                    series: [line("measured", \.value), line("95 % low", { $0.interval[0] }), line("95 % high", { $0.interval[1] })])
            }
            return (Self.picture(index), LineChart.svg(charts, columns: 2))
        }
    }

    private func percent(_ share: Double) -> String { "\(number(100 * share, 1)) %" }
    private func points(_ share: Double) -> String { number(100 * share, 1) }

    private func signed(_ difference: Double) -> String {
        let text = points(difference)
        return text == "-0.0" ? "0.0" : difference > 0 && text != "0.0" ? "+" + text : text
    }

    private func number(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
