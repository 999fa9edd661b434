// The loss of all heads: cross-entropy of a softmax, and its gradient at the logits, p - q. Double precision
// inside: it runs over a few labels a row and its sum is what people read.
import Foundation

package struct SoftmaxCrossEntropy: Sendable {
    /// Share of the probability that a hard label gives to all labels alike (Szegedy et al., 2016).
    package let smoothing: Double
    /// Factor on a row by its hard label; empty for none.
    package let labelWeights: [Double]

    package init(smoothing: Double = 0, labelWeights: [Double] = []) {
        self.smoothing = smoothing
        self.labelWeights = labelWeights
    }

    /// The loss of one row times `weight`; the gradient (one value a label) is written over `logits`.
    package func replaceLogitsByGradient(
        _ logits: UnsafeMutableBufferPointer<Float>, goal: TrainingGoal, weight: Double
    ) -> Double {
        let probabilities = SoftmaxCrossEntropy.probabilities(UnsafeBufferPointer(logits))
        switch goal {
        case .label(let label):
            let share = smoothing / Double(logits.count)
            let rowWeight = weight * (labelWeights.isEmpty ? 1 : labelWeights[label])
            return descend(logits, probabilities, weight: rowWeight) { index in
                share + (index == label ? 1 - smoothing : 0)
            }
        case .distribution(let target):
            return descend(logits, probabilities, weight: weight) { Double(target[$0]) }
        case .softened(let target, let temperature):
            for index in logits.indices { logits[index] /= temperature }
            let soft = SoftmaxCrossEntropy.probabilities(UnsafeBufferPointer(logits))
            let square = Double(temperature * temperature)
            let loss = descend(logits, soft, weight: weight * square) { Double(target[$0]) }
            for index in logits.indices { logits[index] /= temperature }
            return loss
        case .anyOf(let labels):
            let allowed = probabilities.indices.filter { labels >> UInt64($0) & 1 == 1 }
            let mass = max(allowed.reduce(0) { $0 + probabilities[$1] }, 1e-30)
            for index in logits.indices {
                let goal = allowed.contains(index) ? probabilities[index] / mass : 0
                logits[index] = Float(weight * (probabilities[index] - goal))
            }
            return -weight * log(mass)
        }
    }

    private func descend(
        _ logits: UnsafeMutableBufferPointer<Float>, _ probabilities: [Double], weight: Double,
        target: (Int) -> Double
    ) -> Double {
        var loss = 0.0
        var total = 0.0
        for index in probabilities.indices {
            let goal = target(index)
            total += goal
            if goal > 0 { loss -= goal * log(max(probabilities[index], 1e-30)) }
        }
        for index in probabilities.indices {
            logits[index] = Float(weight * (probabilities[index] * total - target(index)))
        }
        return weight * loss
    }

    package static func probabilities(_ logits: UnsafeBufferPointer<Float>) -> [Double] {
        let largest = Double(logits.max() ?? 0)
        let powers = logits.map { exp(Double($0) - largest) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }
}
