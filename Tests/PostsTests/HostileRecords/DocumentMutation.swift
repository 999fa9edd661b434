// What can be done to a document in order, each with what must become of it then. The consequence follows from what was done,
// not from reading the result.
import Posts

struct HostileRecord: Sendable {
    let bytes: [UInt8]
    let outcome: ExpectedOutcome
    let mutation: DocumentMutation
}

enum DocumentMutation: CaseIterable, Sendable {
    // Nothing is lost by these.
    case none, byteOrderMark, blanksAround, unknownMembers, earlierDuplicate, spoiltOptionals, deepestAllowed
    // These leave no JSON.
    case cut, trailing, emptied, strayToken, strayByte, lostToken, badEscape, badNumber, badWord, sixteenBit, unquotedName
    // JSON, and no post.
    case noObject, tooDeep, textMissing, textNull, textOfOtherType, identifierMissing, identifierOfOtherType, identifierTooLong

    func apply(to document: FeedDocument, of feed: some HostileFeed, using random: inout TestRandom) -> HostileRecord {
        switch self {
        case .none, .byteOrderMark, .blanksAround, .unknownMembers, .earlierDuplicate, .spoiltOptionals, .deepestAllowed:
            return harmless(document, using: &random)
        case .cut, .trailing, .emptied, .sixteenBit, .strayByte: return brokenBytes(document, using: &random)
        case .strayToken, .lostToken, .badEscape, .badNumber, .badWord, .unquotedName:
            return brokenTokens(document, using: &random)
        case .noObject, .tooDeep: return noDocument(document, using: &random)
        case .textMissing, .textNull, .textOfOtherType: return withoutText(document, using: &random)
        case .identifierMissing, .identifierOfOtherType, .identifierTooLong:
            return withoutIdentifier(document, of: feed, using: &random)
        }
    }

    private func record(_ bytes: [UInt8], _ outcome: ExpectedOutcome) -> HostileRecord {
        HostileRecord(bytes: bytes, outcome: outcome, mutation: self)
    }

    private func write(_ root: DocumentValue, using random: inout TestRandom) -> [UInt8] {
        WrittenDocument(root, using: &random).bytes(using: &random)
    }

    // MARK: Harmless

    private func harmless(_ document: FeedDocument, using random: inout TestRandom) -> HostileRecord {
        var root = document.root
        var before: [UInt8] = [], after: [UInt8] = []
        switch self {
        case .byteOrderMark: before = [0xEF, 0xBB, 0xBF]
        case .blanksAround:
            before = WrittenDocument.blanks(using: &random)
            after = WrittenDocument.blanks(using: &random)
        case .unknownMembers:
            let extra = DocumentValue.Member("unknown", .meaningless(using: &random))
            root = root.changing([]) { $0.insert(extra, at: $0.indices.randomElement(using: &random) ?? 0) }
        case .earlierDuplicate:
            // Of members with one name the last counts.
            let path = [document.textPath, document.identifierPath, ["kind"], ["author"]].randomElement(using: &random)!
            let decoy = DocumentValue.meaningless(using: &random)
            if let name = path.last {
                root = root.changing(path.dropLast()) { members in
                    if members.contains(where: { $0.name == name }) { members.insert(.init(name, decoy), at: 0) }
                }
            }
        case .spoiltOptionals:
            for path in document.optionalPaths {
                root = root.setting(path[...], to: .meaningless(using: &random))
            }
        case .deepestAllowed: root = root.setting(["deep"], to: Self.nested(127, using: &random))
        default: break
        }
        return record(before + write(root, using: &random) + after, document.outcome)
    }

    private static func nested(_ depth: Int, using random: inout TestRandom) -> DocumentValue {
        let isList = Bool.random(using: &random)
        return (0..<depth).reduce(.word("null")) { inner, _ in
            isList ? .array([inner]) : .object([.init("x", inner)])
        }
    }

    // MARK: No JSON

    private func brokenBytes(_ document: FeedDocument, using random: inout TestRandom) -> HostileRecord {
        let whole = write(document.root, using: &random)
        switch self {
        case .cut:
            // Its last brace is missing at least.
            let length = Int.random(in: 0..<whole.count, using: &random)
            return record(Array(whole[..<length]), .damaged(.malformedJSON, key: document.key))
        case .trailing:
            let rests = ["}", "{}", ",", "x", "\u{0}", "]", "\"", "null", "\u{A0}", "//", "\u{FEFF}"]
            return record(whole + Array(rests.randomElement(using: &random)!.utf8), .damaged(.malformedJSON, key: document.key))
        case .emptied:
            let blanks = Bool.random(using: &random) ? [] : WrittenDocument.blanks(using: &random)
            let mark: [UInt8] = Bool.random(using: &random) ? [] : [0xEF, 0xBB, 0xBF]
            return record(mark + blanks, .rejection(.malformedJSON, key: nil))
        case .sixteenBit:
            let mark: [UInt8] = Bool.random(using: &random) ? [0xFF, 0xFE] : []
            return record(mark + whole.flatMap { [$0, 0] }, .rejection(.malformedJSON, key: nil))
        default:
            let tokens = WrittenDocument(document.root, using: &random).tokens
            let place = Int.random(in: 1..<tokens.count, using: &random)
            let strays: [[UInt8]] = [[0], [0xFF], [0xC2, 0xA0], [0xE2, 0x80, 0xA8], [0x0B], [0x0C], [0x5C], [0xEF, 0xBB, 0xBF]]
            let stray = strays.randomElement(using: &random)!
            let bytes = tokens[..<place].flatMap(\.bytes) + stray + tokens[place...].flatMap(\.bytes)
            return record(bytes, .damaged(.malformedJSON, key: document.key))
        }
    }

    private func brokenTokens(_ document: FeedDocument, using random: inout TestRandom) -> HostileRecord {
        // One of each kind of value is there to be spoilt.
        let root = document.root.changing([]) { members in
            members.append(.init("spoilt", .array([.number("12"), .word("true"), .text(HostileText("word"))])))
        }
        var tokens = WrittenDocument(root, using: &random).tokens
        func place(_ kinds: Set<DocumentToken.Kind>) -> Int {
            tokens.indices.filter { kinds.contains(tokens[$0].kind) }.randomElement(using: &random)!
        }
        func replace(_ kind: DocumentToken.Kind, _ choices: [String]) {
            tokens[place([kind])].bytes = Array(choices.randomElement(using: &random)!.utf8)
        }
        switch self {
        case .strayToken:
            let stray = [",,", "@", "'", ";", "::", "/**/"].randomElement(using: &random)!
            let place = Int.random(in: 1..<tokens.count, using: &random)
            tokens.insert(DocumentToken(kind: .word, bytes: Array(stray.utf8)), at: place)
        case .lostToken: tokens.remove(at: place([.colon, .memberComma, .open, .close, .name]))
        case .badEscape:
            replace(.text, [#""\x""#, #""\u12""#, #""\u00g0""#, #""\ ""#, #""\'""#, #""\uD83D\u""#, #""\U0041""#])
        case .badNumber:
            replace(.number, ["01", "+1", "1.", ".5", "1e", "1e+", "-", "--1", "0x10", "NaN", "Infinity", "1_000", "-01", "1.e5"])
        case .badWord: replace(.word, ["True", "FALSE", "nul", "nulll", "undefined", "tru e", "None"])
        default: replace(.name, ["name", "'name'", "\"name", "name\"", "1", "null"])
        }
        return record(tokens.flatMap(\.bytes), .damaged(.malformedJSON, key: document.key))
    }

    // MARK: JSON, and no post

    private func noDocument(_ document: FeedDocument, using random: inout TestRandom) -> HostileRecord {
        if self == .noObject {
            // A list of one document is that document.
            if Int.random(in: 0..<6, using: &random) == 0 {
                return record(write(.array([document.root]), using: &random), document.outcome)
            }
            let wrapped: [DocumentValue] = [.text(HostileText("text")), .number("17"), .word("null"), .word("true"), .array([])]
            return record(write(wrapped.randomElement(using: &random)!, using: &random), .rejection(.notAnObject, key: nil))
        }
        let root = document.root.setting(["deep"], to: Self.nested(Int.random(in: 128...300, using: &random), using: &random))
        return record(write(root, using: &random), .damaged(.nestedTooDeep, key: document.key))
    }

    private func withoutText(_ document: FeedDocument, using random: inout TestRandom) -> HostileRecord {
        let value: DocumentValue?
        var reason = RejectionReason.missingText
        switch self {
        case .textMissing: value = nil
        case .textNull: value = .word("null")
        default:
            reason = .wrongType
            let others: [DocumentValue] = [
                .number("1"), .word("true"), .word("false"), .array([.text(HostileText("text"))]),
                .object([.init("text", "text")]),
            ]
            value = others.randomElement(using: &random)!
        }
        let root = document.root.setting(document.textPath[...], to: value)
        return record(write(root, using: &random), .rejection(reason, key: document.key))
    }

    private func withoutIdentifier(
        _ document: FeedDocument, of feed: some HostileFeed, using random: inout TestRandom
    ) -> HostileRecord {
        let value: DocumentValue?
        switch self {
        case .identifierMissing: value = Bool.random(using: &random) ? nil : .word("null")
        case .identifierTooLong:
            value = .text(HostileText(String(repeating: "i", count: Int.random(in: 1_025...5_000, using: &random))))
        default:
            value = [.word("true"), .array([]), .object([.init("id", "1")]), .text(HostileText())].randomElement(using: &random)!
        }
        let root = document.root.setting(document.identifierPath[...], to: value)
        return record(
            write(root, using: &random), feed.outcome(withoutIdentifier: self == .identifierMissing))
    }
}
