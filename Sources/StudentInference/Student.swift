// A loaded model: tokenizer, encoder, heads, identity. Immutable and shared; each worker adds an arena of its own.
package import Masking
package import ModelFiles
package import Posts
package import TensorKernels
package import Tokenization

package struct Student: Sendable {
    package let configuration: ModelConfiguration
    package let tokenizer: TextTokenizer
    package let encoder: Encoder
    package let heads: [TaskHead]
    /// nil: the model has none.
    package let learnedMask: LearnedMask?
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
        learnedMask = try Self.learnedMask(folder)
        version = ModelVersion(
            name: configuration.name, version: configuration.version, weightsHash: folder.weightsHash)
    }

    private static func learnedMask(_ folder: ModelFolder) throws(ModelFileFault) -> LearnedMask? {
        let configuration = folder.configuration
        guard let hidden = configuration.mask.hidden else { return nil }
        guard configuration.mask.features == MaskFeatures.count else {
            throw ModelFileFault(
                "\(folder.path)/config.json: the mask was trained with \(configuration.mask.features ?? 0) features, "
                    + "this version has \(MaskFeatures.count); use the version it was trained with or train it again.")
        }
        var values: [String: FloatStorage] = [:]
        for parameter in configuration.maskParameters {
            values[parameter.name] = try folder.floats(parameter.name, shape: parameter.shape)
        }
        func value(_ name: String) -> FloatStorage { values["mask." + name] ?? FloatStorage([]) }
        let sizes = configuration.encoder
        return LearnedMask(
            weights: MaskScorerWeights(
                pieces: value("pieces.weight"), features: value("features.weight"), bias: value("bias"),
                output: value("output.weight"), outputBias: value("output.bias"), hidden: hidden),
            embeddings: try folder.floats(
                "embeddings.word_embeddings.weight", shape: [sizes.vocabulary, sizes.width]),
            vocabulary: sizes.vocabulary, width: sizes.width, threshold: configuration.mask.threshold ?? 0.5)
    }

    private static func tokenizer(
        _ configuration: ModelConfiguration, bytes: [UInt8], source: String
    ) throws(ModelFileFault) -> TextTokenizer {
        let settings = configuration.tokenizer
        let tokenizer: TextTokenizer
        do {
            tokenizer = try TokenizerFile.read(
                bytes, name: settings.file, lowercases: settings.lowercase, maximumTokens: settings.maximumTokens)
        } catch {
            throw ModelFileFault("\(source)/\(settings.file): \(error.description)")
        }
        guard tokenizer.pieceCount <= configuration.encoder.vocabulary else {
            throw ModelFileFault(
                "\(source)/\(settings.file) has \(tokenizer.pieceCount) pieces, "
                    + "the encoder knows \(configuration.encoder.vocabulary).")
        }
        let agrees =
            switch tokenizer {
            case .wordPiece(let found): settings.kind == .wordPiece && found.lowercases == settings.lowercase
            case .unigram: settings.kind == .unigram && !settings.lowercase
            }
        guard agrees else {
            throw ModelFileFault(
                "\(source)/\(settings.file) is another tokenizer than \(source)/config.json says: "
                    + "take both from the same model.")
        }
        return tokenizer
    }
}
