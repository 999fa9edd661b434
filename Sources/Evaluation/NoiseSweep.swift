// Quality against noise: one model, each mask, several shares of noise, each family of noise. The figures as JSON,
// a table, a picture.
internal import Foundation
package import StudentInference

package struct NoiseSweep: Sendable, Codable {
    package struct Point: Sendable, Codable {
        package let family: String
        package let mask: String
        /// The share that is noise, in the sweep's unit.
        package let noise: Double
        package let keptShare: Double
        package let value: Double
        package let interval: [Double]

        enum CodingKeys: String, CodingKey {
            case family, mask, noise, value, interval
            case keptShare = "kept_share"
        }
    }

    package let task: String
    package let model: String
    package let rows: Int
    package let metric: String
    package let unit: NoiseStress.Unit
    package let points: [Point]

    /// `families`: a name, and the noise of a given share in `unit`. Random keeps, at every share, what the learned mask keeps
    /// there.
    package static func run(
        _ student: Student, task: String, _ dataset: LabelledDataset, shares: [Double], metric: String,
        unit: NoiseStress.Unit, families: [(name: String, noise: (Double) -> NoiseStress)], threshold: Float? = nil,
        bootstrap: Bootstrap = Bootstrap(resamples: 400), progress: (Point) -> Void = { _ in }
    ) throws(DatasetFailure) -> NoiseSweep {
        var points: [Point] = []
        for (index, family) in families.enumerated() {
            for share in shares {
                // Without noise all families are the same.
                if share == 0, index > 0 {
                    let clean = points.filter { $0.family == families[0].name && $0.noise == 0 }
                    points += clean.map { $0.renamed(family.name) }
                    continue
                }
                let noise = family.noise(share)
                let texts = dataset.noisyTexts(noise)
                for (name, policy) in MaskComparison.policies(student, texts: texts, threshold: threshold) {
                    let evaluator = ModelEvaluator(student: student, policy: policy, mask: name, noise: noise)
                    let (answers, kept) = try evaluator.answers(task: task, dataset)
                    let interval = bootstrap.interval(rowCount: answers.rowCount) { answers.metric(metric, over: $0) }
                    let point = Point(
                        family: family.name, mask: name, noise: share, keptShare: kept.share,
                        value: answers.metric(metric), interval: interval)
                    progress(point)
                    points.append(point)
                }
            }
        }
        return NoiseSweep(
            task: task, model: student.version.description, rows: dataset.rowCount, metric: metric, unit: unit,
            points: points)
    }

    private var families: [String] { points.reduce(into: []) { if !$0.contains($1.family) { $0.append($1.family) } } }
    private var masks: [String] { points.reduce(into: []) { if !$0.contains($1.mask) { $0.append($1.mask) } } }

    /// A chart a family, a line a mask.
    package var picture: String {
        LineChart.svg(
            families.map { family in
                LineChart(
                    title: "\(task): \(metric), \(family) noise", xTitle: "share of the \(unit.rawValue) that is noise",
                    series: masks.map { mask in
                        let mine = points.filter { $0.family == family && $0.mask == mask }
                        return LineChart.Series(name: mask, points: mine.map { ($0.noise, $0.value) })
                    })
            }, columns: 2)
    }

    package var table: String {
        let percent = PercentText.self
        var lines = ["\(task): \(metric), \(rows) rows, noise as a share of the \(unit.rawValue), model \(model)"]
        for family in families {
            lines += ["", "  \(family) noise"]
            lines.append("  " + percent.left("noise", 10) + masks.map { percent.right($0, 22) }.joined())
            for share in Set(points.map(\.noise)).sorted() {
                let cells = masks.map { mask -> String in
                    let found = points.first { $0.family == family && $0.mask == mask && $0.noise == share }
                    let text = found.map { "\(percent.of($0.value)) (\(percent.of($0.keptShare)) read)" } ?? ""
                    return percent.right(text, 22)
                }
                lines.append("  " + percent.left(percent.of(share), 10) + cells.joined())
            }
        }
        return lines.joined(separator: "\n")
    }

    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension NoiseSweep.Point {
    fileprivate func renamed(_ family: String) -> NoiseSweep.Point {
        NoiseSweep.Point(
            family: family, mask: mask, noise: noise, keptShare: keptShare, value: value, interval: interval)
    }
}
