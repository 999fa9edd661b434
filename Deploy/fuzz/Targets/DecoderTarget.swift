// Records of every format: decoding comes back, and what it gives keeps the promises that the database relies on.
import LanguageIdentification
import Posts

enum DecoderTarget {
    private static let position = SourcePosition(
        topicPartition: TopicPartition(topic: "fuzz", partition: 0), offset: 42)
    private static let decoders = PostFormat.allCases.map { (format: $0, decoder: PostDecoder(format: $0, generic: paths)) }

    /// Every field has a path, so that each kind of value is read in each place.
    private static var paths: GenericFieldPaths {
        var paths = GenericFieldPaths()
        paths.version = ["version", "v.0"]
        paths.deleted = ["deleted"]
        paths.replyTo = ["reply.0.id"]
        paths.replyRoot = ["root"]
        paths.repostOf = ["repost"]
        paths.quoteOf = ["quote"]
        return paths
    }

    static func run(_ bytes: UnsafeBufferPointer<UInt8>) {
        let whole = SourceRecord(position: position, timestamp: nil, key: nil, value: Array(bytes))
        for (format, decoder) in decoders {
            let record = decoder.decode(whole)
            check(record, format, byteCount: bytes.count)
            if case .several(let documents) = record { check(documents, of: whole, decoder, format) }
        }
        let tombstone = SourceRecord(position: position, timestamp: nil, key: Array(bytes), value: nil)
        for (format, decoder) in decoders { check(decoder.decode(tombstone), format, byteCount: bytes.count) }
    }

    private static func check(_ record: DecodedRecord, _ format: PostFormat, byteCount: Int) {
        switch record {
        case .event(.upsert(let post)):
            checkKey(post.key)
            precondition(!post.text.utf8.contains(0), "\(format): a text holds NUL")
            // One byte becomes three at most: U+FFFD.
            precondition(post.text.utf8.count <= 3 * byteCount, "\(format): a text grew")
            let identifiers = [post.author, post.replyTo, post.replyRoot, post.repostOf, post.quoteOf]
            for case let identifier? in identifiers { checkIdentifier(identifier) }
            checkVersion(post.version)
            if let language = PostLanguage.decide(tag: post.language, text: post.text) {
                precondition(LanguageTag(language)?.text == language, "a language in its usual form")
            }
            precondition((post.language?.utf8.count ?? 1) <= 35, "\(format): a long language tag")
            precondition(post.language?.utf8.contains(0) != true, "\(format): a language tag holds NUL")
            if let time = post.createdAt {
                precondition((-62_135_596_800_000_000...253_402_300_799_999_999).contains(time.microseconds))
            }
        case .event(.delete(let deletion)):
            checkKey(deletion.key)
            checkVersion(deletion.version)
            if let author = deletion.author { checkIdentifier(author) }
        case .event(.account(let change)):
            checkIdentifier(change.account)
            checkVersion(change.version)
        case .skip(let reason):
            precondition(!reason.rawValue.isEmpty)
        case .reject(let rejection):
            if let key = rejection.key { checkKey(key) }
            if let author = rejection.author { checkIdentifier(author) }
            // A sentence of ours: it cannot have grown with the record.
            precondition(rejection.detail.utf8.count < 300 && rejection.detail.utf8.allSatisfy { $0 >= 0x20 })
        case .several(let documents):
            precondition(documents.count >= 2, "\(format): several documents are two at least")
            for document in documents { check(document.content, format, byteCount: byteCount) }
        }
    }

    /// Documents lie in the record in order and apart, and each alone is read again as what it was among the others: one that
    /// the database cannot take is kept alone and taken in again by itself.
    private static func check(
        _ documents: [DecodedDocument], of record: SourceRecord, _ decoder: PostDecoder, _ format: PostFormat
    ) {
        var end = 0
        for document in documents {
            if case .several = document.content { preconditionFailure("\(format): several in several") }
            let bytes = document.place.bytes
            precondition(bytes.lowerBound >= end && bytes.upperBound <= record.value?.count ?? 0, "\(format): a document's place")
            end = bytes.upperBound
            // Under auto the page around a document tells its format; alone it may have no shape to know it by.
            if format == .auto { continue }
            if case .reject = document.content { continue }
            let alone = decoder.decode(document.place.record(of: record))
            precondition(kind(alone) == kind(document.content), "\(format): a document alone is read as another")
        }
    }

    private static func kind(_ record: DecodedRecord) -> String {
        switch record {
        case .event(.upsert): "upsert"
        case .event(.delete): "delete"
        case .event(.account): "account"
        case .skip(let reason): "skip \(reason.rawValue)"
        case .reject: "reject"
        case .several: "several"
        }
    }

    private static func checkKey(_ key: PostKey) {
        precondition(!key.platform.isEmpty)
        checkIdentifier(key.key)
    }

    private static func checkIdentifier(_ text: String) {
        precondition((1...PostDecoder.longestIdentifier).contains(text.utf8.count), "an identifier cannot be indexed")
        precondition(!text.utf8.contains(0), "an identifier holds NUL")
    }

    private static func checkVersion(_ version: EventVersion) {
        precondition(!version.text.utf8.contains(0) && version.text.utf8.count <= PostDecoder.longestIdentifier + 20)
    }
}
