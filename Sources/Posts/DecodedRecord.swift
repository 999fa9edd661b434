// What a record can be: an event, nothing for us, unreadable, or several documents of these kinds. Reasons are bounded
// lists: they are metric labels and columns.

/// Why a record that is in order is nothing for us.
package struct SkipReason: RawRepresentable, Hashable, Sendable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    /// A record without a value whose key names no post.
    package static let nullValue = SkipReason(rawValue: "null_value")
    /// A collection of the feed that holds no posts (likes, follows, profiles, …).
    package static let otherCollection = SkipReason(rawValue: "other_collection")
    /// An event kind that concerns no post (identity, notification, follow, …).
    package static let otherEvent = SkipReason(rawValue: "other_event")
    /// An account event that changes nothing we keep.
    package static let otherAccountEvent = SkipReason(rawValue: "other_account_event")
    /// A blank line or a comment that keeps a connection open.
    package static let keepAlive = SkipReason(rawValue: "keep_alive")
    /// The feed says that it left posts out.
    package static let limitNotice = SkipReason(rawValue: "limit_notice")
    /// A page or a listing with nothing in it.
    package static let emptyPage = SkipReason(rawValue: "empty_page")
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
    /// A Mastodon event whose server neither the event nor the settings name.
    package static let missingInstance = RejectionReason(rawValue: "missing_instance")
    /// More documents in one record than are read.
    package static let tooManyDocuments = RejectionReason(rawValue: "too_many_documents")
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
    /// A page, a listing, JSON Lines, frames of server-sent events: at least two documents, none of them several again.
    case several([DecodedDocument])
}

/// One of several documents of a record.
package struct DecodedDocument: Sendable {
    package let content: DecodedRecord
    package let place: DocumentPlace

    package init(content: DecodedRecord, place: DocumentPlace) {
        self.content = content
        self.place = place
    }
}

/// Where one of several documents lies in its record, so that a dead letter holds it and none of its neighbours.
package struct DocumentPlace: Hashable, Sendable {
    /// In the record's value.
    package let bytes: Range<Int>
    /// Whether it is an element of a page's `data`: alone it is read as such a document only with the field around it.
    package let isPageData: Bool

    package init(bytes: Range<Int>, isPageData: Bool = false) {
        self.bytes = bytes
        self.isPageData = isPageData
    }

    /// Its place in a value of which `bytes` count from `offset`.
    func shifted(by offset: Int) -> DocumentPlace {
        DocumentPlace(bytes: bytes.lowerBound + offset..<bytes.upperBound + offset, isPageData: isPageData)
    }

    /// A record with this document alone.
    package func record(of record: SourceRecord) -> SourceRecord {
        var value = record.value.map { Array($0[bytes.clamped(to: $0.indices)]) }
        if isPageData, let document = value {
            value = Array("{\"data\":".utf8) + document + Array("}".utf8)
        }
        return SourceRecord(position: record.position, timestamp: record.timestamp, key: record.key, value: value)
    }
}
