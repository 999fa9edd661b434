// Expected calibration error (Naeini et al., 2015): how far a stated probability lies from the share that was
// right. A pure function of stated probabilities and outcomes.

/// The answers whose stated probability lies in (lower, upper].
package struct CalibrationBin: Sendable, Equatable, Codable {
    package let lower: Double
    package let upper: Double
    package let count: Int
    /// Mean stated probability.
    package let confidence: Double
    /// Share that was right.
    package let accuracy: Double
}

package enum CalibrationError {
    package static let binCount = 15

    /// `confidence` is the probability of the answer given, 0 to 1. Bins are (lower, upper], of equal width.
    package static func expected(_ answers: [(confidence: Double, right: Bool)]) -> Double {
        guard !answers.isEmpty else { return 0 }
        return sums(answers).reduce(0) { $0 + abs($1.confidence - Double($1.right)) } / Double(answers.count)
    }

    /// The reliability diagram's figures; empty bins are left out.
    package static func bins(_ answers: [(confidence: Double, right: Bool)]) -> [CalibrationBin] {
        sums(answers).enumerated().filter { $1.count > 0 }.map { index, sum in
            CalibrationBin(
                lower: Double(index) / Double(binCount), upper: Double(index + 1) / Double(binCount), count: sum.count,
                confidence: sum.confidence / Double(sum.count), accuracy: Double(sum.right) / Double(sum.count))
        }
    }

    private static func sums(
        _ answers: [(confidence: Double, right: Bool)]
    ) -> [(count: Int, confidence: Double, right: Int)] {
        var bins = Array(repeating: (count: 0, confidence: 0.0, right: 0), count: binCount)
        for answer in answers {
            let bin = max(0, min(binCount - 1, Int((answer.confidence * Double(binCount)).rounded(.up)) - 1))
            bins[bin].count += 1
            bins[bin].confidence += answer.confidence
            bins[bin].right += answer.right ? 1 : 0
        }
        return bins
    }
}
