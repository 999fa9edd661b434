// The encoder as the trainer runs it: the same post-norm BERT arithmetic as StudentInference (a test holds them
// equal), keeping what the backward pass needs. It neither owns parameters nor knows of heads.
internal import CVectorKernels

/// Which dropout factors a pass draws. Factors follow from the seed alone, so a resumed run draws the same.
package struct Dropout: Sendable {
    package let probability: Float
    package let seed: UInt64

    package init(probability: Float, seed: UInt64) {
        self.probability = probability
        self.seed = seed
    }

    /// For development and test data: nothing is dropped.
    package static let none = Dropout(probability: 0, seed: 0)
}

package final class EncoderPass {
    typealias Floats = UnsafeMutablePointer<Float>

    let layout: EncoderLayout
    let activations: EncoderActivations
    /// Of the batch that went forward last: the backward pass belongs to it.
    private(set) var dropout = Dropout.none
    private(set) var gates: UnsafePointer<Float>?

    package init(layout: EncoderLayout) {
        self.layout = layout
        activations = EncoderActivations(shape: layout.shape)
    }

    /// Hidden states (T, C) of the batch; valid until the next call. `parameters` is the block that the layout
    /// describes. `gates` (T), where given, says how much each token may be attended to: 0 is as if it were not there.
    /// They must stay in place until the backward pass has ended.
    package func forward(
        _ batch: PackedTokens, parameters: UnsafePointer<Float>, dropout: Dropout = .none,
        gates: UnsafePointer<Float>? = nil
    ) -> UnsafeMutablePointer<Float> {
        activations.reserve(for: batch)
        self.dropout = dropout
        self.gates = gates
        embed(batch, parameters)
        var input = activations.embedded
        for index in layout.layers.indices {
            forwardLayer(index, batch, parameters, input: input)
            input = activations.layers[index].output
        }
        return input
    }

    private func embed(_ batch: PackedTokens, _ parameters: UnsafePointer<Float>) {
        let width = layout.shape.width
        for token in 0..<batch.tokenCount {
            let word = parameters + layout.words + Int(batch.ids[token]) * width
            let position = parameters + layout.positions + Int(batch.positions[token]) * width
            let sum = activations.embedded + token * width
            for column in 0..<width {
                sum[column] = word[column] + position[column] + parameters[layout.types + column]
            }
        }
        winnow_training_layer_norm(
            activations.embedded, parameters + layout.normScale, parameters + layout.normShift,
            layout.shape.normEpsilon, activations.embedded, activations.embeddedNormalised,
            activations.embeddedInverse, batch.tokenCount, width)
        drop(activations.embedded, activations.embeddedFactors, site: 0, tokens: batch.tokenCount)
    }

    private func forwardLayer(
        _ index: Int, _ batch: PackedTokens, _ parameters: UnsafePointer<Float>, input: UnsafePointer<Float>
    ) {
        let (place, kept, shape) = (layout.layers[index], activations.layers[index], layout.shape)
        let (tokens, width, inner) = (batch.tokenCount, shape.width, shape.inner)
        MatrixProduct.linear(
            input, weight: parameters + place.attentionWeights, rows: tokens, input: width, output: 3 * width,
            into: kept.attentionInputs)
        winnow_training_add_bias(kept.attentionInputs, parameters + place.attentionBiases, tokens, 3 * width)
        SelfAttention.forward(
            batch, shape: shape, inputs: kept.attentionInputs, probabilities: kept.probabilities,
            gates: gates, context: kept.context, scratch: activations.scoreGradient)
        MatrixProduct.linear(
            kept.context, weight: parameters + place.contextWeight, rows: tokens, input: width, output: width,
            into: kept.attentionOutput)
        winnow_training_add_bias(kept.attentionOutput, parameters + place.contextBias, tokens, width)
        drop(kept.attentionOutput, kept.contextFactors, site: 2 * index + 1, tokens: tokens)
        winnow_training_add(kept.attentionOutput, input, tokens * width)
        winnow_training_layer_norm(
            kept.attentionOutput, parameters + place.attentionNormScale, parameters + place.attentionNormShift,
            shape.normEpsilon, kept.attentionOutput, kept.attentionNormalised, kept.attentionInverse, tokens, width)

        MatrixProduct.linear(
            kept.attentionOutput, weight: parameters + place.innerWeight, rows: tokens, input: width, output: inner,
            into: kept.inner)
        winnow_training_add_bias(kept.inner, parameters + place.innerBias, tokens, inner)
        winnow_training_gelu(kept.inner, kept.activated, tokens * inner)
        MatrixProduct.linear(
            kept.activated, weight: parameters + place.outputWeight, rows: tokens, input: inner, output: width,
            into: kept.output)
        winnow_training_add_bias(kept.output, parameters + place.outputBias, tokens, width)
        drop(kept.output, kept.outputFactors, site: 2 * index + 2, tokens: tokens)
        winnow_training_add(kept.output, kept.attentionOutput, tokens * width)
        winnow_training_layer_norm(
            kept.output, parameters + place.outputNormScale, parameters + place.outputNormShift, shape.normEpsilon,
            kept.output, kept.outputNormalised, kept.outputInverse, tokens, width)
    }

    private func drop(_ values: Floats, _ factors: Floats, site: Int, tokens: Int) {
        guard dropout.probability > 0 else { return }
        let count = tokens * layout.shape.width
        let seed = RandomSource.derivedSeed(dropout.seed, [UInt64(site)])
        winnow_training_dropout_factors(factors, count, seed, dropout.probability)
        winnow_training_multiply(values, factors, count)
    }
}
