// How a local model teaches while the student trains, as part of a recipe: which of its layers the student's are to resemble, and
// how much its heads' opinions count. Numbers and names only; LocalTeacher holds the model.

package struct TeacherRecipe: Sendable, Codable, Equatable {
    /// Layers count from 1; 0 is what the embeddings give to the first.
    package struct LayerPair: Sendable, Codable, Equatable {
        package var student: Int
        package var teacher: Int

        package init(student: Int, teacher: Int) {
            self.student = student
            self.teacher = teacher
        }
    }

    package enum HiddenMeasure: String, Sendable, Codable {
        /// The mean over the width of (s - t)².
        case squared = "mse"
        /// 1 - s·t / (|s| |t|).
        case cosine
    }

    package struct Hidden: Sendable, Codable, Equatable {
        package var measure: HiddenMeasure
        package var weight: Double
        package var layers: [LayerPair]

        package init(measure: HiddenMeasure, weight: Double, layers: [LayerPair]) {
            self.measure = measure
            self.weight = weight
            self.layers = layers
        }
    }

    /// Which two of query, key and value are set against one another: softmax(X Y' / sqrt(head width)) in each attention head.
    package enum Relation: String, Sendable, Codable {
        /// Query and key: the attention itself.
        case attention
        /// Each with itself.
        case queries, keys, values
    }

    package struct Relations: Sendable, Codable, Equatable {
        package var of: [Relation]
        package var weight: Double
        package var layers: [LayerPair]

        package init(of: [Relation], weight: Double, layers: [LayerPair]) {
            self.of = of
            self.weight = weight
            self.layers = layers
        }
    }

    /// Soft targets that the teacher's heads give to every text that is read.
    package struct Heads: Sendable, Codable, Equatable {
        /// All that both have, of the same labels, by default.
        package var names: [String]?
        package var weight: Float
        package var temperature: Float
        /// Factor on `weight` for each word of a head of spans; 0.1 by default.
        package var wordFactor: Float?

        package init(names: [String]? = nil, weight: Float, temperature: Float, wordFactor: Float? = nil) {
            self.names = names
            self.weight = weight
            self.temperature = temperature
            self.wordFactor = wordFactor
        }
    }

    /// Posts without labels, read for what the teacher says of them.
    package struct Posts: Sendable, Codable, Equatable {
        /// Below the data directory: JSON Lines with text.
        package var path: String
        /// Share of the rows that is used, drawn by the seed; all by default.
        package var share: Double?

        package init(path: String, share: Double? = nil) {
            self.path = path
            self.share = share
        }
    }

    /// A model folder below the data directory, or absolute, or the name of a shipped model.
    package var model: String
    package var hidden: Hidden?
    package var relations: Relations?
    package var heads: Heads?
    package var posts: [Posts]?

    package init(
        model: String, hidden: Hidden? = nil, relations: Relations? = nil, heads: Heads? = nil, posts: [Posts]? = nil
    ) {
        self.model = model
        self.hidden = hidden
        self.relations = relations
        self.heads = heads
        self.posts = posts
    }

    var isInRange: Bool {
        let weights = [hidden?.weight, relations?.weight, heads.map { Double($0.weight) }].compactMap { $0 }
        return weights.allSatisfy { $0 >= 0 && $0.isFinite } && (heads?.temperature ?? 1) > 0
            && (heads?.wordFactor ?? 0) >= 0 && (hidden?.layers.isEmpty ?? false) == false
            && (relations.map { $0.layers.isEmpty || $0.of.isEmpty } ?? false) == false
            && (posts ?? []).allSatisfy { (0...1).contains($0.share ?? 1) }
    }
}
