// When a head of classes should give no answer: fitted on rows inside of its classes and on posts outside of them. Pure functions
// of logits, as TemperatureFit.
package import Evaluation

package struct AbstentionFit: Sendable, Equatable {
    package let temperature: Float
    /// Between two scores that were seen; 0 where refusing gains nothing.
    package let threshold: Float
    /// How it does on the rows it was fitted on.
    package let scores: AbstentionScores

    /// The temperature of least cross-entropy on the rows inside; then the threshold with the largest sum of the share of inside
    /// rows answered and of outside rows refused (Youden's index), among those that answer at least `leastCoverage`
    /// of the inside rows.
    /// nil without rows on one of the sides.
    package init?(
        inside: [(logits: [Float], label: Int)], outside: [[Float]], leastCoverage: Double
    ) {
        guard !inside.isEmpty, !outside.isEmpty else { return nil }
        let temperature = TemperatureFit.temperature(inside)
        func best(_ logits: [Float]) -> (label: Int, score: Double) {
            let probabilities = logits.map { $0 / temperature }.withUnsafeBufferPointer(SoftmaxCrossEntropy.probabilities)
            let label = probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
            return (label, probabilities[label])
        }
        let answers =
            inside.map { row in
                let answer = best(row.logits)
                return ClassAnswer(truth: row.label, given: answer.label, confidence: answer.score)
            }
            + outside.map { logits in
                let answer = best(logits)
                return ClassAnswer(truth: nil, given: answer.label, confidence: answer.score)
            }
        let threshold = Self.threshold(answers, leastCoverage: leastCoverage)
        guard let scores = AbstentionScores(answers, threshold: Double(threshold)) else { return nil }
        self.temperature = temperature
        self.threshold = threshold
        self.scores = scores
    }

    private static func threshold(_ answers: [ClassAnswer], leastCoverage: Double) -> Float {
        let sorted = answers.sorted { $0.confidence < $1.confidence }
        let inside = Double(answers.count { $0.truth != nil }), outside = Double(answers.count) - inside
        var (refusedInside, refusedOutside) = (0.0, 0.0)
        var best: (gain: Double, threshold: Float) = (0, 0)
        for (index, answer) in sorted.enumerated().dropLast() {
            if answer.truth == nil { refusedOutside += 1 } else { refusedInside += 1 }
            let next = sorted[index + 1].confidence
            guard next > answer.confidence, 1 - refusedInside / inside >= leastCoverage else { continue }
            let gain = refusedOutside / outside - refusedInside / inside
            if gain > best.gain { best = (gain, Float((answer.confidence + next) / 2)) }
        }
        return best.threshold
    }
}
