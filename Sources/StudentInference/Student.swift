// A loaded model: tokenizer, encoder, heads, identity. Immutable and shared; each worker adds an arena of its own.
package import ModelFiles
package import Posts
package import TensorKernels
package import Tokenization

package struct Student: Sendable {
    package let configuration: ModelConfiguration
    package let tokenizer: WordPieceTokenizer
    package let encoder: Encoder
    package let heads: [TaskHead]
    package let version: ModelVersion

    /// Reads and checks a model folder.
    package static func load(
        folder path: String, kernels: VectorKernels = VectorKernels()
    ) throws(ModelFileFault) -> Student {
        try Student(ModelFolder(path: path), kernels: kernels)
    }

    package init(_ folder: ModelFolder, kernels: VectorKernels = VectorKernels()) throws(ModelFileFault) {
        let configuration = folder.configuration
        self.configuration = configuration
        tokenizer = try Self.tokenizer(configuration, bytes: folder.vocabulary, source: folder.path)
        encoder = try Encoder(configuration: configuration, kernels: kernels) { name, shape throws(ModelFileFault) in
            try folder.floats(name, shape: shape)
        }
        var heads: [TaskHead] = []
        for settings in configuration.heads {
            heads.append(
                try TaskHead(settings: settings, width: configuration.encoder.width, kernels: kernels) {
                    name, shape throws(ModelFileFault) in try folder.floats(name, shape: shape)
                })
        }
        self.heads = heads
        version = ModelVersion(
            name: configuration.name, version: configuration.version, weightsHash: folder.weightsHash)
    }

    private static func tokenizer(
        _ configuration: ModelConfiguration, bytes: [UInt8], source: String
    ) throws(ModelFileFault) -> WordPieceTokenizer {
        let settings = configuration.tokenizer
        let vocabulary: Vocabulary
        do {
            vocabulary = try Vocabulary(lines: bytes)
        } catch {
            throw ModelFileFault("\(source)/\(settings.file): \(error.description)")
        }
        guard vocabulary.count <= configuration.encoder.vocabulary else {
            throw ModelFileFault(
                "\(source)/\(settings.file) has \(vocabulary.count) pieces, "
                    + "the encoder knows \(configuration.encoder.vocabulary).")
        }
        switch settings.kind {
        case .wordPiece:
            return WordPieceTokenizer(
                vocabulary: vocabulary, lowercases: settings.lowercase, maximumTokens: settings.maximumTokens)
        }
    }
}
