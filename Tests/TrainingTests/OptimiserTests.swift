// The optimiser, the schedule and the random source against values computed by hand from their formulas.
// No data, no network.
import Foundation
import Testing
import Training

@Suite struct OptimiserTests {
    @Test func twoStepsFollowTheFormula() {
        var table = ParameterTable()
        _ = table.add("w", [2], decays: true, rateFactor: 1)
        _ = table.add("frozen", [1], decays: true, rateFactor: 0)
        let settings = AdamWSettings(
            beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.1, largestGradientNorm: 0)
        let optimiser = AdamW(table: table, settings: settings)
        let (parameters, gradients) = (FloatBlock(count: 3), FloatBlock(count: 3))
        var expected = [1.0, -2.0]
        var (first, second) = ([0.0, 0.0], [0.0, 0.0])
        for index in 0..<2 { parameters.pointer[index] = Float(expected[index]) }
        parameters.pointer[2] = 5
        for step in 1...2 {
            let slope = [0.5 * Double(step), -3.0]
            for index in 0..<2 {
                gradients.pointer[index] = Float(slope[index])
                first[index] = 0.9 * first[index] + 0.1 * slope[index]
                second[index] = 0.99 * second[index] + 0.01 * slope[index] * slope[index]
                let mean = first[index] / (1 - pow(0.9, Double(step)))
                let spread = second[index] / (1 - pow(0.99, Double(step)))
                expected[index] -= 0.01 * (mean / (spread.squareRoot() + 1e-6) + 0.1 * expected[index])
            }
            gradients.pointer[2] = 1
            _ = optimiser.step(parameters: parameters, gradients: gradients, rate: 0.01)
        }
        for index in 0..<2 { #expect(abs(Double(parameters.pointer[index]) - expected[index]) < 1e-6) }
        #expect(parameters.pointer[2] == 5)
    }

    @Test func clippingScalesTheWholeGradient() {
        var table = ParameterTable()
        _ = table.add("w", [2], decays: false, rateFactor: 1)
        let settings = AdamWSettings(beta1: 0, beta2: 0, epsilon: 1, weightDecay: 0, largestGradientNorm: 1)
        let optimiser = AdamW(table: table, settings: settings)
        let (parameters, gradients) = (FloatBlock(count: 2), FloatBlock(count: 2))
        gradients.pointer[0] = 3
        gradients.pointer[1] = 4
        let norm = optimiser.step(parameters: parameters, gradients: gradients, rate: 1)
        #expect(abs(norm - 5) < 1e-6)
        #expect(abs(parameters.pointer[0] + 0.6 / 1.6) < 1e-6)
        #expect(abs(parameters.pointer[1] + 0.8 / 1.8) < 1e-6)
    }

    @Test func theRateRisesThenFallsToZero() {
        let schedule = LearningRateSchedule(peak: 1, warmUpSteps: 4, totalSteps: 12)
        #expect(schedule.rate(at: 0) == 0.25)
        #expect(schedule.rate(at: 3) == 1)
        #expect(schedule.rate(at: 4) == 1)
        #expect(schedule.rate(at: 8) == 0.5)
        #expect(schedule.rate(at: 12) == 0)
    }

    @Test func streamsOfOneSeedAreRepeatableAndDiffer() {
        var (one, same, other) = (
            RandomSource(seed: 1, stream: 2), RandomSource(seed: 1, stream: 2), RandomSource(seed: 1, stream: 3)
        )
        let drawn = (0..<8).map { _ in one.next() }
        #expect(drawn == (0..<8).map { _ in same.next() })
        #expect(drawn != (0..<8).map { _ in other.next() })
    }

    @Test func theAverageFollowsItsFormula() {
        var table = ParameterTable()
        let moving = table.add("moving.weight", [2], decays: false, rateFactor: 1)
        let frozen = table.add("frozen.weight", [1], decays: false, rateFactor: 0)
        let parameters = FloatBlock(count: table.count)
        parameters.pointer[moving] = 1
        let average = AveragedWeights(of: parameters, table: table, decay: 0.5)
        parameters.pointer[moving] = 3
        parameters.pointer[frozen] = 7
        average.take(parameters, step: 1)
        // Step 1 leaves (1 + 1) / (10 + 1) of what was there, step 1,000 the decay.
        let first = 1 + (1 - 2 / Float(11)) * 2
        #expect(abs(average.values.pointer[moving] - first) < 1e-6)
        #expect(average.values.pointer[frozen] == 0)
        average.take(parameters, step: 1000)
        #expect(abs(average.values.pointer[moving] - (first + 3) / 2) < 1e-6)
    }
}
