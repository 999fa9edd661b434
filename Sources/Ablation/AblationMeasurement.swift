// Measures a finished run's model: every test of the plan on the texts as they are, and those with a label once more with noise
// that training never saw, the model reading through the mask that the run is about.
internal import Evaluation
package import Foundation
internal import Masking
package import StudentInference
internal import Training

package struct AblationMeasurement {
    private let plan: AblationPlan
    private let data: URL

    package init(plan: AblationPlan, data: URL) {
        self.plan = plan
        self.data = data
    }

    package func run(_ student: Student, mask: AblationPlan.Mask) throws -> [AblationResult.Measurement] {
        var measurements: [AblationResult.Measurement] = []
        for test in plan.tests {
            let dataset = try DatasetReader.read(data.appendingPathComponent(test.path)).first(plan.testRows)
            measurements.append(try measure(student, mask, test, dataset, noise: nil))
            guard case .classes = dataset, plan.noise > 0 else { continue }
            measurements.append(try measure(student, mask, test, dataset, noise: NoiseStress(share: plan.noise)))
        }
        return measurements
    }

    private func measure(
        _ student: Student, _ mask: AblationPlan.Mask, _ test: AblationPlan.Test, _ dataset: LabelledDataset, noise: NoiseStress?
    ) throws -> AblationResult.Measurement {
        let texts = noise.map(dataset.noisyTexts) ?? dataset.texts
        let policy = try policy(student, mask, texts: texts)
        let evaluator = ModelEvaluator(student: student, policy: policy, mask: mask.rawValue, noise: noise)
        let (answers, kept) = try evaluator.answers(task: test.task, dataset)
        let names = RowAnswers.metricNames(answers)
        guard names.contains(test.metric) else {
            throw TrainingFailure(
                "The plan measures \(test.task) by \(test.metric), which is not one of \(names.joined(separator: ", ")): correct it.")
        }
        return AblationResult.Measurement(
            task: test.task, path: test.path, metric: test.metric, noise: noise?.share ?? 0, keptShare: kept.share,
            value: answers.metric(test.metric),
            interval: Bootstrap().interval(rowCount: answers.rowCount) { answers.metric(test.metric, over: $0) },
            metrics: Dictionary(uniqueKeysWithValues: names.map { ($0, answers.metric($0)) }), rows: try RowRecord(answers))
    }

    /// Random keeps what the rules keep of these texts, so that the two can be compared (decision 0181).
    private func policy(_ student: Student, _ mask: AblationPlan.Mask, texts: [String]) throws -> MaskPolicy {
        switch mask {
        case .none: .none
        case .rules: .rules
        case .random: .random(keptShare: EqualShare.randomShare(like: .rules, texts, student: student))
        case .learned, .learnedWithRationales: try student.maskChoice(.learned, isExplicit: true).policy
        }
    }
}
