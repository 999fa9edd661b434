// From a record's bytes to a post event, a skip or a rejection. Decides the format and what holds for all of them; the
// formats are in a file each. Never throws and never traps, whatever the bytes are.

package struct PostDecoder: Sendable {
    /// Identifiers are indexed: PostgreSQL takes 2,704 bytes an index row, platform and the like included.
    package static let longestIdentifier = 1_024

    private let format: PostFormat
    private let generic: GenericDecoder

    package init(format: PostFormat, generic: GenericFieldPaths = GenericFieldPaths()) {
        self.format = format
        self.generic = GenericDecoder(paths: generic)
    }

    package func decode(_ record: SourceRecord) -> DecodedRecord {
        guard let value = record.value else { return nullValue(key: record.key, at: record.position) }
        return value.withUnsafeBufferPointer { decode($0, at: record.position) }
    }

    /// A value without a record around it. `position` gives the order of events that carry no version of their own,
    /// and the key of posts of the format `text`.
    package func decode(_ bytes: UnsafeBufferPointer<UInt8>, at position: SourcePosition) -> DecodedRecord {
        if bytes.count > JSONTape.largestDocument {
            return .reject(
                Rejection(
                    reason: .tooLarge,
                    detail:
                        "the record has \(bytes.count) bytes, more than the \(JSONTape.largestDocument) that are read"))
        }
        if format == .text {
            let key = PostKey(platform: "text", key: String(position.offset))
            let text = SafeText.text(bytes, isEscaped: false)
            return .event(.upsert(Post(key: key, version: EventVersion(kafkaOrderOf: position), text: text)))
        }
        let tape = JSONTape(bytes)
        let isJetstream = format == .jetstream || (format == .auto && JetstreamDecoder.fits(tape))
        if let fault = tape.fault {
            let known = isJetstream ? JetstreamDecoder.identifiers(tape) : generic.identifiers(tape)
            return .reject(Rejection(fault, key: known.key, author: known.author))
        }
        guard tape.rootObject != nil else {
            return .reject(Rejection(reason: .notAnObject, detail: "the record is JSON but no object"))
        }
        if isJetstream { return JetstreamDecoder.decode(tape, at: position) }
        if format == .auto && !generic.fits(tape) {
            return .reject(
                Rejection(
                    reason: .unknownFormat,
                    detail: "the record has neither the shape of a known feed nor a configured id or text field"))
        }
        return generic.decode(tape, at: position)
    }

    /// A tombstone: deletes the post that the record's key names.
    private func nullValue(key: [UInt8]?, at position: SourcePosition) -> DecodedRecord {
        let text = key.map(SafeText.text) ?? ""
        guard !text.isEmpty, text.utf8.count <= Self.longestIdentifier else { return .skip(.nullValue) }
        let version = EventVersion(kafkaOrderOf: position)
        if format == .jetstream || (format == .auto && text.hasPrefix("at://")) {
            guard let known = JetstreamDecoder.identifiers(uri: text) else { return .skip(.nullValue) }
            return .event(.delete(PostDeletion(key: known.key, version: version, author: known.author)))
        }
        let postKey = PostKey(platform: generic.platform, key: text)
        return .event(.delete(PostDeletion(key: postKey, version: version, author: nil)))
    }
}

extension Rejection {
    init(_ fault: JSONFault, key: PostKey?, author: String?) {
        switch fault {
        case .malformed(let offset):
            self.init(
                reason: .malformedJSON, detail: "the record is no JSON: it goes wrong or ends at byte \(offset)",
                key: key, author: author)
        case .nestedTooDeep:
            self.init(
                reason: .nestedTooDeep, detail: "the record is nested deeper than \(JSONTape.deepest) levels", key: key,
                author: author)
        }
    }
}

extension JSONTape {
    /// An identifier from a string, made safe; nil where it is none, empty, or too long to be indexed.
    func identifier(_ index: Int?) -> String? {
        guard let text = text(index) else { return nil }
        return (1...PostDecoder.longestIdentifier).contains(text.utf8.count) ? text : nil
    }

    /// A language tag: BCP 47 needs at most 35 characters.
    func languageTag(_ index: Int?) -> String? {
        guard let text = text(index), !text.isEmpty, text.utf8.count <= 35 else { return nil }
        return text
    }
}
