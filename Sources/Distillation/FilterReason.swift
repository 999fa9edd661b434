// Why a post gives no row to learn from. The names are those of the report and of the files of what was rejected.

package enum FilterReason: String, Sendable, CaseIterable {
    // Seen before anything is asked or paid.
    case emptyPost = "empty_post"
    case postTooLong = "post_too_long"
    case personalDataInPost = "personal_data_in_post"
    case nearDuplicate = "near_duplicate_of_evaluation"
    // Seen in the answers.
    case endpointRefused = "endpoint_refused"
    case malformed
    case refusal
    case outsideTaxonomy = "label_outside_taxonomy"
    case contradiction = "rationale_contradicts_label"
    case inventedEntity = "entity_not_in_post"
    case personalDataInRationale = "personal_data_in_rationale"
    case disagreement
}

/// One line of a file of what was rejected.
package struct RejectedPost: Sendable, Equatable, Encodable {
    package let id: String
    package let text: String
    package let reason: FilterReason
    /// What was found, without quoting it.
    package let detail: String
    /// The teacher's words, one element a sample; empty where it was not asked.
    package let answers: [String]

    private enum Keys: String, CodingKey { case id, text, reason, detail, answers }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(id, forKey: .id)
        try container.encode(text, forKey: .text)
        try container.encode(reason.rawValue, forKey: .reason)
        try container.encode(detail, forKey: .detail)
        try container.encode(answers, forKey: .answers)
    }
}
