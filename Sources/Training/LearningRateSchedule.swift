// The learning rate of each step: linear warm-up from zero, then linear decay to zero at the last step.
// A pure value: the optimiser is given the rate, it does not ask for it.

package struct LearningRateSchedule: Sendable, Equatable {
    package let peak: Float
    package let warmUpSteps: Int
    package let totalSteps: Int

    package init(peak: Float, warmUpSteps: Int, totalSteps: Int) {
        precondition(
            totalSteps > 0 && warmUpSteps >= 0 && warmUpSteps < totalSteps, "warm-up must end before the run")
        self.peak = peak
        self.warmUpSteps = warmUpSteps
        self.totalSteps = totalSteps
    }

    /// The rate of step `step`, counted from 0.
    package func rate(at step: Int) -> Float {
        if step < warmUpSteps { return peak * Float(step + 1) / Float(warmUpSteps) }
        return peak * Float(max(totalSteps - step, 0)) / Float(totalSteps - warmUpSteps)
    }
}
