// The lines that `winnow label` writes (Schemas/soft-labels.schema.json). Knows nothing of where the answers come from.
import Observability
import Posts
import StudentInference

enum LabelledLine {
    static func line(
        _ post: Post, _ answers: [(name: String, answer: HeadAnswer)], model: ModelVersion, hasIdentifier: Bool
    ) -> String {
        var heads: [String] = []
        var entities: [String] = []
        for (name, answer) in answers {
            switch answer {
            case .classes(let classification): heads.append(distribution(name, classification.scores))
            case .labels(let scores): heads.append(distribution(name, scores))
            case .spans(let mentions): entities += mentions.map(mention)
            }
        }
        return "{\"id\":\(hasIdentifier ? JSONText.quoted(post.key.key) : "null"),\"text\":\(JSONText.quoted(post.text)),"
            + "\"model\":\(JSONText.quoted(model.description)),\"heads\":{\(heads.joined(separator: ","))},"
            + "\"entities\":[\(entities.joined(separator: ","))]}"
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
