// A running average of the parameters over the steps of a run: it measures a little better than the last step's, which
// the noise of single batches still moves (Polyak and Juditsky, 1992; exponential form).

package final class AveragedWeights {
    package let values: FloatBlock
    private let table: ParameterTable
    private let decay: Float

    /// Starts at `parameters`. `decay`, 0 ..< 1, is what a step leaves of the average.
    package init(of parameters: FloatBlock, table: ParameterTable, decay: Float) {
        precondition((0..<1).contains(decay), "a decay lies from 0 to below 1")
        values = FloatBlock(count: parameters.count)
        values.copy(from: parameters)
        self.table = table
        self.decay = decay
    }

    /// Takes in the parameters after the step of this number, counted from 1. Early steps weigh more, so that the average
    /// soon forgets where it began: its decay is at most (1 + step) / (10 + step).
    package func take(_ parameters: FloatBlock, step: Int) {
        let share = 1 - min(decay, Float(1 + step) / Float(10 + step))
        for entry in table.entries where entry.rateFactor > 0 {
            let (own, new) = (values.pointer + entry.offset, parameters.pointer + entry.offset)
            for index in 0..<entry.count { own[index] += share * (new[index] - own[index]) }
        }
    }
}
