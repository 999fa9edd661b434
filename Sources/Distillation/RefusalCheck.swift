// Whether a teacher declined to answer. A refusal is an answer like any other: it is kept, counted and never argued with.
internal import Foundation

package enum RefusalCheck {
    /// As an answer without any JSON begins when a model declines.
    private static let phrases = [
        "i can't", "i cannot", "i can not", "i'm sorry", "i am sorry", "sorry, ", "i won't", "i will not", "i'm unable",
        "i am unable", "unable to assist", "as an ai", "i'm not able", "i am not able", "i must decline", "i decline",
        "i apologize", "i apologise",
    ]
    private static let opening = 200

    package static func isRefusal(_ answer: ChatAnswer) -> Bool {
        if answer.refusal?.isEmpty == false || answer.finishReason == "content_filter" { return true }
        guard JSONObjects.topLevel(Array(answer.content.utf8)).isEmpty else { return false }
        let start = answer.content.prefix(opening).lowercased().replacingOccurrences(of: "’", with: "'")
        return phrases.contains { start.contains($0) }
    }
}
