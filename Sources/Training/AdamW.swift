// The optimiser: AdamW over the block of parameters, with one rate and decay for each entry of the table.
// Holds the moments; the schedule gives it the rate of each step.
internal import CVectorKernels
import Foundation

package struct AdamWSettings: Sendable, Equatable, Codable {
    package var beta1: Float
    package var beta2: Float
    package var epsilon: Float
    package var weightDecay: Float
    /// Gradients are scaled down so that their norm over all learning parameters is at most this; 0 switches it
    /// off.
    package var largestGradientNorm: Double

    package init(
        beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-6, weightDecay: Float = 0.01,
        largestGradientNorm: Double = 1
    ) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.largestGradientNorm = largestGradientNorm
    }
}

/// Moments and step count. Not shared between threads.
package final class AdamW {
    package let settings: AdamWSettings
    package let first: FloatBlock
    package let second: FloatBlock
    package var stepsDone = 0
    private let table: ParameterTable

    package init(table: ParameterTable, settings: AdamWSettings) {
        self.table = table
        self.settings = settings
        first = FloatBlock(count: table.count)
        second = FloatBlock(count: table.count)
    }

    /// Moves `parameters` against `gradients` at the given rate. Returns the gradients' norm before clipping.
    package func step(parameters: FloatBlock, gradients: FloatBlock, rate: Float) -> Double {
        let learning = table.entries.filter { $0.rateFactor > 0 }
        let squares = learning.reduce(0) {
            $0 + winnow_training_sum_of_squares(gradients.pointer + $1.offset, $1.count)
        }
        let norm = squares.squareRoot()
        let limit = settings.largestGradientNorm
        let factor = limit > 0 && norm > limit ? Float(limit / norm) : 1
        stepsDone += 1
        let time = Double(stepsDone)
        let firstCorrection = Float(1 - pow(Double(settings.beta1), time))
        let rootCorrection = Float(1 / (1 - pow(Double(settings.beta2), time)).squareRoot())
        for entry in learning {
            let entryRate = rate * entry.rateFactor
            winnow_training_adamw(
                parameters.pointer + entry.offset, gradients.pointer + entry.offset, first.pointer + entry.offset,
                second.pointer + entry.offset, entry.count, factor, settings.beta1, settings.beta2,
                settings.epsilon, entryRate / firstCorrection, rootCorrection,
                entry.decays ? entryRate * settings.weightDecay : 0)
        }
        return norm
    }
}
