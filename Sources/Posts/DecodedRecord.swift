// The three things a record can be. Reasons are bounded lists: they are metric labels and columns.

/// Why a record that is in order is nothing for us.
package struct SkipReason: RawRepresentable, Hashable, Sendable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    /// A record without a value whose key names no post.
    package static let nullValue = SkipReason(rawValue: "null_value")
    /// A collection of the feed that holds no posts (likes, follows, profiles, …).
    package static let otherCollection = SkipReason(rawValue: "other_collection")
    /// An event kind that concerns no post (identity, keep-alive, limit notice, …).
    package static let otherEvent = SkipReason(rawValue: "other_event")
    /// An account event that changes nothing we keep.
    package static let otherAccountEvent = SkipReason(rawValue: "other_account_event")
}

/// Why a record cannot be read. Each becomes a dead letter with this reason.
package struct RejectionReason: RawRepresentable, Hashable, Sendable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    package static let malformedJSON = RejectionReason(rawValue: "malformed_json")
    package static let nestedTooDeep = RejectionReason(rawValue: "nested_too_deep")
    package static let tooLarge = RejectionReason(rawValue: "too_large")
    package static let notAnObject = RejectionReason(rawValue: "not_an_object")
    package static let unknownFormat = RejectionReason(rawValue: "unknown_format")
    package static let missingIdentifier = RejectionReason(rawValue: "missing_id")
    package static let missingText = RejectionReason(rawValue: "missing_text")
    package static let wrongType = RejectionReason(rawValue: "wrong_type")
    /// PostgreSQL refused the row's data.
    package static let databaseRefusedData = RejectionReason(rawValue: "database_data")
    /// PostgreSQL failed on this record alone, for a reason outside the table of failures.
    package static let databaseFailure = RejectionReason(rawValue: "database_failure")
    /// Reading the record ended the process, again and again.
    package static let crashed = RejectionReason(rawValue: "crashed")
}

/// What could not be read, and what is known of it all the same.
package struct Rejection: Sendable, Equatable {
    package let reason: RejectionReason
    /// One sentence for people. Never quotes the record's content.
    package let detail: String
    /// Ids that could be read in spite of the fault, so that a later delete finds the dead letter.
    package var key: PostKey?
    package var author: String?

    package init(reason: RejectionReason, detail: String, key: PostKey? = nil, author: String? = nil) {
        self.reason = reason
        self.detail = detail
        self.key = key
        self.author = author
    }
}

package enum DecodedRecord: Sendable {
    case event(PostEvent)
    case skip(SkipReason)
    case reject(Rejection)
}
