// The JSON objects that `winnow enrich` writes, one a line as a rule, keys in the order of the contract. Knows nothing of
// where the results come from.
import Observability
import Posts

enum EnrichedLine {
    static func result(_ post: Post, _ enrichment: Enrichment, hasIdentifier: Bool) -> String {
        let entities = enrichment.entities.map { entity in
            "{\"type\":\(JSONText.quoted(entity.type)),\"text\":\(JSONText.quoted(entity.text)),"
                + "\"start\":\(entity.span.start),\"length\":\(entity.span.length),\"score\":\(number(entity.score))}"
        }
        let dropped = enrichment.mask.dropped.map { "[\($0.start),\($0.length)]" }.joined(separator: ",")
        // Only models with labels of a user's own have this key.
        let heads = enrichment.ownHeads.map { "\(JSONText.quoted($0.head)):\(classification($0.classification))" }
        let own = heads.isEmpty ? "" : "\"heads\":{\(heads.joined(separator: ","))},"
        return
            "{\"id\":\(hasIdentifier ? JSONText.quoted(post.key.key) : "null"),\"text\":\(JSONText.quoted(post.text)),"
            + "\"language\":\(enrichment.language.map { JSONText.quoted($0) } ?? "null"),"
            + "\"sentiment\":\(classification(enrichment.sentiment)),\"topic\":\(classification(enrichment.topic)),"
            + "\"entities\":[\(entities.joined(separator: ","))],"
            + "\(own)\"mask\":{\"kept\":\(number(enrichment.mask.keptShare)),\"dropped\":[\(dropped)]},"
            + "\"model\":\(JSONText.quoted(enrichment.model.description))}"
    }

    /// An event that is no post.
    static func skipped(_ reason: String, line: Int) -> String {
        "{\"skipped\":\(JSONText.quoted(reason)),\"line\":\(line)}"
    }

    /// A line that cannot be read.
    static func error(_ rejection: Rejection, line: Int) -> String {
        "{\"error\":{\"code\":\(JSONText.quoted(rejection.reason.rawValue)),"
            + "\"message\":\(JSONText.quoted(rejection.detail))},\"line\":\(line)}"
    }

    private static func classification(_ answer: Classification?) -> String {
        guard let answer else { return "null" }
        let scores = answer.scores.map { "\(JSONText.quoted($0.label)):\(number($0.score))" }
        return "{\"label\":\(answer.label.map { JSONText.quoted($0) } ?? "null"),"
            + "\"scores\":{\(scores.joined(separator: ","))}}"
    }

    /// Four digits after the point are more than a model knows; what is no number has no place in JSON.
    private static func number(_ value: Float) -> String {
        guard value.isFinite else { return "null" }
        let scaled = Int((Double(value) * 10_000).rounded())
        let digits = String(scaled.magnitude % 10_000)
        var fraction = String(repeating: "0", count: 4 - digits.count) + digits
        while fraction.last == "0" { fraction.removeLast() }
        let whole = "\(scaled < 0 ? "-" : "")\(scaled.magnitude / 10_000)"
        return fraction.isEmpty ? whole : "\(whole).\(fraction)"
    }
}
