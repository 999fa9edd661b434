// A head of the trained network: one linear layer over rows taken from the encoder's hidden states, forward, loss
// and gradient in one place. The parameters live in the network's block.
internal import CVectorKernels

package struct TaskHeadSpecification: Sendable, Equatable, Codable {
    package enum Kind: String, Sendable, Codable {
        /// One label for a text, read from the mean of its hidden states.
        case classes
        /// One BIO tag for a word, read from the hidden state of its first piece.
        case spans
    }

    package let name: String
    package let kind: Kind
    /// Classes, or entity types without `B-` and `I-`.
    package let labels: [String]
    /// Shown on the model card and to the stream: heads for comparison with published results are not computed
    /// there.
    package let onlyForEvaluation: Bool

    package init(name: String, kind: Kind, labels: [String], onlyForEvaluation: Bool = false) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.onlyForEvaluation = onlyForEvaluation
    }

    /// What the rows of the weight stand for: the classes, or `O B-x I-x B-y I-y ...`.
    package var outputs: [String] {
        kind == .classes ? labels : ["O"] + labels.flatMap { ["B-" + $0, "I-" + $0] }
    }
}

package struct LearningHead: Sendable {
    package let specification: TaskHeadSpecification
    let width: Int
    let weight: Int
    let bias: Int

    init(_ specification: TaskHeadSpecification, width: Int, rateFactor: Float, table: inout ParameterTable) {
        self.specification = specification
        self.width = width
        let outputs = specification.outputs.count
        weight = table.add(
            "heads.\(specification.name).output.weight", [outputs, width], decays: true, rateFactor: rateFactor)
        bias = table.add("heads.\(specification.name).output.bias", [outputs], decays: false, rateFactor: rateFactor)
    }

    /// Rows (count, width) that the head reads: means of sequences, weighted by their gates, or single hidden states.
    private func gather(
        _ rows: [Range<Int>], from hidden: UnsafePointer<Float>, gates: UnsafePointer<Float>?,
        into result: UnsafeMutablePointer<Float>
    ) {
        for (index, range) in rows.enumerated() {
            let row = result + index * width
            if range.count > 1, let gates {
                let total = range.reduce(Float(0)) { $0 + gates[$1] }
                for token in range {
                    let (share, state) = (gates[token] / total, hidden + token * width)
                    for column in 0..<width { row[column] += share * state[column] }
                }
                continue
            }
            row.update(from: hidden + range.lowerBound * width, count: width)
            for token in range.dropFirst() { winnow_training_add(row, hidden + token * width, width) }
            let share = 1 / Float(range.count)
            if range.count > 1 { for column in 0..<width { row[column] *= share } }
        }
    }

    /// Logits (rows, outputs). A row is the range of tokens of the batch whose mean is read.
    func logits(
        _ rows: [Range<Int>], hidden: UnsafePointer<Float>, parameters: UnsafePointer<Float>,
        gates: UnsafePointer<Float>? = nil
    ) -> (inputs: FloatBlock, logits: FloatBlock) {
        let outputs = specification.outputs.count
        let inputs = FloatBlock(count: rows.count * width)
        let logits = FloatBlock(count: rows.count * outputs)
        gather(rows, from: hidden, gates: gates, into: inputs.pointer)
        MatrixProduct.linear(
            inputs.pointer, weight: parameters + weight, rows: rows.count, input: width, output: outputs,
            into: logits.pointer)
        winnow_training_add_bias(logits.pointer, parameters + bias, rows.count, outputs)
        return (inputs, logits)
    }

    /// The summed loss of the rows; gradients are added to `gradients` and, where the encoder learns, to
    /// `hiddenGradient` (T, C), and where there are gates (T) to theirs.
    func learn(
        _ rows: [Range<Int>], goals: [TrainingGoal], weights: [Double], loss: SoftmaxCrossEntropy,
        hidden: UnsafePointer<Float>, parameters: UnsafePointer<Float>, gradients: UnsafeMutablePointer<Float>,
        hiddenGradient: UnsafeMutablePointer<Float>,
        gates: (values: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>)? = nil
    ) -> Double {
        let outputs = specification.outputs.count
        let (inputs, logits) = logits(rows, hidden: hidden, parameters: parameters, gates: gates?.values)
        var sum = 0.0
        for (index, goal) in goals.enumerated() {
            let row = UnsafeMutableBufferPointer(start: logits.pointer + index * outputs, count: outputs)
            sum += loss.replaceLogitsByGradient(row, goal: goal, weight: weights[index])
        }
        MatrixProduct.addLinearWeightGradient(
            logits.pointer, inputs.pointer, rows: rows.count, input: width, output: outputs, into: gradients + weight)
        winnow_training_add_column_sums(logits.pointer, gradients + bias, rows.count, outputs)
        let inputGradient = inputs.pointer
        MatrixProduct.linearInputGradient(
            logits.pointer, weight: parameters + weight, rows: rows.count, input: width, output: outputs,
            into: inputGradient)
        for (index, range) in rows.enumerated() {
            let row = inputGradient + index * width
            if range.count > 1, let gates {
                spread(row, over: range, hidden: hidden, gates: gates, into: hiddenGradient)
                continue
            }
            let share = 1 / Float(range.count)
            if range.count > 1 { for column in 0..<width { row[column] *= share } }
            for token in range { winnow_training_add(hiddenGradient + token * width, row, width) }
        }
        return sum
    }

    /// The gradient of a mean that is weighted by gates: m = sum(g h) / sum(g), so dm/dh = g / sum(g) and
    /// dm/dg = (h - m) / sum(g).
    private func spread(
        _ gradient: UnsafePointer<Float>, over range: Range<Int>, hidden: UnsafePointer<Float>,
        gates: (values: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>),
        into hiddenGradient: UnsafeMutablePointer<Float>
    ) {
        let total = range.reduce(Float(0)) { $0 + gates.values[$1] }
        let along = range.map { winnow_training_dot(gradient, hidden + $0 * width, width) }
        let mean = zip(range, along).reduce(Float(0)) { $0 + gates.values[$1.0] * $1.1 } / total
        for (token, product) in zip(range, along) {
            gates.gradient[token] += (product - mean) / total
            let (share, target) = (gates.values[token] / total, hiddenGradient + token * width)
            for column in 0..<width { target[column] += share * gradient[column] }
        }
    }
}
