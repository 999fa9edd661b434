// One document of the synthetic feed, and what Winnow has to make of it.

package struct SyntheticEvent: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case post, edit, delete
        case like, repost, follow, profile, identity
        case accountDeleted, accountSuspended, accountRestored
        case malformed

        /// The outcome of such a record where one account's records stay in order (keyed by account, as `key` says).
        package var expectedOutcome: String {
            switch self {
            case .post: "inserted"
            case .edit, .accountRestored: "edited"
            case .delete, .accountDeleted: "deleted"
            case .accountSuspended: "hidden"
            case .like, .repost, .follow, .profile, .identity: "skipped"
            case .malformed: "dead"
            }
        }
    }

    package let kind: Kind
    /// The Kafka key: the account's identifier, so that one account's events share a partition.
    package let key: String
    /// A Jetstream document without a newline: the Kafka value.
    package let document: [UInt8]
    /// What was written, for `post` and `edit`.
    package let post: SyntheticPost?
    /// at://account/collection/record key, for `post`, `edit` and `delete`.
    package let postKey: String?
}
