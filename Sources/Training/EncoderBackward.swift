// The exact gradient of EncoderForward, line by line in reverse. It adds to the caller's block of gradients and
// reads what the forward pass of the same batch left in the activations. Checked against finite differences and
// an independent autograd.
internal import CVectorKernels

extension EncoderPass {
    /// Adds the gradients of all parameters to `gradients` (laid out as the parameters). `hiddenGradient` (T, C)
    /// is the loss's gradient at the hidden states. Must follow `forward` of the same batch with the same
    /// parameters. Where that had gates, their gradient is added to `gateGradient` (T). `besides`: gradients that enter
    /// at single layers.
    package func backward(
        _ batch: PackedTokens, parameters: UnsafePointer<Float>, hiddenGradient: UnsafePointer<Float>,
        gradients: UnsafeMutablePointer<Float>, gateGradient: UnsafeMutablePointer<Float>? = nil,
        besides: LayerGradients? = nil
    ) {
        let width = layout.shape.width
        activations.gradient.update(from: hiddenGradient, count: batch.tokenCount * width)
        for index in layout.layers.indices.reversed() {
            let input = index == 0 ? activations.embedded : activations.layers[index - 1].output
            if let more = besides?.states[index + 1] {
                winnow_training_add(activations.gradient, more.pointer, batch.tokenCount * width)
            }
            backwardLayer(
                index, batch, parameters, input: input, gradients: gradients, gateGradient: gateGradient,
                attentionBesides: besides?.attentionInputs[index + 1])
        }
        if let more = besides?.states[0] {
            winnow_training_add(activations.gradient, more.pointer, batch.tokenCount * width)
        }
        backwardEmbedding(batch, parameters, gradients)
    }

    /// Turns `activations.gradient` from the gradient of the layer's output into that of its input.
    private func backwardLayer(
        _ index: Int, _ batch: PackedTokens, _ parameters: UnsafePointer<Float>, input: UnsafePointer<Float>,
        gradients: UnsafeMutablePointer<Float>, gateGradient: UnsafeMutablePointer<Float>?, attentionBesides: FloatBlock?
    ) {
        let (place, kept) = (layout.layers[index], activations.layers[index])
        let (tokens, width, inner) = (batch.tokenCount, layout.shape.width, layout.shape.inner)
        let (gradient, branch, innerGradient) = (activations.gradient, activations.branch, activations.innerGradient)

        winnow_training_layer_norm_backward(
            gradient, kept.outputNormalised, kept.outputInverse, parameters + place.outputNormScale, gradient,
            gradients + place.outputNormScale, gradients + place.outputNormShift, tokens, width)
        copyThroughDropout(from: gradient, to: branch, kept.outputFactors, tokens: tokens)
        winnow_training_add_column_sums(branch, gradients + place.outputBias, tokens, width)
        MatrixProduct.addLinearWeightGradient(
            branch, kept.activated, rows: tokens, input: inner, output: width, into: gradients + place.outputWeight)
        MatrixProduct.linearInputGradient(
            branch, weight: parameters + place.outputWeight, rows: tokens, input: inner, output: width,
            into: innerGradient)
        winnow_training_gelu_backward(kept.inner, innerGradient, tokens * inner)
        winnow_training_add_column_sums(innerGradient, gradients + place.innerBias, tokens, inner)
        MatrixProduct.addLinearWeightGradient(
            innerGradient, kept.attentionOutput, rows: tokens, input: width, output: inner,
            into: gradients + place.innerWeight)
        MatrixProduct.multiply(
            .init(innerGradient, stride: inner), .init(parameters + place.innerWeight, stride: width), rows: tokens,
            columns: width, inner: inner, into: gradient, stride: width, adding: true)

        winnow_training_layer_norm_backward(
            gradient, kept.attentionNormalised, kept.attentionInverse, parameters + place.attentionNormScale,
            gradient, gradients + place.attentionNormScale, gradients + place.attentionNormShift, tokens, width)
        copyThroughDropout(from: gradient, to: branch, kept.contextFactors, tokens: tokens)
        backwardAttention(
            index, batch, parameters, input: input, gradients: gradients, gateGradient: gateGradient,
            besides: attentionBesides)
    }

    /// From the gradient of the context's projection in `branch`; adds the attention's share to
    /// `activations.gradient`.
    private func backwardAttention(
        _ index: Int, _ batch: PackedTokens, _ parameters: UnsafePointer<Float>, input: UnsafePointer<Float>,
        gradients: UnsafeMutablePointer<Float>, gateGradient: UnsafeMutablePointer<Float>?, besides: FloatBlock?
    ) {
        let (place, kept) = (layout.layers[index], activations.layers[index])
        let (tokens, width) = (batch.tokenCount, layout.shape.width)
        let (branch, inputsGradient) = (activations.branch, activations.attentionGradient)
        winnow_training_add_column_sums(branch, gradients + place.contextBias, tokens, width)
        MatrixProduct.addLinearWeightGradient(
            branch, kept.context, rows: tokens, input: width, output: width, into: gradients + place.contextWeight)
        // The first (T, C) of the inner scratch is free again: it takes the gradient of the context.
        let contextGradient = activations.innerGradient
        MatrixProduct.linearInputGradient(
            branch, weight: parameters + place.contextWeight, rows: tokens, input: width, output: width,
            into: contextGradient)
        SelfAttention.backward(
            batch, shape: layout.shape, inputs: kept.attentionInputs, probabilities: kept.probabilities,
            gates: gates.flatMap { values in gateGradient.map { (values, $0) } }, contextGradient: contextGradient,
            inputsGradient: inputsGradient, scratch: activations.scoreGradient)
        if let besides { winnow_training_add(inputsGradient, besides.pointer, 3 * tokens * width) }
        winnow_training_add_column_sums(inputsGradient, gradients + place.attentionBiases, tokens, 3 * width)
        MatrixProduct.addLinearWeightGradient(
            inputsGradient, input, rows: tokens, input: width, output: 3 * width,
            into: gradients + place.attentionWeights)
        MatrixProduct.multiply(
            .init(inputsGradient, stride: 3 * width), .init(parameters + place.attentionWeights, stride: width),
            rows: tokens, columns: width, inner: 3 * width, into: activations.gradient, stride: width, adding: true)
    }

    private func backwardEmbedding(
        _ batch: PackedTokens, _ parameters: UnsafePointer<Float>, _ gradients: UnsafeMutablePointer<Float>
    ) {
        let (tokens, width) = (batch.tokenCount, layout.shape.width)
        let gradient = activations.branch
        copyThroughDropout(from: activations.gradient, to: gradient, activations.embeddedFactors, tokens: tokens)
        winnow_training_layer_norm_backward(
            gradient, activations.embeddedNormalised, activations.embeddedInverse, parameters + layout.normScale,
            gradient, gradients + layout.normScale, gradients + layout.normShift, tokens, width)
        for token in 0..<tokens {
            let row = gradient + token * width
            winnow_training_add(gradients + layout.words + Int(batch.ids[token]) * width, row, width)
            winnow_training_add(gradients + layout.positions + Int(batch.positions[token]) * width, row, width)
        }
        winnow_training_add_column_sums(gradient, gradients + layout.types, tokens, width)
    }

    private func copyThroughDropout(from source: Floats, to target: Floats, _ factors: Floats, tokens: Int) {
        let count = tokens * layout.shape.width
        target.update(from: source, count: count)
        if dropout.probability > 0 { winnow_training_multiply(target, factors, count) }
    }
}
