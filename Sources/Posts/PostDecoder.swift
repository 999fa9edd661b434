// From a record's bytes to post events, a skip or a rejection. Decides the format and what holds for all of them; the
// formats are in a file each. Never throws and never traps, whatever the bytes are.

package struct PostDecoder: Sendable {
    /// Identifiers are indexed: PostgreSQL takes 2,704 bytes an index row, platform and the like included.
    package static let longestIdentifier = 1_024
    /// Documents in one record: they go to the database in one transaction. Pages of the platforms have up to 500.
    package static let mostDocuments = 4_096

    private let format: PostFormat
    private let generic: GenericDecoder
    private let mastodon: MastodonDecoder

    package init(
        format: PostFormat, generic: GenericFieldPaths = GenericFieldPaths(),
        mastodon: MastodonInstances = MastodonInstances()
    ) {
        self.format = format
        self.generic = GenericDecoder(paths: generic)
        self.mastodon = MastodonDecoder(instances: mastodon)
    }

    package func decode(_ record: SourceRecord) -> DecodedRecord {
        guard let value = record.value else { return nullValue(key: record.key, at: record.position) }
        return value.withUnsafeBufferPointer { decode($0, at: record.position) }
    }

    /// A value without a record around it. `position` gives the order of events that carry no version of their own,
    /// the key of posts of the format `text`, and the topic by which a Mastodon server may be named.
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
        // A line break alone keeps a stream of X open. Nothing at all is that only where such a stream is expected.
        let streamsKeepAlive = format != .jetstream && format != .generic && (format != .auto || !bytes.isEmpty)
        if streamsKeepAlive, bytes.allSatisfy({ $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }) {
            return .skip(.keepAlive)
        }
        if format == .mastodon || format == .auto, ServerSentEvents.fits(bytes) { return frames(bytes, at: position) }
        let tape = JSONTape(bytes)
        if tape.fault != nil, let lines = DocumentSplitter.lines(bytes, limit: Self.mostDocuments) {
            return several(lines.count) {
                lines.flatMap { line in
                    let content = value(JSONTape(UnsafeBufferPointer(rebasing: bytes[line])), at: position)
                    guard case .several(let documents) = content else {
                        return [DecodedDocument(content: content, place: DocumentPlace(bytes: line))]
                    }
                    return documents.map {
                        DecodedDocument(content: $0.content, place: $0.place.shifted(by: line.lowerBound))
                    }
                }
            }
        }
        return value(tape, at: position)
    }

    // MARK: Several documents

    /// What a record with `count` documents is: one that is alone is itself.
    private func several(_ count: Int, _ documents: () -> [DecodedDocument]) -> DecodedRecord {
        if count == 0 { return .skip(.emptyPage) }
        let found = count <= Self.mostDocuments ? documents() : []
        guard (1...Self.mostDocuments).contains(found.count) else {
            return .reject(
                Rejection(
                    reason: .tooManyDocuments,
                    detail: "the record holds more than the \(Self.mostDocuments) documents that are read"))
        }
        return found.count == 1 ? found[0].content : .several(found)
    }

    private func frames(_ bytes: UnsafeBufferPointer<UInt8>, at position: SourcePosition) -> DecodedRecord {
        let frames = ServerSentEvents.frames(bytes, limit: Self.mostDocuments)
        if frames.isEmpty { return .skip(.keepAlive) }
        return several(frames.count) {
            frames.map { frame in
                let content = frame.data.withUnsafeBufferPointer {
                    mastodon.decode(event: frame.name, data: $0, at: position)
                }
                return DecodedDocument(content: content, place: DocumentPlace(bytes: frame.extent))
            }
        }
    }

    /// One JSON value: a document, or a list, page or listing of them.
    private func value(_ tape: JSONTape, at position: SourcePosition) -> DecodedRecord {
        if let fault = tape.fault {
            let known = identifiers(tape, at: position)
            return .reject(Rejection(fault, key: known.key, author: known.author))
        }
        // An empty page of a platform's is in order; that a feed of one's own has such pages nobody said.
        let isEmptyList = tape.nodes.first?.kind == .array && tape.elements(0).isEmpty
        let expectsPages = format != .generic && format != .jetstream && format != .auto
        guard let documents = isEmptyList && !expectsPages ? nil : DocumentSplitter.documents(in: tape, format) else {
            return document(tape, format, at: position)
        }
        return several(documents.count) {
            documents.map { found in
                DecodedDocument(
                    content: document(tape.rooted(at: found.index), found.format, isPageData: found.isPageData, at: position),
                    place: DocumentPlace(bytes: tape.extent(found.index), isPageData: found.isPageData))
            }
        }
    }

    // MARK: One document

    private func document(
        _ tape: JSONTape, _ format: PostFormat, isPageData: Bool = false, at position: SourcePosition
    ) -> DecodedRecord {
        guard tape.rootObject != nil else {
            return .reject(Rejection(reason: .notAnObject, detail: "the document is JSON but no object"))
        }
        switch format == .auto ? PostFormat(ofShape: tape) ?? .generic : format {
        case .jetstream: return JetstreamDecoder.decode(tape, at: position)
        case .x2: return X2Decoder.decode(tape, isPageData: isPageData, at: position)
        case .x1: return X1Decoder.decode(tape, at: position)
        case .mastodon: return mastodon.decode(tape, at: position)
        case .reddit: return RedditDecoder.decode(tape, at: position)
        case .generic, .auto, .text:
            if format == .auto && !generic.fits(tape) {
                return .reject(
                    Rejection(
                        reason: .unknownFormat,
                        detail: "the record has neither the shape of a known feed nor a configured id or text field"))
            }
            return generic.decode(tape, at: position)
        }
    }

    /// What can be told of a document that is broken.
    private func identifiers(_ tape: JSONTape, at position: SourcePosition) -> (key: PostKey?, author: String?) {
        switch format == .auto ? PostFormat(ofShape: tape) ?? .generic : format {
        case .jetstream: JetstreamDecoder.identifiers(tape)
        case .x2: X2Decoder.identifiers(tape)
        case .x1: X1Decoder.identifiers(tape)
        case .mastodon: mastodon.identifiers(tape, at: position)
        case .reddit: RedditDecoder.identifiers(tape)
        case .generic, .auto, .text: generic.identifiers(tape)
        }
    }

    // MARK: Null values

    /// A tombstone: deletes the post that the record's key names.
    private func nullValue(key: [UInt8]?, at position: SourcePosition) -> DecodedRecord {
        let text = key.map(SafeText.text) ?? ""
        guard !text.isEmpty, text.utf8.count <= Self.longestIdentifier,
            let known = identifiers(key: text, at: position)
        else { return .skip(.nullValue) }
        return .event(
            .delete(PostDeletion(key: known.key, version: EventVersion(kafkaOrderOf: position), author: known.author)))
    }

    /// The post that a record's key names; nil where it names none of this feed.
    private func identifiers(key text: String, at position: SourcePosition) -> (key: PostKey, author: String?)? {
        switch format {
        case .jetstream: return JetstreamDecoder.identifiers(uri: text).map { ($0.key, $0.author) }
        case .x2, .x1: return DecimalIdentifier.isValid(text) ? (PostKey(platform: X2Decoder.platform, key: text), nil) : nil
        case .mastodon: return mastodon.key(named: text, at: position).map { ($0, nil) }
        case .reddit: return RedditDecoder.validName(text).map { (PostKey(platform: RedditDecoder.platform, key: $0), nil) }
        case .auto where text.hasPrefix("at://"): return JetstreamDecoder.identifiers(uri: text).map { ($0.key, $0.author) }
        case .auto where RedditDecoder.validName(text) != nil:
            return (PostKey(platform: RedditDecoder.platform, key: text), nil)
        case .auto, .generic, .text: return (PostKey(platform: generic.platform, key: text), nil)
        }
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
