// What the student says about one post. All positions are Unicode code points of the post's stored text.

/// A half-open stretch of a text, in Unicode code points: what PostgreSQL's `substr` counts.
package struct CodePointSpan: Hashable, Sendable {
    package let start: Int
    package let length: Int
    package init(start: Int, length: Int) {
        self.start = start
        self.length = length
    }
    package var end: Int { start + length }
}

package struct LabelScore: Hashable, Sendable {
    package let label: String
    /// A probability, 0 to 1.
    package let score: Float
    package init(label: String, score: Float) {
        self.label = label
        self.score = score
    }
}

/// The answer of a head of the kind `classes`. `label` is nil where the head abstains.
package struct Classification: Hashable, Sendable {
    package let label: String?
    /// One score a label, in the model's order of labels.
    package let scores: [LabelScore]
    package init(label: String?, scores: [LabelScore]) {
        self.label = label
        self.scores = scores
    }
}

/// What a head of classes says that is neither sentiment nor topic: labels of a user's own.
package struct HeadClassification: Hashable, Sendable {
    package let head: String
    package let classification: Classification
    package init(head: String, classification: Classification) {
        self.head = head
        self.classification = classification
    }
}

package struct EntityMention: Hashable, Sendable {
    package let type: String
    /// The post's own characters at `span`.
    package let text: String
    package let span: CodePointSpan
    package let score: Float
    package init(type: String, text: String, span: CodePointSpan, score: Float) {
        self.type = type
        self.text = text
        self.span = span
        self.score = score
    }
}

/// What the mask did to a post.
package struct MaskSummary: Hashable, Sendable {
    /// Share of the text's tokens that the encoder read, 0 to 1; 1 for a text without tokens.
    package let keptShare: Float
    /// What it did not read: ascending, disjoint.
    package let dropped: [CodePointSpan]
    package init(keptShare: Float, dropped: [CodePointSpan]) {
        self.keptShare = keptShare
        self.dropped = dropped
    }
}

package struct Enrichment: Hashable, Sendable {
    package let language: String?
    package let sentiment: Classification?
    package let topic: Classification?
    /// In the model's order of heads; not stored by the stream.
    package let ownHeads: [HeadClassification]
    package let entities: [EntityMention]
    package let mask: MaskSummary
    /// Which model said so: written beside every row.
    package let model: ModelVersion

    package init(
        language: String?, sentiment: Classification?, topic: Classification?, entities: [EntityMention],
        mask: MaskSummary, model: ModelVersion, ownHeads: [HeadClassification] = []
    ) {
        self.language = language
        self.sentiment = sentiment
        self.topic = topic
        self.ownHeads = ownHeads
        self.entities = entities
        self.mask = mask
        self.model = model
    }
}

/// The identity of a model: its name and version from `config.json`, and a hash of its weights.
package struct ModelVersion: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package let version: String
    /// First 12 hexadecimal digits of the SHA-256 of `model.safetensors`.
    package let weightsHash: String
    package init(name: String, version: String, weightsHash: String) {
        self.name = name
        self.version = version
        self.weightsHash = weightsHash
    }
    package var description: String { "\(name)-\(version)+\(weightsHash)" }
}
