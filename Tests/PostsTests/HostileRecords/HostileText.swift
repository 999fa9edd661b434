// Texts made of pieces of which is known, piece by piece, how they are written in a JSON string and what must be stored.
// Nothing here decodes: each expectation is written down beside what causes it.

struct HostileText: Sendable {
    /// The inside of a JSON string, without its quotes.
    private(set) var wire: [UInt8] = []
    /// UTF-8 that must come out.
    private(set) var stored: [UInt8] = []

    init() {}

    /// Written as plainly as JSON allows.
    init(_ text: String) { for scalar in text.unicodeScalars { append(raw: scalar) } }

    var storedText: String { String(decoding: stored, as: UTF8.self) }

    mutating func append(_ other: HostileText) {
        wire += other.wire
        stored += other.stored
    }

    // MARK: Valid pieces

    /// Valid in UTF-8, and refused in Swift's literals.
    private static let noncharacters = String(
        String.UnicodeScalarView([0xFFFE, 0xFFFF, 0xFDD0, 0xFDEF, 0x1FFFE, 0x10FFFF].compactMap { Unicode.Scalar($0 as UInt32) }))

    private static let validTexts = [
        "tea", "Straße", "naïve café", "e\u{301}\u{327}a\u{300}", "y\u{335}\u{336}\u{337}\u{338}", "日本語", "한국어", "각",
        "مرحبا بكم", "שלום עולם", "ABC\u{202B}אבג\u{202C}", "\u{202E}reversed\u{202C}", "\u{2066}isolated\u{2069}",
        "\u{200E}\u{200F}\u{61C}", "👩\u{200D}👩\u{200D}👧\u{200D}👦", "👩🏽\u{200D}🚀", "🏳\u{FE0F}\u{200D}🌈",
        "🇵🇹🇯🇵", "1\u{FE0F}\u{20E3}",
        "❤\u{FE0F}", "☕\u{FE0E}", "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}", "\u{FEFF}mark", "zero\u{200B}width",
        noncharacters, "\u{E000}\u{F8FF}", "\u{2028}\u{2029}", "\u{85}\u{A0}\u{3000}", "ᚠᚢᚦ", "𝕗𝕒𝕟𝕔𝕪", "ＷＩＤＥ",
        "fi\u{FB01}", "\u{1}\u{8}\u{B}\u{1F}\u{7F}", "क्षि", "தமிழ்", "ไทย", "/\\\"/", "</script>", "&amp;&lt;", "%00", "\\u0041",
        "line\nbreak\ttab\rreturn", "\u{FFFD}", "a\u{FFFC}b",
    ]

    /// Valid text only: it must come out byte for byte.
    static func valid(pieces: Int, using random: inout TestRandom) -> HostileText {
        var text = HostileText()
        for _ in 0..<pieces {
            for scalar in validTexts.randomElement(using: &random)!.unicodeScalars { text.append(scalar, using: &random) }
        }
        return text
    }

    /// What is no valid text among what is.
    static func any(pieces: Int, using random: inout TestRandom) -> HostileText {
        var text = HostileText()
        for _ in 0..<pieces {
            switch Int.random(in: 0..<8, using: &random) {
            case 0: text.appendNUL(using: &random)
            case 1: text.appendLoneSurrogate(using: &random)
            case 2: text.appendDamage(using: &random)
            default: text.append(valid(pieces: 1, using: &random))
            }
        }
        return text
    }

    private mutating func append(raw scalar: Unicode.Scalar) {
        if scalar == "\"" || scalar == "\\" { wire.append(UInt8(ascii: "\\")) }
        wire += UTF8.encode(scalar)!
        stored += UTF8.encode(scalar)!
    }

    /// One of the ways that JSON has to write a scalar.
    private mutating func append(_ scalar: Unicode.Scalar, using random: inout TestRandom) {
        guard Int.random(in: 0..<4, using: &random) == 0 else { return append(raw: scalar) }
        let short: [Unicode.Scalar: String] = [
            "\n": "\\n", "\t": "\\t", "\r": "\\r", "\u{8}": "\\b", "\u{C}": "\\f", "\"": "\\\"", "\\": "\\\\", "/": "\\/",
        ]
        if let escape = short[scalar], Bool.random(using: &random) {
            wire += escape.utf8
        } else {
            for unit in UTF16.encode(scalar)! { wire += Self.escape(unit, using: &random) }
        }
        stored += UTF8.encode(scalar)!
    }

    private static func escape(_ unit: UInt16, using random: inout TestRandom) -> [UInt8] {
        let digits = String(unit, radix: 16, uppercase: Bool.random(using: &random))
        return Array(("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
    }

    // MARK: Pieces that are no text

    private mutating func appendNUL(using random: inout TestRandom) {
        wire += Bool.random(using: &random) ? [0] : Array("\\u0000".utf8)
    }

    /// Gone, as an escape and as bytes. The letter behind it keeps what follows from making a pair of it.
    private mutating func appendLoneSurrogate(using random: inout TestRandom) {
        let unit = UInt16.random(in: 0xD800...0xDFFF, using: &random)
        if Bool.random(using: &random) {
            wire += Self.escape(unit, using: &random)
        } else {
            wire += [0xED, UInt8(0x80 | (unit >> 6 & 0x3F)), UInt8(0x80 | (unit & 0x3F))]
        }
        wire.append(UInt8(ascii: "z"))
        stored.append(UInt8(ascii: "z"))
    }

    /// Bytes that are no UTF-8, and how many U+FFFD they give: one for each maximal part that could have begun a
    /// character (Unicode standard, section 3.9, table 3-8).
    private static let damages: [(bytes: [UInt8], replacements: Int)] = [
        ([0x80], 1), ([0xBF], 1), ([0x80, 0xBF], 2), ([0xC0, 0xAF], 2), ([0xC1, 0xBF], 2), ([0xE0, 0x80, 0xAF], 3),
        ([0xE0, 0x9F, 0xBF], 3), ([0xF0, 0x80, 0x80, 0xAF], 4), ([0xF0, 0x8F, 0xBF, 0xBF], 4), ([0xF4, 0x90, 0x80, 0x80], 4),
        ([0xF5], 1), ([0xF8, 0x88, 0x80, 0x80, 0x80], 5), ([0xFE], 1), ([0xFF], 1), ([0xC3], 1), ([0xE2, 0x82], 1),
        ([0xE2], 1), ([0xF0, 0x9F, 0x98], 1), ([0xF0, 0x9F], 1), ([0xF0], 1), ([0xED, 0xA0], 2), ([0xED], 1),
        ([0xE1, 0x80, 0xE2], 2),
        ([0xF1, 0x80, 0x80, 0xF4], 2), ([0xC2, 0xC2], 2),
    ]

    private mutating func appendDamage(using random: inout TestRandom) {
        let damage = Self.damages.randomElement(using: &random)!
        wire += damage.bytes + [UInt8(ascii: "z")]
        for _ in 0..<damage.replacements { stored += [0xEF, 0xBF, 0xBD] }
        stored.append(UInt8(ascii: "z"))
    }
}
