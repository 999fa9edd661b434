// A head of classes on a frozen encoder: multinomial logistic regression over features that were computed once. Strength of the
// penalty and weighting of rare labels are chosen on development rows; so is the temperature.
internal import Evaluation
internal import Foundation

/// Features of some texts (rows, width), row-major, with the index of each row's label.
package struct LabelledFeatures: Sendable {
    package let values: FloatBlock
    package let width: Int
    package let labels: [Int]

    package init(values: FloatBlock, width: Int, labels: [Int]) {
        precondition(values.count == labels.count * width)
        self.values = values
        self.width = width
        self.labels = labels
    }
}

package struct FittedHead: Sendable {
    /// (labels, width), row-major, and (labels).
    package let weight: [Float]
    package let bias: [Float]
    package let temperature: Float
    /// On the development rows; nil where there are none.
    package let macroF1: Double?
    package let accuracy: Double?
    /// What was chosen.
    package let penalty: Double
    package let isBalanced: Bool
}

package enum HeadFit {
    private static let penalties = [1e-4, 1e-3, 1e-2, 1e-1]

    /// Tries each penalty, with all rows alike and with all labels alike, and keeps what has the best macro F1 on `development`.
    package static func fit(
        _ training: LabelledFeatures, development: LabelledFeatures, labelCount: Int, progress: (String) -> Void = { _ in }
    ) -> FittedHead {
        let problem = Problem(training, labelCount: labelCount)
        var best: FittedHead?
        for isBalanced in [false, true] {
            var point = [Double](repeating: 0, count: labelCount * (training.width + 1))
            // From the strongest penalty to the weakest, each from where the last one ended.
            for penalty in penalties.reversed() {
                problem.minimise(&point, penalty: penalty, isBalanced: isBalanced)
                let found = judged(problem.linear(point), development, labelCount, penalty: penalty, isBalanced: isBalanced)
                progress(
                    "penalty \(penalty), \(isBalanced ? "labels" : "rows") alike: "
                        + "macro F1 \(found.macroF1.map { String(format: "%.3f", $0) } ?? "-")")
                if best.map({ ($0.macroF1 ?? 0) < (found.macroF1 ?? 0) }) ?? true { best = found }
            }
        }
        guard let best else { preconditionFailure("there is at least one penalty to try") }
        return best
    }

    private static func judged(
        _ linear: (weight: [Float], bias: [Float]), _ development: LabelledFeatures, _ labelCount: Int, penalty: Double,
        isBalanced: Bool
    ) -> FittedHead {
        let logits = logits(linear, development)
        var matrix = ConfusionMatrix(labels: (0..<labelCount).map { String($0) })
        for (row, label) in zip(logits, development.labels) {
            matrix.add(truth: label, given: row.indices.max { row[$0] < row[$1] } ?? 0)
        }
        let isJudged = !development.labels.isEmpty
        return FittedHead(
            weight: linear.weight, bias: linear.bias,
            temperature: TemperatureFit.temperature(zip(logits, development.labels).map { ($0, $1) }),
            macroF1: isJudged ? matrix.macroF1 : nil, accuracy: isJudged ? matrix.accuracy : nil, penalty: penalty,
            isBalanced: isBalanced)
    }

    /// Logits of each row.
    private static func logits(
        _ linear: (weight: [Float], bias: [Float]), _ features: LabelledFeatures
    ) -> [[Float]] {
        let outputs = linear.bias.count
        let result = FloatBlock(count: features.labels.count * outputs)
        if !features.labels.isEmpty {
            MatrixProduct.linear(
                features.values.pointer, weight: linear.weight, rows: features.labels.count, input: features.width,
                output: outputs, into: result.pointer)
        }
        return features.labels.indices.map { row in
            (0..<outputs).map { result.pointer[row * outputs + $0] + linear.bias[$0] }
        }
    }
}

/// The regression over standardised features, so that one penalty fits all columns.
private struct Problem {
    private let standardised: LabelledFeatures
    private let means: [Float]
    private let deviations: [Float]
    private let labelCount: Int

    init(_ features: LabelledFeatures, labelCount: Int) {
        let (rows, width) = (features.labels.count, features.width)
        var means = [Float](repeating: 0, count: width), deviations = [Float](repeating: 1, count: width)
        let values = FloatBlock(count: features.values.count)
        for column in 0..<width {
            var sum = 0.0, squares = 0.0
            for row in 0..<rows {
                let value = Double(features.values.pointer[row * width + column])
                sum += value
                squares += value * value
            }
            let mean = sum / Double(max(1, rows))
            means[column] = Float(mean)
            deviations[column] = Float(max(squares / Double(max(1, rows)) - mean * mean, 1e-8).squareRoot())
            for row in 0..<rows {
                let place = row * width + column
                values.pointer[place] = (features.values.pointer[place] - means[column]) / deviations[column]
            }
        }
        standardised = LabelledFeatures(values: values, width: width, labels: features.labels)
        self.means = means
        self.deviations = deviations
        self.labelCount = labelCount
    }

    /// `point` holds weight (labels, width) and bias (labels).
    func minimise(_ point: inout [Double], penalty: Double, isBalanced: Bool) {
        let weights = rowWeights(isBalanced)
        let (rows, width, labels) = (standardised.labels.count, standardised.width, labelCount)
        let logits = FloatBlock(count: rows * labels)
        let weightGradient = FloatBlock(count: labels * width)
        let loss = SoftmaxCrossEntropy()
        QuasiNewton(mostSteps: 200).minimise(&point) { point, gradient in
            let weight = point.prefix(labels * width).map { Float($0) }
            MatrixProduct.linear(
                standardised.values.pointer, weight: weight, rows: rows, input: width, output: labels,
                into: logits.pointer)
            var value = 0.0
            for index in gradient.indices { gradient[index] = 0 }
            for row in 0..<rows {
                let part = UnsafeMutableBufferPointer(start: logits.pointer + row * labels, count: labels)
                for label in 0..<labels { part[label] += Float(point[labels * width + label]) }
                value += loss.replaceLogitsByGradient(part, goal: .label(standardised.labels[row]), weight: weights[row])
                for label in 0..<labels { gradient[labels * width + label] += Double(part[label]) }
            }
            weightGradient.clear()
            MatrixProduct.addLinearWeightGradient(
                logits.pointer, standardised.values.pointer, rows: rows, input: width, output: labels,
                into: weightGradient.pointer)
            for index in 0..<labels * width {
                value += penalty / 2 * point[index] * point[index]
                gradient[index] = Double(weightGradient.pointer[index]) + penalty * point[index]
            }
            return value
        }
    }

    /// Sums to 1: a row counts like any other, or a label like any other.
    private func rowWeights(_ isBalanced: Bool) -> [Double] {
        let rows = standardised.labels
        guard isBalanced else { return rows.map { _ in 1 / Double(rows.count) } }
        var counts = [Int](repeating: 0, count: labelCount)
        for label in rows { counts[label] += 1 }
        let present = counts.count { $0 > 0 }
        return rows.map { 1 / Double(present * counts[$0]) }
    }

    /// The same regression over the features as they are: w / s, b - sum(w m / s).
    func linear(_ point: [Double]) -> (weight: [Float], bias: [Float]) {
        let width = standardised.width
        var weight = [Float](repeating: 0, count: labelCount * width)
        var bias = [Float](repeating: 0, count: labelCount)
        for label in 0..<labelCount {
            var shift = 0.0
            for column in 0..<width {
                let scaled = point[label * width + column] / Double(deviations[column])
                weight[label * width + column] = Float(scaled)
                shift += scaled * Double(means[column])
            }
            bias[label] = Float(point[labelCount * width + label] - shift)
        }
        return (weight, bias)
    }
}
