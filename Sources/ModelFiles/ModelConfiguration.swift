// `config.json` of a model folder: sizes of the encoder, the tokenizer, the heads, the mask. Read and checked here;
// what the numbers mean is the student's business.
internal import Foundation

package struct EncoderSizes: Codable, Hashable, Sendable {
    package var layers: Int
    package var width: Int
    package var heads: Int
    package var feedForward: Int
    package var vocabulary: Int
    package var positions: Int
    package var segments: Int
    package var normEpsilon: Float

    package init(
        layers: Int, width: Int, heads: Int, feedForward: Int, vocabulary: Int, positions: Int, segments: Int = 2,
        normEpsilon: Float = 1e-12
    ) {
        self.layers = layers
        self.width = width
        self.heads = heads
        self.feedForward = feedForward
        self.vocabulary = vocabulary
        self.positions = positions
        self.segments = segments
        self.normEpsilon = normEpsilon
    }

    package var headWidth: Int { width / heads }

    enum CodingKeys: String, CodingKey {
        case layers, width, heads, vocabulary, positions, segments
        case feedForward = "feed_forward"
        case normEpsilon = "norm_epsilon"
    }
}

package struct TokenizerSettings: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Sendable {
        /// `vocab.txt` or `tokenizer.json`.
        case wordPiece = "wordpiece"
        /// XLM-R's, from `tokenizer.json`.
        case unigram
    }

    package var kind: Kind
    /// The vocabulary's file name inside the folder.
    package var file: String
    package var lowercase: Bool
    /// Most tokens of a text, specials included; the rest of a longer text is not read.
    package var maximumTokens: Int

    package init(kind: Kind = .wordPiece, file: String = "vocab.txt", lowercase: Bool, maximumTokens: Int = 128) {
        self.kind = kind
        self.file = file
        self.lowercase = lowercase
        self.maximumTokens = maximumTokens
    }

    enum CodingKeys: String, CodingKey {
        case kind, file, lowercase
        case maximumTokens = "maximum_tokens"
    }
}

/// One task of the model. Parameters: `heads.NAME.dense.weight` (hidden, width) and `.bias` where `hidden` is set, then
/// `heads.NAME.output.weight` (labels, hidden or width) and `.bias`.
package struct HeadSettings: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Sendable {
        /// One of the labels.
        case classes
        /// Any of the labels, each on its own.
        case labels
        /// BIO tags on the first piece of each word.
        case spans
    }

    package enum Pooling: String, Codable, Sendable {
        /// Mean over the tokens the encoder read, specials included.
        case mean
        /// The first token.
        case first = "cls"
    }

    package enum Activation: String, Codable, Sendable {
        case tanh, gelu
    }

    package var name: String
    package var kind: Kind
    /// Classes in the order of the outputs; for `spans` the tags `O`, `B-x`, `I-x`.
    package var labels: [String]
    package var pooling: Pooling
    /// Width of the dense layer before the output; nil for none.
    package var hidden: Int?
    package var activation: Activation
    /// Logits are divided by it before the softmax: calibration.
    package var temperature: Float
    /// Below this score of the best class the head abstains; for `labels` what counts as present (0.5 where nil).
    package var abstainThreshold: Float?
    /// True for a head in a published data set's own labels, for comparison: measured by `evaluate`, left out of
    /// enrichments.
    package var evaluationOnly: Bool

    package init(
        name: String, kind: Kind, labels: [String], pooling: Pooling = .mean, hidden: Int? = nil,
        activation: Activation = .tanh, temperature: Float = 1, abstainThreshold: Float? = nil,
        evaluationOnly: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.pooling = pooling
        self.hidden = hidden
        self.activation = activation
        self.temperature = temperature
        self.abstainThreshold = abstainThreshold
        self.evaluationOnly = evaluationOnly
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        kind = try values.decode(Kind.self, forKey: .kind)
        labels = try values.decode([String].self, forKey: .labels)
        pooling = try values.decodeIfPresent(Pooling.self, forKey: .pooling) ?? .mean
        hidden = try values.decodeIfPresent(Int.self, forKey: .hidden)
        activation = try values.decodeIfPresent(Activation.self, forKey: .activation) ?? .tanh
        temperature = try values.decodeIfPresent(Float.self, forKey: .temperature) ?? 1
        abstainThreshold = try values.decodeIfPresent(Float.self, forKey: .abstainThreshold)
        evaluationOnly = try values.decodeIfPresent(Bool.self, forKey: .evaluationOnly) ?? false
    }

    enum CodingKeys: String, CodingKey {
        case name, kind, labels, pooling, hidden, activation, temperature
        case abstainThreshold = "abstain_threshold"
        case evaluationOnly = "evaluation_only"
    }
}

package struct MaskSettings: Codable, Hashable, Sendable {
    package enum Mode: String, Codable, Sendable, CaseIterable {
        case none, rules, random, learned
    }

    /// What is used where the service's settings ask for `learned` and the model has no learned mask.
    package var defaultMode: Mode
    /// Width of the learned scorer's hidden layer; nil: the model has no learned mask.
    package var hidden: Int?
    /// How many marks of form the scorer was trained with: a model of another number is refused.
    package var features: Int?
    /// Words whose keep-probability is below are dropped, where the settings name no threshold.
    package var threshold: Float?

    package init(defaultMode: Mode = .rules, hidden: Int? = nil, features: Int? = nil, threshold: Float? = nil) {
        self.defaultMode = defaultMode
        self.hidden = hidden
        self.features = features
        self.threshold = threshold
    }

    enum CodingKeys: String, CodingKey {
        case defaultMode = "default"
        case hidden, features, threshold
    }
}

package struct ModelConfiguration: Codable, Hashable, Sendable {
    package static let currentFormat = 1

    package var format: Int
    package var name: String
    package var version: String
    package var encoder: EncoderSizes
    package var tokenizer: TokenizerSettings
    package var heads: [HeadSettings]
    package var mask: MaskSettings

    package init(
        name: String, version: String, encoder: EncoderSizes, tokenizer: TokenizerSettings, heads: [HeadSettings],
        mask: MaskSettings = MaskSettings()
    ) {
        format = Self.currentFormat
        self.name = name
        self.version = version
        self.encoder = encoder
        self.tokenizer = tokenizer
        self.heads = heads
        self.mask = mask
    }

    /// Reads and checks `config.json`. `source` names the file in errors.
    package init(json: [UInt8], source: String) throws(ModelFileFault) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(json))
        } catch {
            throw ModelFileFault("\(source) is no model configuration: \(Self.explain(error)).")
        }
        try check(source: source)
    }

    package func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self)) + [10]
    }

    private static func explain(_ error: any Error) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        return switch error {
        case DecodingError.keyNotFound(let key, let context): "\(path(context)) lacks the key \"\(key.stringValue)\""
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "\(path(context)) has the wrong type"
        case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
            "\(path(context)) has a value that is not known"
        default: "it is not valid JSON"
        }
    }
}
