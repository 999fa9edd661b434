// Writes a model folder again in a smaller storage. What is read back is what was written: the quality of the written
// folder is measured by loading it, not guessed (decision 0033 has figures).
package import ModelFiles

package enum ModelQuantizer {
    /// How the matrices are stored. Vectors (biases, norms), the heads and the mask stay in F32: they are few and carry scale.
    package enum Precision: String, CaseIterable, Sendable {
        case float32, float16
        /// Embedding tables in one byte a value, the layers in half precision: the shipped model.
        case mixed
        /// Every matrix in one byte a value with one scale a row.
        case int8
        /// As int8, with word embeddings in 4 bits: for a table that was rounded to 4 bits once and not trained since.
        case int4Words = "int4-words"

        func storage(_ parameter: ModelParameter) -> SafetensorsWriter.Storage {
            let isSmall = parameter.name.hasPrefix("heads.") || parameter.name.hasPrefix("mask.")
            guard parameter.isMatrix, !isSmall else { return .float32 }
            return switch self {
            case .float32: .float32
            case .float16: .float16
            case .mixed: parameter.name.hasPrefix("embeddings.") ? .int8PerRow : .float16
            case .int8: .int8PerRow
            case .int4Words: parameter.isWordTable && parameter.hasWholeBlocks ? .int4PerBlock : .int8PerRow
            }
        }
    }

    package static func quantize(
        _ source: ModelFolder, to path: String, precision: Precision
    ) throws(ModelFileFault) {
        guard path != source.path else {
            throw ModelFileFault("\(path) is the model that is read; name another folder to write to.")
        }
        try ModelFolder.write(
            path: path, configuration: source.configuration, vocabulary: source.vocabulary,
            storage: precision.storage,
            values: { parameter throws(ModelFileFault) in try source.floats(parameter.name, shape: parameter.shape) })
    }
}
