// The transformer, top to bottom: BERT with the norm behind each residual. Weights are made once and shared; all
// scratch is the caller's arena. It knows tokens, not texts, and no heads.
package import ModelFiles
package import TensorKernels

package struct Encoder: Sendable {
    struct Norm: Sendable {
        let gamma: FloatStorage
        let beta: FloatStorage
    }

    struct Layer: Sendable {
        /// (3 width, width): queries, keys, values.
        let queryKeyValue: PackedLinear
        let attentionOutput: PackedLinear
        let attentionNorm: Norm
        let intermediate: PackedLinear
        let output: PackedLinear
        let outputNorm: Norm
    }

    package let sizes: EncoderSizes
    private let kernels: VectorKernels
    private let words: FloatStorage
    private let positions: FloatStorage
    private let segments: FloatStorage
    private let embeddingNorm: Norm
    private let layers: [Layer]

    /// Makes the encoder from named parameters; `values` gives each in row-major order.
    package init(
        configuration: ModelConfiguration, kernels: VectorKernels = VectorKernels(),
        values: (_ name: String, _ shape: [Int]) throws(ModelFileFault) -> FloatStorage
    ) throws(ModelFileFault) {
        let sizes = configuration.encoder
        let width = sizes.width
        func norm(_ name: String) throws(ModelFileFault) -> Norm {
            Norm(gamma: try values(name + ".weight", [width]), beta: try values(name + ".bias", [width]))
        }
        func linear(_ name: String, _ inputs: Int, _ outputs: Int) throws(ModelFileFault) -> PackedLinear {
            PackedLinear(
                weights: try values(name + ".weight", [outputs, inputs]),
                bias: try values(name + ".bias", [outputs]), inputs: inputs, outputs: outputs, kernels: kernels)
        }
        func queryKeyValue(_ prefix: String) throws(ModelFileFault) -> PackedLinear {
            var weights: [Float] = [], bias: [Float] = []
            for part in ["query", "key", "value"] {
                weights += try values("\(prefix)\(part).weight", [width, width]).values
                bias += try values("\(prefix)\(part).bias", [width]).values
            }
            return PackedLinear(
                weights: FloatStorage(weights), bias: FloatStorage(bias), inputs: width, outputs: 3 * width,
                kernels: kernels)
        }
        self.sizes = sizes
        self.kernels = kernels
        words = try values("embeddings.word_embeddings.weight", [sizes.vocabulary, width])
        positions = try values("embeddings.position_embeddings.weight", [sizes.positions, width])
        segments = try values("embeddings.token_type_embeddings.weight", [sizes.segments, width])
        embeddingNorm = try norm("embeddings.LayerNorm")
        var layers: [Layer] = []
        for index in 0..<sizes.layers {
            let prefix = "encoder.layer.\(index)."
            layers.append(Layer(
                queryKeyValue: try queryKeyValue(prefix + "attention.self."),
                attentionOutput: try linear(prefix + "attention.output.dense", width, width),
                attentionNorm: try norm(prefix + "attention.output.LayerNorm"),
                intermediate: try linear(prefix + "intermediate.dense", width, sizes.feedForward),
                output: try linear(prefix + "output.dense", sizes.feedForward, width),
                outputNorm: try norm(prefix + "output.LayerNorm")))
        }
        self.layers = layers
    }

    /// Runs the batch through all layers and returns the hidden states (T, width), which lie in the arena until its
    /// next use. The batch must fit the arena's limits; ids and positions must lie inside the tables.
    @discardableResult
    package func encode(_ batch: PackedBatch, arena: borrowing InferenceArena) -> UnsafeBufferPointer<Float> {
        let rows = batch.tokenCount
        precondition(rows <= arena.limits.tokens && batch.sequenceCount <= arena.limits.sequences)
        precondition(batch.ids.allSatisfy { $0 >= 0 && $0 < sizes.vocabulary })
        precondition(batch.positions.allSatisfy { $0 >= 0 && $0 < sizes.positions })
        let hidden = arena.hidden.base
        batch.ids.withUnsafeBufferPointer { ids in
            batch.positions.withUnsafeBufferPointer { places in
                guard let ids = ids.baseAddress, let places = places.baseAddress else { return }
                kernels.embed(
                    word: words.base, position: positions.base, segment: segments.base, ids: ids, positions: places,
                    into: hidden, rows: rows, width: sizes.width)
            }
        }
        normalize(hidden, embeddingNorm, rows: rows)
        for layer in layers { run(layer, batch, arena: arena) }
        return UnsafeBufferPointer(start: hidden, count: rows * sizes.width)
    }

    private func run(_ layer: Layer, _ batch: PackedBatch, arena: borrowing InferenceArena) {
        let rows = batch.tokenCount
        let hidden = arena.hidden.base
        layer.queryKeyValue.apply(hidden, into: arena.queryKeyValue.base, rows: rows)
        for sequence in 0..<batch.sequenceCount {
            let range = batch.rows(sequence)
            kernels.attention(
                qkv: arena.queryKeyValue.base + range.lowerBound * 3 * sizes.width,
                into: arena.context.base + range.lowerBound * sizes.width, length: range.count, heads: sizes.heads,
                headWidth: sizes.headWidth, scratch: arena.attention.base)
        }
        layer.attentionOutput.apply(arena.context.base, into: hidden, rows: rows, epilogue: .addResidual(hidden))
        normalize(hidden, layer.attentionNorm, rows: rows)
        layer.intermediate.apply(hidden, into: arena.feedForward.base, rows: rows, epilogue: .gelu)
        layer.output.apply(arena.feedForward.base, into: hidden, rows: rows, epilogue: .addResidual(hidden))
        normalize(hidden, layer.outputNorm, rows: rows)
    }

    private func normalize(_ hidden: UnsafeMutablePointer<Float>, _ norm: Norm, rows: Int) {
        kernels.layerNorm(
            hidden, gamma: norm.gamma.base, beta: norm.beta.base, into: hidden, rows: rows, width: sizes.width,
            epsilon: sizes.normEpsilon)
    }

    /// out (sequences, width): the mean of each sequence's rows, or its first row. `hidden` is (T, width).
    package func pool(
        _ hidden: UnsafePointer<Float>, _ batch: PackedBatch, _ pooling: HeadSettings.Pooling,
        into out: UnsafeMutablePointer<Float>
    ) {
        let width = sizes.width
        for sequence in 0..<batch.sequenceCount {
            let rows = pooling == .first ? batch.rows(sequence).prefix(1) : batch.rows(sequence)
            let target = out + sequence * width
            target.update(repeating: 0, count: width)
            for row in rows {
                let source = hidden + row * width
                for column in 0..<width { target[column] += source[column] }
            }
            let factor = 1 / Float(max(1, rows.count))
            for column in 0..<width { target[column] *= factor }
        }
    }
}
