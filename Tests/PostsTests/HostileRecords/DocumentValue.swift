// A JSON document as a tree that knows how to write itself in many ways that all mean the same.

indirect enum DocumentValue: Sendable {
    case object([Member])
    case array([DocumentValue])
    case text(HostileText)
    case number(String)
    /// true, false, null
    case word(String)

    struct Member: Sendable {
        var name: String
        var value: DocumentValue

        init(_ name: String, _ value: DocumentValue) {
            self.name = name
            self.value = value
        }

        init(_ name: String, _ text: String) { self.init(name, .text(HostileText(text))) }
    }

    /// A value that means nothing to any reader, of any type.
    static func meaningless(depth: Int = 3, using random: inout TestRandom) -> DocumentValue {
        let numbers = [
            "0", "-0", "17", "-1.5e-7", "1E400", "123456789012345678901234567890", "0." + String(repeating: "3", count: 400),
            String(repeating: "9", count: 500), "18446744073709551616", "-9223372036854775809", "1e-400",
        ]
        switch Int.random(in: 0..<(depth > 0 ? 7 : 4), using: &random) {
        case 0: return .word(["true", "false", "null"].randomElement(using: &random)!)
        case 1, 2: return .number(numbers.randomElement(using: &random)!)
        case 3: return .text(.any(pieces: 2, using: &random))
        case 4:
            let count = Int.random(in: 0..<4, using: &random)
            return .array((0..<count).map { _ in meaningless(depth: depth - 1, using: &random) })
        default:
            return .object(
                (0..<Int.random(in: 0..<4, using: &random)).map {
                    Member("x\($0)", meaningless(depth: depth - 1, using: &random))
                })
        }
    }

    /// The value at a path of names, replaced, added or (nil) taken away.
    func setting(_ path: ArraySlice<String>, to value: DocumentValue?) -> DocumentValue {
        guard case .object(var members) = self, let name = path.first else { return self }
        let place = members.firstIndex { $0.name == name }
        if path.count > 1 {
            if let place { members[place].value = members[place].value.setting(path.dropFirst(), to: value) }
        } else if let place {
            if let value { members[place].value = value } else { members.remove(at: place) }
        } else if let value {
            members.append(Member(name, value))
        }
        return .object(members)
    }

    /// The object at a path, changed.
    func changing(_ path: ArraySlice<String>, _ change: (inout [Member]) -> Void) -> DocumentValue {
        guard case .object(var members) = self else { return self }
        guard let name = path.first else {
            change(&members)
            return .object(members)
        }
        if let place = members.firstIndex(where: { $0.name == name }) {
            members[place].value = members[place].value.changing(path.dropFirst(), change)
        }
        return .object(members)
    }
}

/// The pieces of a written document; white space may stand between any two.
struct DocumentToken: Sendable {
    enum Kind: Sendable {
        case open, close, name, colon, memberComma, elementComma, text, number, word
    }
    let kind: Kind
    var bytes: [UInt8]
}

struct WrittenDocument: Sendable {
    var tokens: [DocumentToken] = []

    init(_ value: DocumentValue, using random: inout TestRandom) { write(value, using: &random) }

    /// With white space at random.
    func bytes(using random: inout TestRandom) -> [UInt8] {
        let isSpread = Bool.random(using: &random)
        var bytes: [UInt8] = []
        for (place, token) in tokens.enumerated() {
            if isSpread, place > 0, Bool.random(using: &random) { bytes += Self.blanks(using: &random) }
            bytes += token.bytes
        }
        return bytes
    }

    static func blanks(using random: inout TestRandom) -> [UInt8] {
        (0..<Int.random(in: 1...3, using: &random)).map { _ in [0x20, 0x09, 0x0A, 0x0D].randomElement(using: &random)! }
    }

    private mutating func append(_ kind: DocumentToken.Kind, _ bytes: [UInt8]) {
        tokens.append(DocumentToken(kind: kind, bytes: bytes))
    }

    private mutating func write(_ value: DocumentValue, using random: inout TestRandom) {
        switch value {
        case .object(let members):
            append(.open, Array("{".utf8))
            for (place, member) in members.enumerated() {
                if place > 0 { append(.memberComma, Array(",".utf8)) }
                append(.name, quoted(name: member.name, using: &random))
                append(.colon, Array(":".utf8))
                write(member.value, using: &random)
            }
            append(.close, Array("}".utf8))
        case .array(let values):
            append(.open, Array("[".utf8))
            for (place, value) in values.enumerated() {
                if place > 0 { append(.elementComma, Array(",".utf8)) }
                write(value, using: &random)
            }
            append(.close, Array("]".utf8))
        case .text(let text): append(.text, [0x22] + text.wire + [0x22])
        case .number(let number): append(.number, Array(number.utf8))
        case .word(let word): append(.word, Array(word.utf8))
        }
    }

    /// Names are ASCII; now and then a letter of one is written as an escape.
    private func quoted(name: String, using random: inout TestRandom) -> [UInt8] {
        var bytes: [UInt8] = [0x22]
        for byte in name.utf8 {
            if Int.random(in: 0..<64, using: &random) == 0 {
                bytes += Array("\\u00".utf8) + Array(String(byte, radix: 16).utf8)
            } else {
                bytes.append(byte)
            }
        }
        return bytes + [0x22]
    }
}
