// The mask's ablation: the same model and rows with each mask, random at the share that the learned mask keeps, and what the
// learned mask gains over the others with paired bootstrap intervals.
package import Masking
package import StudentInference

package struct MaskComparison: Sendable, Codable {
    package struct Row: Sendable, Codable {
        package let mask: String
        package let keptShare: Double
        package let metrics: [String: Double]

        enum CodingKeys: String, CodingKey {
            case mask, metrics
            case keptShare = "kept_share"
        }
    }

    /// The first mask's metric less the second's, and its 95 % interval over rows drawn together for both.
    package struct Difference: Sendable, Codable {
        package let mask: String
        package let than: String
        package let metric: String
        package let value: Double
        package let interval: [Double]
    }

    package let task: String
    package let model: String
    package let rows: Int
    package let masks: [Row]
    package let differences: [Difference]

    /// The masks that are compared: all that the model has. `random` keeps what the learned mask keeps, or the rules where there
    /// is none, over all texts; `random_each`, where `eachPost`, drops in each post as many tokens as the learned mask drops
    /// there. `texts` are those that the masks will meet.
    package static func policies(
        _ student: Student, texts: [String], threshold: Float?, eachPost: Bool = false
    ) -> [(name: String, policy: MaskPolicy)] {
        let learned = student.learnedMask.map { mask in
            MaskPolicy.learned(threshold.map { LearnedMask(mask, threshold: $0) } ?? mask)
        }
        let share = EqualShare.randomShare(like: learned ?? .rules, texts, student: student)
        let others: [(String, MaskPolicy)] = [
            ("none", .none), ("rules", .rules), ("random", .random(keptShare: share)),
        ]
        guard let learned else { return others }
        guard eachPost, case .learned(let mask) = learned else { return others + [("learned", learned)] }
        return others + [("random_each", .randomLike(mask)), ("learned", learned)]
    }

    package static func run(
        _ student: Student, task: String, _ dataset: LabelledDataset, noise: NoiseStress? = nil, threshold: Float? = nil,
        bootstrap: Bootstrap = Bootstrap()
    ) throws(DatasetFailure) -> MaskComparison {
        let texts = noise.map(dataset.noisyTexts) ?? dataset.texts
        var rows: [Row] = []
        var answersOf: [(mask: String, answers: RowAnswers)] = []
        for (name, policy) in policies(student, texts: texts, threshold: threshold, eachPost: true) {
            let evaluator = ModelEvaluator(student: student, policy: policy, mask: name, noise: noise)
            let (answers, kept) = try evaluator.answers(task: task, dataset)
            let metrics = RowAnswers.metricNames(answers).map { ($0, answers.metric($0)) }
            rows.append(Row(mask: name, keptShare: kept.share, metrics: Dictionary(uniqueKeysWithValues: metrics)))
            answersOf.append((name, answers))
        }
        var differences: [Difference] = []
        if let last = answersOf.last {
            for other in answersOf.dropLast() {
                for metric in RowAnswers.metricNames(last.answers) {
                    differences.append(difference(last, other, metric, bootstrap))
                }
            }
        }
        return MaskComparison(
            task: task, model: student.version.description, rows: dataset.rowCount, masks: rows, differences: differences)
    }

    private static func difference(
        _ one: (mask: String, answers: RowAnswers), _ other: (mask: String, answers: RowAnswers), _ metric: String,
        _ bootstrap: Bootstrap
    ) -> Difference {
        let interval = bootstrap.interval(rowCount: one.answers.rowCount) {
            one.answers.metric(metric, over: $0) - other.answers.metric(metric, over: $0)
        }
        return Difference(
            mask: one.mask, than: other.mask, metric: metric,
            value: one.answers.metric(metric) - other.answers.metric(metric), interval: interval)
    }

    package var table: String {
        guard let first = masks.first else { return "" }
        let names = first.metrics.keys.sorted()
        let percent = PercentText.self
        var lines = ["\(task): \(rows) rows, model \(model)", ""]
        lines.append("  " + percent.left("mask", 12) + (["tokens read"] + names).map { percent.right($0, 18) }.joined())
        for row in masks {
            let figures = ([row.keptShare] + names.map { row.metrics[$0] ?? 0 }).map { percent.right(percent.of($0), 18) }
            lines.append("  " + percent.left(row.mask, 12) + figures.joined())
        }
        lines += ["", "  difference in points, 95 % interval of paired resamples"]
        for item in differences {
            let interval = "\(percent.points(item.interval[0])) to \(percent.points(item.interval[1]))"
            lines.append(
                "  " + percent.left("\(item.mask) - \(item.than)", 24) + percent.left(item.metric, 18)
                    + percent.right(percent.points(item.value), 7) + "   \(interval)")
        }
        return lines.joined(separator: "\n")
    }
}
