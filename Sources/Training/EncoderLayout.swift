// Sizes of the trained encoder and where each of its parameters lies. Names are those of BERT checkpoints,
// so that first weights load and trained ones are written without renaming.

package struct EncoderShape: Sendable, Equatable {
    package var vocabulary: Int
    package var positions: Int
    package var tokenTypes: Int
    package var width: Int
    package var heads: Int
    package var inner: Int
    package var layers: Int
    package var normEpsilon: Float

    package init(
        vocabulary: Int, positions: Int, tokenTypes: Int, width: Int, heads: Int, inner: Int, layers: Int,
        normEpsilon: Float
    ) {
        precondition(width % heads == 0, "the width must be a multiple of the number of attention heads")
        self.vocabulary = vocabulary
        self.positions = positions
        self.tokenTypes = tokenTypes
        self.width = width
        self.heads = heads
        self.inner = inner
        self.layers = layers
        self.normEpsilon = normEpsilon
    }

    package var headWidth: Int { width / heads }
}

/// Which part of the first weights is taken, and learning-rate factors of the encoder's parts; 0 freezes a part.
package struct EncoderRates: Sendable, Equatable, Codable {
    package var embeddings: Float
    /// The rate of each layer is that of the layer above it times this.
    package var layerDecay: Float
    /// The factor of the topmost layer; 0 freezes the whole encoder.
    package var layers: Float
    /// Which layers of the first weights the encoder begins with, counted from 0, bottom first; nil: all of them.
    package var takeLayers: [Int]?

    package init(embeddings: Float = 1, layerDecay: Float = 1, layers: Float = 1, takeLayers: [Int]? = nil) {
        self.embeddings = embeddings
        self.layerDecay = layerDecay
        self.layers = layers
        self.takeLayers = takeLayers
    }
}

package struct EncoderLayout: Sendable {
    /// Offsets into the block of parameters. Query, key and value lie behind one another, so that one product
    /// makes all three.
    package struct Layer: Sendable {
        var attentionWeights = 0
        var attentionBiases = 0
        var contextWeight = 0
        var contextBias = 0
        var attentionNormScale = 0
        var attentionNormShift = 0
        var innerWeight = 0
        var innerBias = 0
        var outputWeight = 0
        var outputBias = 0
        var outputNormScale = 0
        var outputNormShift = 0
    }

    package let shape: EncoderShape
    package private(set) var words = 0
    package private(set) var positions = 0
    package private(set) var types = 0
    package private(set) var normScale = 0
    package private(set) var normShift = 0
    package private(set) var layers: [Layer] = []

    package init(shape: EncoderShape, rates: EncoderRates, table: inout ParameterTable) {
        self.shape = shape
        let width = shape.width
        func matrix(_ name: String, _ rows: Int, _ columns: Int, _ rate: Float) -> Int {
            table.add(name + ".weight", [rows, columns], decays: true, rateFactor: rate)
        }
        func vector(_ name: String, _ count: Int, _ rate: Float) -> Int {
            table.add(name, [count], decays: false, rateFactor: rate)
        }
        let rate = rates.embeddings
        words = matrix("embeddings.word_embeddings", shape.vocabulary, width, rate)
        positions = matrix("embeddings.position_embeddings", shape.positions, width, rate)
        types = matrix("embeddings.token_type_embeddings", shape.tokenTypes, width, rate)
        normScale = vector("embeddings.LayerNorm.weight", width, rate)
        normShift = vector("embeddings.LayerNorm.bias", width, rate)
        for index in 0..<shape.layers {
            let below = (index + 1..<shape.layers).reduce(rates.layers) { factor, _ in factor * rates.layerDecay }
            let prefix = "encoder.layer.\(index)."
            var layer = Layer()
            layer.attentionWeights = matrix(prefix + "attention.self.query", width, width, below)
            _ = matrix(prefix + "attention.self.key", width, width, below)
            _ = matrix(prefix + "attention.self.value", width, width, below)
            layer.attentionBiases = vector(prefix + "attention.self.query.bias", width, below)
            _ = vector(prefix + "attention.self.key.bias", width, below)
            _ = vector(prefix + "attention.self.value.bias", width, below)
            layer.contextWeight = matrix(prefix + "attention.output.dense", width, width, below)
            layer.contextBias = vector(prefix + "attention.output.dense.bias", width, below)
            layer.attentionNormScale = vector(prefix + "attention.output.LayerNorm.weight", width, below)
            layer.attentionNormShift = vector(prefix + "attention.output.LayerNorm.bias", width, below)
            layer.innerWeight = matrix(prefix + "intermediate.dense", shape.inner, width, below)
            layer.innerBias = vector(prefix + "intermediate.dense.bias", shape.inner, below)
            layer.outputWeight = matrix(prefix + "output.dense", width, shape.inner, below)
            layer.outputBias = vector(prefix + "output.dense.bias", width, below)
            layer.outputNormScale = vector(prefix + "output.LayerNorm.weight", width, below)
            layer.outputNormShift = vector(prefix + "output.LayerNorm.bias", width, below)
            layers.append(layer)
        }
    }
}
