// Language tags as feeds and CLD2 write them, in one form (BCP 47). A tag that names no language is none.

package struct LanguageTag: Hashable, Sendable {
    /// In the usual letter case: `en`, `pt-BR`, `zh-Hant-TW`.
    package let text: String
    /// The language alone: `pt`.
    package let language: String

    /// Nil for what is no tag, and for tags that say that the language is not known: `und`, `zxx`, `mul`, `mis`, `art` and the
    /// private ones from `qaa` to `qtz`, where X puts what it cannot tell (`qam qct qht qme qst`).
    package init?(_ given: String) {
        let parts = given.split(whereSeparator: { $0 == "-" || $0 == "_" }).map { $0.lowercased() }
        guard let first = parts.first, (2...3).contains(first.utf8.count), parts.count <= 5,
            parts.allSatisfy({ $0.utf8.count <= 8 && $0.utf8.allSatisfy(Self.isLetterOrDigit) }),
            first.utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }), !Self.names(nothing: first)
        else { return nil }
        language = Self.current[first] ?? first
        text = ([language] + parts.dropFirst().map(Self.cased)).joined(separator: "-")
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    private static func names(nothing language: String) -> Bool {
        switch language {
        case "und", "zxx", "mul", "mis", "art", "xx", "un": true
        default: language.utf8.count == 3 && language >= "qaa" && language <= "qtz"
        }
    }

    /// Scripts have four letters, regions two.
    private static func cased(_ part: String) -> String {
        switch part.utf8.count {
        case 4: part.prefix(1).uppercased() + part.dropFirst()
        case 2: part.uppercased()
        default: part
        }
    }

    /// Codes that ISO 639 has replaced and that X and CLD2 still write, and what people write by mistake.
    private static let current = ["iw": "he", "in": "id", "ji": "yi", "jw": "jv", "mo": "ro", "tl": "fil", "nb": "no", "jp": "ja"]

    /// CLD2 also names scripts (`xx-Goth`), jokes (`xx-bork`) and nothing (`un`).
    static func detected(_ code: String) -> String? { LanguageTag(code)?.text }
}
