// THE table of parameters: every tensor of a model with its name and shape, from the configuration alone. Reader,
// writer, quantiser and training all go by it. Names are those of Hugging Face's BERT.

package struct ModelParameter: Hashable, Sendable {
    package let name: String
    package let shape: [Int]
    /// Matrices may be stored in one byte a value; vectors are few and stay in F32.
    package var isMatrix: Bool { shape.count == 2 }
    package var isWordTable: Bool { name == Self.wordTable }
    /// Whether the rows can be stored in 4 bits.
    package var hasWholeBlocks: Bool { isMatrix && shape[1] % SafetensorsFile.int4Block == 0 }
    static let wordTable = "embeddings.word_embeddings.weight"
}

extension ModelConfiguration {
    package var parameters: [ModelParameter] { encoderParameters + heads.flatMap(headParameters) + maskParameters }

    package var encoderParameters: [ModelParameter] {
        let width = encoder.width
        var list = [
            ModelParameter(name: ModelParameter.wordTable, shape: [encoder.vocabulary, width]),
            ModelParameter(name: "embeddings.position_embeddings.weight", shape: [encoder.positions, width]),
            ModelParameter(name: "embeddings.token_type_embeddings.weight", shape: [encoder.segments, width]),
        ]
        func vector(_ name: String, _ count: Int) { list.append(ModelParameter(name: name, shape: [count])) }
        func linear(_ name: String, inputs: Int, outputs: Int) {
            list.append(ModelParameter(name: name + ".weight", shape: [outputs, inputs]))
            vector(name + ".bias", outputs)
        }
        func norm(_ name: String) {
            vector(name + ".weight", width)
            vector(name + ".bias", width)
        }
        norm("embeddings.LayerNorm")
        for layer in 0..<encoder.layers {
            let prefix = "encoder.layer.\(layer)."
            for part in ["query", "key", "value"] {
                linear(prefix + "attention.self." + part, inputs: width, outputs: width)
            }
            linear(prefix + "attention.output.dense", inputs: width, outputs: width)
            norm(prefix + "attention.output.LayerNorm")
            linear(prefix + "intermediate.dense", inputs: width, outputs: encoder.feedForward)
            linear(prefix + "output.dense", inputs: encoder.feedForward, outputs: width)
            norm(prefix + "output.LayerNorm")
        }
        return list
    }

    package func headParameters(_ head: HeadSettings) -> [ModelParameter] {
        let prefix = "heads.\(head.name)."
        var list: [ModelParameter] = []
        if let hidden = head.hidden {
            list.append(ModelParameter(name: prefix + "dense.weight", shape: [hidden, encoder.width]))
            list.append(ModelParameter(name: prefix + "dense.bias", shape: [hidden]))
        }
        let inputs = head.hidden ?? encoder.width
        list.append(ModelParameter(name: prefix + "output.weight", shape: [head.labels.count, inputs]))
        list.append(ModelParameter(name: prefix + "output.bias", shape: [head.labels.count]))
        return list
    }

    /// The learned mask's scorer; none where the model has no such mask.
    package var maskParameters: [ModelParameter] {
        guard let hidden = mask.hidden, let features = mask.features else { return [] }
        return [
            ModelParameter(name: "mask.pieces.weight", shape: [3 * hidden, encoder.width]),
            ModelParameter(name: "mask.features.weight", shape: [hidden, features]),
            ModelParameter(name: "mask.bias", shape: [hidden]),
            ModelParameter(name: "mask.output.weight", shape: [1, hidden]),
            ModelParameter(name: "mask.output.bias", shape: [1]),
        ]
    }

    /// Tensors that public checkpoints carry and this model does not use.
    package static func isIgnored(_ name: String) -> Bool {
        name == "embeddings.position_ids" || name.hasPrefix("pooler.")
    }
}
