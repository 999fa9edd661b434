// What the forward pass leaves for the backward pass, and the scratch both use. One set belongs to one worker and
// is reused from step to step: it grows to the largest batch seen and never shrinks.

final class EncoderActivations {
    typealias Floats = UnsafeMutablePointer<Float>

    /// Buffers of one layer; T tokens, C width, F inner width, A attention scores (heads x sum of squared lengths).
    struct Layer {
        /// (T, 3C): query, key, value side by side.
        var attentionInputs: Floats
        /// (A): softmax of each sequence and head, (length, length) each.
        var probabilities: Floats
        /// (T, C)
        var context: Floats
        var attentionNormalised: Floats
        var attentionOutput: Floats
        var outputNormalised: Floats
        var output: Floats
        /// (T)
        var attentionInverse: Floats
        var outputInverse: Floats
        /// (T, F): before and after GELU.
        var inner: Floats
        var activated: Floats
        /// (T, C): dropout factors; unused when the probability is 0.
        var contextFactors: Floats
        var outputFactors: Floats
    }

    let shape: EncoderShape
    private var storage = FloatBlock(count: 0)
    private var capacity = (tokens: 0, scores: 0)
    private(set) var layers: [Layer] = []
    /// (T, C): the sum of embeddings after norm and dropout: the first layer's input.
    private(set) var embedded: Floats
    private(set) var embeddedNormalised: Floats
    private(set) var embeddedInverse: Floats
    private(set) var embeddedFactors: Floats
    /// Scratch: (T, C) twice, (T, 3C), (T, F), and two (length, length) matrices.
    private(set) var gradient: Floats
    private(set) var branch: Floats
    private(set) var attentionGradient: Floats
    private(set) var innerGradient: Floats
    private(set) var scoreGradient: Floats

    init(shape: EncoderShape) {
        self.shape = shape
        embedded = storage.pointer
        embeddedNormalised = embedded
        embeddedInverse = embedded
        embeddedFactors = embedded
        gradient = embedded
        branch = embedded
        attentionGradient = embedded
        innerGradient = embedded
        scoreGradient = embedded
    }

    /// Makes room for the batch. Contents of earlier batches are gone afterwards.
    func reserve(for batch: PackedTokens) {
        let squares = (0..<batch.sequenceCount).reduce(0) { $0 + batch.range($1).count * batch.range($1).count }
        let scores = squares * shape.heads
        guard batch.tokenCount > capacity.tokens || scores > capacity.scores else { return }
        capacity = (max(capacity.tokens, batch.tokenCount * 5 / 4), max(capacity.scores, scores * 5 / 4))
        let (tokens, wide, inner) = (capacity.tokens, capacity.tokens * shape.width, capacity.tokens * shape.inner)
        let layerFloats = 10 * wide + 2 * inner + 2 * tokens + capacity.scores
        let scratch = 3 * wide + tokens + 5 * wide + max(inner, wide) + 2 * capacity.scores
        storage = FloatBlock(count: shape.layers * layerFloats + scratch)
        var next = storage.pointer
        func take(_ count: Int) -> Floats {
            defer { next += count }
            return next
        }
        embedded = take(wide)
        embeddedNormalised = take(wide)
        embeddedFactors = take(wide)
        embeddedInverse = take(tokens)
        layers = (0..<shape.layers).map { _ in
            Layer(
                attentionInputs: take(3 * wide), probabilities: take(capacity.scores), context: take(wide),
                attentionNormalised: take(wide), attentionOutput: take(wide), outputNormalised: take(wide),
                output: take(wide), attentionInverse: take(tokens), outputInverse: take(tokens), inner: take(inner),
                activated: take(inner), contextFactors: take(wide), outputFactors: take(wide))
        }
        gradient = take(wide)
        branch = take(wide)
        attentionGradient = take(3 * wide)
        innerGradient = take(max(inner, wide))
        scoreGradient = take(2 * capacity.scores)
    }

    /// The encoder's answer for the last batch: (T, C).
    var hidden: Floats { layers.last?.output ?? embedded }
}
