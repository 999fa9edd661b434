// The lines that `winnow label` writes (Schemas/soft-labels.schema.json). Knows nothing of where the answers come from.
import Observability
import Posts
import StudentInference

enum LabelledLine {
    /// `model` names the models and their weights.
    static func line(_ post: Post, _ answers: [EnsembleAnswer], model: String, hasIdentifier: Bool) -> String {
        var heads: [String] = []
        var entities: [String] = []
        var words: [String] = []
        for answer in answers {
            switch answer.content {
            case .scores(let scores): heads.append(distribution(answer.head, scores))
            case .spans(let tagged, let tags, let mentions):
                words.append("\(JSONText.quoted(answer.head)):[\(tagged.compactMap { word($0, tags) }.joined(separator: ","))]")
                if answer.head == mainSpanHead { entities += mentions.map(mention) }
            }
        }
        return "{\"id\":\(hasIdentifier ? JSONText.quoted(post.key.key) : "null"),\"text\":\(JSONText.quoted(post.text)),"
            + "\"model\":\(JSONText.quoted(model)),\"heads\":{\(heads.joined(separator: ","))},"
            + "\"entities\":[\(entities.joined(separator: ","))],\"words\":{\(words.joined(separator: ","))}}"
    }

    /// Its mentions are what people look for; other span heads are for training alone.
    private static let mainSpanHead = "entities"
    /// A word of so much `O` is left out, and so is a tag of so little probability.
    private static let (certain, negligible): (Float, Float) = (0.999, 0.001)

    /// nil: certainly no part of anything, which is what a word that is not listed is.
    private static func word(_ word: WordTags, _ tags: [String]) -> String? {
        guard (word.probabilities.first ?? 1) < certain else { return nil }
        let told = zip(tags, word.probabilities).filter { $0.1 >= negligible }
            .map { "\(JSONText.quoted($0.0)):\(number($0.1))" }
        return "{\"start\":\(word.span.start),\"length\":\(word.span.length),\"tags\":{\(told.joined(separator: ","))}}"
    }

    private static func distribution(_ name: String, _ scores: [LabelScore]) -> String {
        let scores = scores.map { "\(JSONText.quoted($0.label)):\(number($0.score))" }
        return "\(JSONText.quoted(name)):{\(scores.joined(separator: ","))}"
    }

    private static func mention(_ mention: EntityMention) -> String {
        "{\"type\":\(JSONText.quoted(mention.type)),\"text\":\(JSONText.quoted(mention.text)),"
            + "\"start\":\(mention.span.start),\"length\":\(mention.span.length),\"score\":\(number(mention.score))}"
    }

    /// Six digits after the point: a student at a high temperature learns from the small ones too.
    private static func number(_ value: Float) -> String {
        guard value.isFinite else { return "null" }
        let millionths = Int((Double(value) * 1e6).rounded())
        let digits = String(millionths % 1_000_000)
        return "\(millionths / 1_000_000).\(String(repeating: "0", count: 6 - digits.count))\(digits)"
    }
}
