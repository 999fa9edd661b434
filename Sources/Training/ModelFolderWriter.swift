// Writes a trained network as a model folder: config.json, model.safetensors and the vocabulary. The card is
// written by people. Reading such a folder is the business of ModelFiles and the student.
package import Foundation
internal import Masking
internal import ModelFiles
package import Tokenization

package struct ModelFolderWriter {
    /// What calibration found for a head; absent ones keep 1 and no threshold.
    package struct Calibration: Sendable {
        package var temperature: Float
        package var abstainThreshold: Float?
        package init(temperature: Float, abstainThreshold: Float? = nil) {
            self.temperature = temperature
            self.abstainThreshold = abstainThreshold
        }
    }

    /// How the large matrices are stored.
    package enum Precision: String, Sendable, CaseIterable {
        /// One byte a value and a scale a row: what ships.
        case int8
        /// In full: to train on from.
        case float32
    }

    package let recipe: TrainingRecipe
    package let network: StudentNetwork
    private let vocabularyFile: URL
    private let tokenizer: TextTokenizer
    package var calibration: [String: Calibration] = [:]
    package var precision = Precision.int8

    /// `vocabularyFile`, which `tokenizer` was read from, is copied into the folder.
    package init(recipe: TrainingRecipe, network: StudentNetwork, vocabularyFile: URL, tokenizer: TextTokenizer) {
        self.recipe = recipe
        self.network = network
        self.vocabularyFile = vocabularyFile
        self.tokenizer = tokenizer
    }

    package func write(_ parameters: FloatBlock, to directory: URL) throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let configuration = ModelConfiguration(
            name: recipe.name, version: recipe.version, encoder: network.encoder.shape.sizes,
            tokenizer: tokenizerSettings,
            heads: network.heads.map(settings), mask: maskSettings)
        try Data(configuration.json()).write(to: directory.appendingPathComponent("config.json"), options: .atomic)
        let vocabulary = try Data(contentsOf: vocabularyFile)
        try vocabulary.write(to: directory.appendingPathComponent(vocabularyFile.lastPathComponent), options: .atomic)
        var writer = SafetensorsWriter(metadata: ["format": "winnow", "recipe": "\(recipe.name) \(recipe.version)"])
        for entry in network.table.entries {
            let values = UnsafeBufferPointer(start: parameters.pointer + entry.offset, count: entry.count)
            writer.add(entry.name, shape: entry.shape, values: values, as: storage(of: entry))
        }
        try writer.write(to: directory.appendingPathComponent("model.safetensors").path)
    }

    /// Heads, norms and biases are small and stay in full.
    private func storage(of entry: ParameterEntry) -> SafetensorsWriter.Storage {
        precision == .int8 && entry.shape.count == 2 && entry.count > 100_000 ? .int8PerRow : .float32
    }

    private var tokenizerSettings: TokenizerSettings {
        let file = vocabularyFile.lastPathComponent
        return switch tokenizer {
        case .wordPiece(let tokenizer):
            TokenizerSettings(file: file, lowercase: tokenizer.lowercases, maximumTokens: recipe.maximumTokens)
        case .unigram:
            TokenizerSettings(kind: .unigram, file: file, lowercase: false, maximumTokens: recipe.maximumTokens)
        }
    }

    private var maskSettings: MaskSettings {
        guard let mask = network.mask?.recipe else { return MaskSettings() }
        return MaskSettings(
            defaultMode: .learned, hidden: mask.hidden, features: MaskFeatures.count, threshold: mask.threshold)
    }

    private func settings(_ head: LearningHead) -> HeadSettings {
        let specification = head.specification
        let found = calibration[specification.name]
        return HeadSettings(
            name: specification.name, kind: specification.kind == .classes ? .classes : .spans,
            labels: specification.outputs, temperature: found?.temperature ?? 1,
            abstainThreshold: found?.abstainThreshold, evaluationOnly: specification.onlyForEvaluation)
    }
}
