// Finds the documents of a record that holds several: JSON Lines, lists, pages and listings. Decodes none of them.

enum DocumentSplitter {
    struct Found {
        let index: Int
        /// What the document is read as: the element of a page does not show by itself whose it is.
        let format: PostFormat
        var isPageData = false
    }

    /// Where the documents of a list, a page or a listing are in the tape; nil where the document is one.
    static func documents(in tape: JSONTape, _ format: PostFormat) -> [Found]? {
        guard tape.nodes.first?.kind == .array else { return parts(tape, 0, format) }
        return tape.elements(0).flatMap { parts(tape, $0, format) ?? [Found(index: $0, format: format)] }
    }

    private static func parts(_ tape: JSONTape, _ document: Int, _ format: PostFormat) -> [Found]? {
        switch format {
        case .auto:
            return PostFormat(ofShape: tape.rooted(at: document)).flatMap { parts(tape, document, $0) }
        case .x2: return X2Decoder.page(tape, document)?.map { Found(index: $0, format: .x2, isPageData: true) }
        case .reddit: return RedditDecoder.things(tape, document)?.map { Found(index: $0, format: .reddit) }
        case .jetstream, .x1, .mastodon, .generic, .text: return nil
        }
    }

    /// The lines of JSON Lines that are not blank; nil where the bytes are something else: a document over many lines,
    /// say, that is broken. At most `limit` lines and one more.
    static func lines(_ bytes: UnsafeBufferPointer<UInt8>, limit: Int) -> [Range<Int>]? {
        var lines: [Range<Int>] = []
        var position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while position < bytes.count, lines.count <= limit {
            let end = bytes[position...].firstIndex(of: 0x0A) ?? bytes.count
            if let start = bytes[position..<end].firstIndex(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) {
                guard bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "[") else { return nil }
                lines.append(start..<end)
            }
            position = end + 1
        }
        return lines.count > 1 ? lines : nil
    }
}

extension PostFormat {
    /// The feed that a document comes from, told by its shape alone; nil where it has none that is known.
    init?(ofShape tape: JSONTape) {
        if JetstreamDecoder.fits(tape) {
            self = .jetstream
        } else if RedditDecoder.fits(tape) {
            self = .reddit
        } else if MastodonDecoder.fits(tape) {
            self = .mastodon
        } else if X2Decoder.fits(tape) {
            self = .x2
        } else if X1Decoder.fits(tape) {
            self = .x1
        } else {
            return nil
        }
    }
}
