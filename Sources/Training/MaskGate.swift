// From the logit of a word's keep-probability to its gate in one training step, with the derivative. Pure.
import Foundation

/// What the gates of one step are drawn with.
package struct GateDraw: Sendable {
    package let seed: UInt64
    /// How far the run has come, 0 to 1: an annealed gate grows steeper with it.
    package let progress: Double

    package init(seed: UInt64, progress: Double) {
        self.seed = seed
        self.progress = progress
    }
}

struct MaskGate {
    let value: Float
    /// d value / d logit. For the straight-through gate it is that of the probability, by definition.
    let slope: Float

    /// Stretch and temperature as in the paper.
    private static let (low, high, temperature) = (-0.1, 1.1, 2.0 / 3.0)

    /// `uniform` in (0, 1).
    init(_ method: MaskRecipe.Method, logit: Float, uniform: Double, progress: Double) {
        let logit = Double(logit)
        switch method {
        case .hardConcrete:
            let soft = Self.sigmoid((logit + log(uniform) - log(1 - uniform)) / Self.temperature)
            let stretched = soft * (Self.high - Self.low) + Self.low
            value = Float(min(1, max(0, stretched)))
            let isInside = stretched > 0 && stretched < 1
            slope = isInside ? Float((Self.high - Self.low) * soft * (1 - soft) / Self.temperature) : 0
        case .straightThrough:
            let probability = Self.sigmoid(logit)
            value = uniform < probability ? 1 : 0
            slope = Float(probability * (1 - probability))
        case .annealed:
            let temperature = max(0.1, 1 - 0.9 * progress)
            let soft = Self.sigmoid(logit / temperature)
            value = Float(soft)
            slope = Float(soft * (1 - soft) / temperature)
        }
    }

    static func sigmoid(_ x: Double) -> Double { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }

    /// log sigmoid(x), without overflow.
    static func logSigmoid(_ x: Double) -> Double { x >= 0 ? -log1p(exp(-x)) : x - log1p(exp(x)) }
}
