// The text of a post that its feed writes as HTML. A reader of the sanitised subset that the fediverse exchanges, not of
// whole pages: tags make line breaks or nothing, character references become characters, all text between tags stays.
//
// Links: servers split a long address into spans that browsers hide (`invisible`) or cut (`ellipsis`). All of them are
// kept, so that the text has the whole address in one piece, as its author wrote it.

struct MarkupText {
    private let source: [UInt8]
    private var position = 0
    private var text: [UInt8] = []
    /// Line breaks that are due before the next visible character.
    private var breaksDue = 0
    private var preformatted = 0

    static func text(_ markup: String) -> String {
        guard markup.utf8.contains(where: { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "&") }) else { return markup }
        var reader = MarkupText(source: Array(markup.utf8))
        reader.read()
        return String(decoding: reader.text, as: UTF8.self)
    }

    private init(source: [UInt8]) {
        self.source = source
        text.reserveCapacity(source.count)
    }

    private mutating func read() {
        while position < source.count {
            switch source[position] {
            case UInt8(ascii: "<"): readMarkup()
            case UInt8(ascii: "&"): readReference()
            // Outside of pre a line break of the source is a blank.
            case 0x0A, 0x0D, 0x09, 0x0C:
                appendBlank(source[position])
                position += 1
            case 0x20:
                appendBlank(0x20)
                position += 1
            default:
                append(source[position])
                position += 1
            }
        }
        while let last = text.last, last == 0x20 || last == 0x0A { text.removeLast() }
    }

    // MARK: Text

    private mutating func append(_ byte: UInt8) {
        if breaksDue > 0 {
            while text.last == 0x20 { text.removeLast() }
            if !text.isEmpty { text.append(contentsOf: repeatElement(0x0A, count: breaksDue)) }
            breaksDue = 0
        }
        text.append(byte)
    }

    /// Blanks at the edges of a block are none; inside they stay as they are.
    private mutating func appendBlank(_ byte: UInt8) {
        if preformatted > 0 { return append(byte) }
        if breaksDue == 0, !text.isEmpty { text.append(0x20) }
    }

    private mutating func readReference() {
        if let reference = CharacterReferences.read(source, at: position, .html) {
            for byte in reference.text { append(byte) }
            position += reference.length
        } else {
            append(source[position])
            position += 1
        }
    }

    // MARK: Tags

    private mutating func readMarkup() {
        let next = position + 1 < source.count ? source[position + 1] : 0
        if next == UInt8(ascii: "!") || next == UInt8(ascii: "?") {
            skipDeclaration()
        } else if isLetter(next) {
            readTag(isClosing: false)
        } else if next == UInt8(ascii: "/"), position + 2 < source.count, isLetter(source[position + 2]) {
            readTag(isClosing: true)
        } else {
            // A bare less-than sign.
            append(source[position])
            position += 1
        }
    }

    private mutating func skipDeclaration() {
        if source[position...].starts(with: Array("<!--".utf8)) {
            skip(past: Array("-->".utf8), from: position + 4)
        } else {
            skip(past: [UInt8(ascii: ">")], from: position)
        }
    }

    private mutating func skip(past mark: [UInt8], from start: Int) {
        var scan = min(start, source.count)
        while scan < source.count {
            if source[scan] == mark[0], source[scan...].starts(with: mark) {
                position = scan + mark.count
                return
            }
            scan += 1
        }
        position = source.count
    }

    private mutating func readTag(isClosing: Bool) {
        var scan = position + (isClosing ? 2 : 1)
        let start = scan
        while scan < source.count, isLetter(source[scan]) || isDigit(source[scan]) { scan += 1 }
        let name = String(decoding: source[start..<scan].map { isLetter($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
        // To the end of the tag; a quoted attribute may hold a greater-than sign.
        var quote: UInt8 = 0
        while scan < source.count {
            let byte = source[scan]
            if quote != 0 {
                if byte == quote { quote = 0 }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                break
            }
            scan += 1
        }
        position = min(scan + 1, source.count)
        apply(name, isClosing: isClosing)
    }

    private mutating func apply(_ name: String, isClosing: Bool) {
        switch name {
        case "br":
            breaksDue += 1
        case "p", "blockquote", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6":
            breaksDue = max(breaksDue, 2)
        case "pre":
            preformatted = max(0, preformatted + (isClosing ? -1 : 1))
            breaksDue = max(breaksDue, 2)
        case "div", "li", "tr", "hr":
            breaksDue = max(breaksDue, 1)
        case "script", "style":
            guard !isClosing else { return }
            skip(past: Array("</\(name)".utf8), from: position)
            skip(past: [UInt8(ascii: ">")], from: position)
        default:
            break
        }
    }

    private func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }

    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
