// First weights for a run: a directory with a published BERT checkpoint (model.safetensors, config.json, vocab.txt or
// tokenizer.json), or a model folder of ours. Only the encoder is taken; heads and mask start fresh, or from the folder
// where name and shape agree.
package import Foundation
package import ModelFiles
internal import TensorKernels
package import Tokenization

package struct StartingWeights: Sendable {
    package private(set) var shape: EncoderShape
    package let vocabularyFile: URL
    package let lowercases: Bool
    private let file: SafetensorsFile
    private let directory: URL
    /// The file's layer that each of the encoder's is read from.
    private var takenLayers: [Int]

    /// The sizes as Hugging Face's `config.json` names them.
    private struct PublishedSizes: Decodable {
        let vocab_size: Int
        let max_position_embeddings: Int
        let type_vocab_size: Int
        let hidden_size: Int
        let num_attention_heads: Int
        let intermediate_size: Int
        let num_hidden_layers: Int
        let layer_norm_eps: Float
        let model_type: String
    }

    package init(directory: URL) throws {
        let configuration = directory.appendingPathComponent("config.json")
        guard let data = try? Data(contentsOf: configuration) else {
            throw TrainingFailure("The starting weights lack \(configuration.path): name a directory that holds it.")
        }
        if let sizes = try? JSONDecoder().decode(PublishedSizes.self, from: data) {
            guard sizes.model_type == "bert" else {
                throw TrainingFailure(
                    "\(configuration.path) is of the type \(sizes.model_type): only bert is trained.")
            }
            shape = EncoderShape(
                vocabulary: sizes.vocab_size, positions: sizes.max_position_embeddings,
                tokenTypes: sizes.type_vocab_size, width: sizes.hidden_size, heads: sizes.num_attention_heads,
                inner: sizes.intermediate_size, layers: sizes.num_hidden_layers, normEpsilon: sizes.layer_norm_eps)
            // A checkpoint with both files says the same twice; vocab.txt alone does not say that it is lower case.
            let lines = directory.appendingPathComponent("vocab.txt")
            let isPlain = FileManager.default.fileExists(atPath: lines.path)
            vocabularyFile = isPlain ? lines : directory.appendingPathComponent("tokenizer.json")
            lowercases = isPlain
        } else {
            let own = try ModelConfiguration(json: Array(data), source: configuration.path)
            shape = EncoderShape(own.encoder)
            lowercases = own.tokenizer.lowercase
            vocabularyFile = directory.appendingPathComponent(own.tokenizer.file)
        }
        let weights = directory.appendingPathComponent("model.safetensors")
        guard let bytes = try? Data(contentsOf: weights) else {
            throw TrainingFailure("The starting weights lack \(weights.path): name a directory that holds it.")
        }
        file = try SafetensorsFile(bytes: Array(bytes), source: weights.path)
        takenLayers = Array(0..<shape.layers)
        self.directory = directory
    }

    /// The same weights with some of the layers, bottom first: a shallower student begins as a part of a deeper model. nil: all.
    package func taking(_ layers: [Int]?) throws(TrainingFailure) -> StartingWeights {
        guard let layers else { return self }
        guard !layers.isEmpty, layers.allSatisfy({ (0..<shape.layers).contains($0) }), Set(layers).count == layers.count else {
            throw TrainingFailure(
                "The recipe takes the layers \(layers) of \(directory.path), which has \(shape.layers): name each once, "
                    + "from 0 to \(shape.layers - 1).")
        }
        var taken = self
        taken.shape.layers = layers.count
        taken.takenLayers = layers
        return taken
    }

    /// SHA-256 of the file of weights, in hexadecimal. Reads the file.
    package func weightsHash() throws -> String {
        SHA256.hexadecimal(
            try FileBytes.read(
                directory.appendingPathComponent(ModelFolder.weightsFile).path, what: "weights file", limit: 4 << 30))
    }

    /// The bytes of the tokenizer's file.
    package func vocabulary() throws(TrainingFailure) -> Data {
        guard let bytes = try? Data(contentsOf: vocabularyFile) else {
            throw TrainingFailure("The vocabulary \(vocabularyFile.path) cannot be read: check the starting weights.")
        }
        return bytes
    }

    package func tokenizer(maximumTokens: Int) throws -> TextTokenizer {
        let tokenizer = try TokenizerFile.read(
            Array(vocabulary()), name: vocabularyFile.lastPathComponent, lowercases: lowercases, maximumTokens: maximumTokens)
        guard tokenizer.pieceCount == shape.vocabulary else {
            throw TrainingFailure(
                "\(vocabularyFile.path) holds \(tokenizer.pieceCount) pieces, the weights \(shape.vocabulary): "
                    + "they must agree.")
        }
        return tokenizer
    }

    /// Copies the encoder's parameters, and those heads that the file holds in the same shape. Throws where one
    /// of the encoder's is missing or of another shape; with `complete` also where one of a head's is.
    package func load(into parameters: FloatBlock, of network: StudentNetwork, complete: Bool = false) throws {
        for entry in network.table.entries {
            let name = nameInFile(entry.name)
            let mayStartFresh = !complete && ["heads.", "mask.", "language_model."].contains { name.hasPrefix($0) }
            if mayStartFresh, file.tensors[name]?.shape != entry.shape { continue }
            let values = try file.floats(name, shape: entry.shape)
            (parameters.pointer + entry.offset).update(from: values.base, count: entry.count)
        }
    }

    private func nameInFile(_ name: String) -> String {
        let prefix = "encoder.layer."
        guard name.hasPrefix(prefix) else { return name }
        let rest = name.dropFirst(prefix.count)
        guard let index = Int(rest.prefix { $0 != "." }), takenLayers.indices.contains(index) else { return name }
        return prefix + "\(takenLayers[index])" + rest.drop { $0 != "." }
    }
}

extension EncoderShape {
    package init(_ sizes: EncoderSizes) {
        self.init(
            vocabulary: sizes.vocabulary, positions: sizes.positions, tokenTypes: sizes.segments, width: sizes.width,
            heads: sizes.heads, inner: sizes.feedForward, layers: sizes.layers, normEpsilon: sizes.normEpsilon)
    }

    package var sizes: EncoderSizes {
        EncoderSizes(
            layers: layers, width: width, heads: heads, feedForward: inner, vocabulary: vocabulary,
            positions: positions, segments: tokenTypes, normEpsilon: normEpsilon)
    }
}
