// Calibration on development data: one temperature a head (Guo et al., 2017), and the score under which a head
// abstains. Pure functions of logits; who measured them is not known here.
import Foundation

package enum TemperatureFit {
    /// The temperature, 0.2 to 5, with the least mean cross-entropy; 1 without rows. The loss has one minimum in
    /// the inverse temperature, so a golden-section search finds it.
    package static func temperature(_ rows: [(logits: [Float], label: Int)]) -> Float {
        guard !rows.isEmpty else { return 1 }
        func loss(_ inverse: Double) -> Double {
            rows.reduce(0) { sum, row in
                let scaled = row.logits.map { Double($0) * inverse }
                let largest = scaled.max() ?? 0
                return sum + largest + log(scaled.reduce(0) { $0 + exp($1 - largest) }) - scaled[row.label]
            }
        }
        let golden = (5.0.squareRoot() - 1) / 2
        var (low, high) = (0.2, 5.0)
        while high - low > 1e-4 {
            let (left, right) = (high - golden * (high - low), low + golden * (high - low))
            if loss(left) < loss(right) { high = right } else { low = left }
        }
        return Float(2 / (low + high))
    }

    /// The best score that all but `share` of the rows reach: what lies below is no answer.
    package static func threshold(
        _ rows: [(logits: [Float], label: Int)], temperature: Float, leavingOut share: Double
    ) -> Float {
        let best = rows.map { row in
            row.logits.map { $0 / temperature }.withUnsafeBufferPointer {
                SoftmaxCrossEntropy.probabilities($0).max() ?? 0
            }
        }.sorted()
        return best.isEmpty ? 0 : Float(best[min(best.count - 1, Int(Double(best.count) * share))])
    }
}
