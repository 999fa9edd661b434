// Reads one JSON document into a flat list of nodes in one pass over its bytes. Strict about structure (RFC 8259),
// lenient about what strings hold: control characters, NUL, lone surrogates and invalid UTF-8 refuse no post.
// Copies no text: SafeText makes Swift strings of the few that are wanted.

package struct JSONNode: Sendable {
    package enum Kind: UInt8, Sendable {
        case object, array, string, number, true_, false_, null
    }
    let kind: Kind
    /// Strings: holds at least one backslash.
    var isEscaped = false
    /// Bytes of the value; of strings without the quotes.
    var start: Int32
    var end: Int32
    /// The index after this node and all that is in it. The children of a container follow it; an object's are name and
    /// value by turns.
    var next: Int32
}

enum JSONFault: Error {
    /// The byte at which reading stopped making sense.
    case malformed(offset: Int)
    case nestedTooDeep
}

/// Valid only as long as the bytes it was made from.
struct JSONTape {
    /// Containers in containers. A feed's events have five or six; the limit protects the stack.
    static let deepest = 128
    /// Offsets are 32 bits wide; Kafka's own limit is far below.
    static let largestDocument = 16 << 20

    let bytes: UnsafeBufferPointer<UInt8>
    private(set) var nodes: [JSONNode] = []
    private(set) var fault: JSONFault?
    /// The node that is read as the document: the first, or one of several that lie in the bytes.
    private(set) var root = 0
    private var position = 0

    /// Never fails: after a fault the nodes hold what was read before it, so that ids can be told from it.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        precondition(bytes.count <= Self.largestDocument, "the caller checks the size")
        self.bytes = bytes
        nodes.reserveCapacity(64)
        // A byte order mark is none of JSON, but some producers begin with one.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        do throws(JSONFault) {
            skipBlanks()
            try readValue(depth: 0)
            skipBlanks()
            if position != bytes.count { throw .malformed(offset: position) }
        } catch {
            fault = error
        }
    }

    /// The same nodes with another one as the document.
    func rooted(at index: Int) -> JSONTape {
        var other = self
        other.root = index
        return other
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func readValue(depth: Int) throws(JSONFault) {
        guard position < bytes.count else { throw .malformed(offset: position) }
        switch bytes[position] {
        case UInt8(ascii: "\""): try readString()
        case UInt8(ascii: "{"): try readContainer(.object, closedBy: UInt8(ascii: "}"), depth: depth)
        case UInt8(ascii: "["): try readContainer(.array, closedBy: UInt8(ascii: "]"), depth: depth)
        case UInt8(ascii: "t"): try readWord("true", .true_)
        case UInt8(ascii: "f"): try readWord("false", .false_)
        case UInt8(ascii: "n"): try readWord("null", .null)
        default: try readNumber()
        }
    }

    private mutating func readContainer(_ kind: JSONNode.Kind, closedBy close: UInt8, depth: Int) throws(JSONFault) {
        if depth >= Self.deepest { throw .nestedTooDeep }
        let index = nodes.count
        nodes.append(JSONNode(kind: kind, start: Int32(position), end: Int32(bytes.count), next: .max))
        position += 1
        skipBlanks()
        if position < bytes.count, bytes[position] == close {
            position += 1
        } else {
            while true {
                if kind == .object { try readName() }
                try readValue(depth: depth + 1)
                skipBlanks()
                guard position < bytes.count else { throw .malformed(offset: position) }
                let byte = bytes[position]
                guard byte == UInt8(ascii: ",") || byte == close else { throw .malformed(offset: position) }
                position += 1
                if byte == close { break }
                skipBlanks()
            }
        }
        nodes[index].end = Int32(position)
        nodes[index].next = Int32(nodes.count)
    }

    private mutating func readName() throws(JSONFault) {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw .malformed(offset: position) }
        try readString()
        skipBlanks()
        guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else { throw .malformed(offset: position) }
        position += 1
        skipBlanks()
    }

    private mutating func readString() throws(JSONFault) {
        let start = position + 1
        var scan = start
        var isEscaped = false
        while true {
            guard scan < bytes.count else { throw .malformed(offset: scan) }
            let byte = bytes[scan]
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                scan += try escapeLength(at: scan)
            } else {
                scan += 1
            }
        }
        position = scan + 1
        append(.string, start: start, end: scan, isEscaped: isEscaped)
    }

    /// Bytes of the escape whose backslash is at `offset`.
    private func escapeLength(at offset: Int) throws(JSONFault) -> Int {
        guard offset + 1 < bytes.count else { throw .malformed(offset: offset) }
        switch bytes[offset + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return 2
        case UInt8(ascii: "u"):
            guard SafeText.codeUnit(bytes, at: offset + 2) != nil else { throw .malformed(offset: offset) }
            return 6
        default:
            throw .malformed(offset: offset)
        }
    }

    private mutating func readWord(_ word: StaticString, _ kind: JSONNode.Kind) throws(JSONFault) {
        let start = position
        for index in 0..<word.utf8CodeUnitCount {
            guard position < bytes.count, bytes[position] == word.utf8Start[index] else {
                throw .malformed(offset: position)
            }
            position += 1
        }
        append(kind, start: start, end: position)
    }

    private mutating func readNumber() throws(JSONFault) {
        let start = position
        if peek() == UInt8(ascii: "-") { position += 1 }
        if peek() == UInt8(ascii: "0") {
            position += 1
        } else {
            try readDigits()
        }
        if peek() == UInt8(ascii: ".") {
            position += 1
            try readDigits()
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            position += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
            try readDigits()
        }
        // A number that ends with the document inside a container may have been cut, and what begins as a number need not be
        // one (`01`, `0x1F`): neither is one to tell ids from.
        if position == bytes.count ? !nodes.isEmpty : !isNumberEnd(bytes[position]) {
            throw .malformed(offset: position)
        }
        append(.number, start: start, end: position)
    }

    private func isNumberEnd(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x0A, 0x0D, 0x09: true
        default: false
        }
    }

    private mutating func readDigits() throws(JSONFault) {
        let start = position
        while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        if position == start { throw .malformed(offset: position) }
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func append(_ kind: JSONNode.Kind, start: Int, end: Int, isEscaped: Bool = false) {
        nodes.append(
            JSONNode(
                kind: kind, isEscaped: isEscaped, start: Int32(start), end: Int32(end), next: Int32(nodes.count + 1)))
    }
}
