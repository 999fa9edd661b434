// The buffers of one worker, sized once from the limits: the encoder allocates nothing per batch. Owned by one worker,
// used by one thread at a time.
package import ModelFiles
internal import TensorKernels

/// How much one call of the encoder may hold.
package struct InferenceLimits: Hashable, Sendable {
    /// Tokens of one packed batch.
    package let tokens: Int
    /// Sequences of one packed batch.
    package let sequences: Int

    /// 144 tokens by default: the product's block of rows; the buffers then stay near the caches, and larger batches
    /// were slower (decision 0030). Never less than the tokenizer's longest text.
    package init(tokens: Int = 144, sequences: Int = 72) {
        precondition(tokens > 0 && sequences > 0)
        self.tokens = tokens
        self.sequences = sequences
    }
}

package struct InferenceArena: ~Copyable {
    package let limits: InferenceLimits
    /// (tokens, width): the encoder's states; after `encode` its output.
    let hidden: FloatBuffer
    /// (tokens, 3 width)
    let queryKeyValue: FloatBuffer
    /// (tokens, width)
    let context: FloatBuffer
    /// (tokens, feed forward)
    let feedForward: FloatBuffer
    /// Scratch of one head of one sequence.
    let attention: FloatBuffer
    /// (sequences, width)
    let pooled: FloatBuffer
    /// (max(tokens, sequences), widest layer of any head)
    let headHidden: FloatBuffer
    let logits: FloatBuffer

    /// A sequence may be as long as the whole batch or as the model has positions, whichever is less.
    package init(configuration: ModelConfiguration, limits: InferenceLimits) {
        let sizes = configuration.encoder
        self.limits = limits
        hidden = FloatBuffer(count: limits.tokens * sizes.width)
        queryKeyValue = FloatBuffer(count: limits.tokens * sizes.width * 3)
        context = FloatBuffer(count: limits.tokens * sizes.width)
        feedForward = FloatBuffer(count: limits.tokens * sizes.feedForward)
        let longest = min(limits.tokens, sizes.positions)
        attention = FloatBuffer(
            count: VectorKernels.attentionScratch(length: longest, headWidth: sizes.headWidth))
        pooled = FloatBuffer(count: limits.sequences * sizes.width)
        let rows = max(limits.tokens, limits.sequences)
        headHidden = FloatBuffer(count: rows * (configuration.heads.compactMap(\.hidden).max() ?? 0))
        logits = FloatBuffer(count: rows * (configuration.heads.map(\.labels.count).max() ?? 0))
    }
}
