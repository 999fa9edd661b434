// Attention over packed sequences, forward and backward beside each other: each sequence and head on its own, no
// padding. Works on buffers of EncoderActivations; allocates nothing.
internal import CVectorKernels

enum SelfAttention {
    typealias Floats = UnsafeMutablePointer<Float>
    typealias Operand = MatrixProduct.Operand

    /// context (T, C) = softmax(Q K' / sqrt(head width)) V. `inputs` is (T, 3C); `probabilities` keeps the softmax.
    /// With `gates` (T) each key counts as much as its gate says, and `probabilities` keeps the softmax before the gates.
    /// `scratch` holds one (length, length).
    static func forward(
        _ batch: PackedTokens, shape: EncoderShape, inputs: UnsafePointer<Float>, probabilities: Floats,
        gates: UnsafePointer<Float>?, context: Floats, scratch: Floats
    ) {
        let (width, headWidth, stride) = (shape.width, shape.headWidth, 3 * shape.width)
        let factor = 1 / Float(headWidth).squareRoot()
        var scores = probabilities
        for sequence in 0..<batch.sequenceCount {
            let (first, length) = (batch.range(sequence).lowerBound, batch.range(sequence).count)
            for head in 0..<shape.heads {
                let query = inputs + first * stride + head * headWidth
                MatrixProduct.multiply(
                    Operand(query, stride: stride), Operand(query + width, stride: stride, .transposed),
                    rows: length, columns: length, inner: headWidth, into: scores, stride: length)
                if let gates {
                    winnow_training_gated_softmax(scores, scratch, gates + first, factor, length, length)
                } else {
                    winnow_training_softmax(scores, factor, length, length)
                }
                MatrixProduct.multiply(
                    Operand(gates == nil ? scores : scratch, stride: length),
                    Operand(query + 2 * width, stride: stride), rows: length,
                    columns: headWidth, inner: length, into: context + first * width + head * headWidth, stride: width
                )
                scores += length * length
            }
        }
    }

    /// The gradient of `inputs` (T, 3C) is written, from that of the context (T, C); that of the gates (T) is added to.
    /// `scratch` holds two (length, length).
    static func backward(
        _ batch: PackedTokens, shape: EncoderShape, inputs: UnsafePointer<Float>, probabilities: UnsafePointer<Float>,
        gates: (values: UnsafePointer<Float>, gradient: Floats)?, contextGradient: UnsafePointer<Float>,
        inputsGradient: Floats, scratch: Floats
    ) {
        let (width, headWidth, stride) = (shape.width, shape.headWidth, 3 * shape.width)
        let factor = 1 / Float(headWidth).squareRoot()
        var weights = probabilities
        for sequence in 0..<batch.sequenceCount {
            let (first, length) = (batch.range(sequence).lowerBound, batch.range(sequence).count)
            for head in 0..<shape.heads {
                let offset = first * stride + head * headWidth
                let (query, queryGradient) = (inputs + offset, inputsGradient + offset)
                let above = contextGradient + first * width + head * headWidth
                let gated = scratch + length * length
                if let gates {
                    winnow_training_multiply_columns(weights, gates.values + first, gated, length, length)
                }
                MatrixProduct.multiply(
                    Operand(gates == nil ? weights : UnsafePointer(gated), stride: length, .transposed),
                    Operand(above, stride: width), rows: length,
                    columns: headWidth, inner: length, into: queryGradient + 2 * width, stride: stride)
                MatrixProduct.multiply(
                    Operand(above, stride: width), Operand(query + 2 * width, stride: stride, .transposed),
                    rows: length, columns: length, inner: headWidth, into: scratch, stride: length)
                if let gates {
                    winnow_training_gated_softmax_backward(
                        weights, gates.values + first, scratch, gates.gradient + first, factor, length, length)
                } else {
                    winnow_training_softmax_backward(weights, scratch, factor, length, length)
                }
                MatrixProduct.multiply(
                    Operand(scratch, stride: length), Operand(query + width, stride: stride), rows: length,
                    columns: headWidth, inner: length, into: queryGradient, stride: stride)
                MatrixProduct.multiply(
                    Operand(scratch, stride: length, .transposed), Operand(query, stride: stride), rows: length,
                    columns: headWidth, inner: length, into: queryGradient + width, stride: stride)
                weights += length * length
            }
        }
    }
}
