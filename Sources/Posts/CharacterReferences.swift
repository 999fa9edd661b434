// Character references (`&amp;`, `&#39;`, `&#x1F600;`) to the characters they stand for. One pass: what a reference gives
// is not read again, so that `&amp;lt;` is the text `&lt;`. What is no reference stays as it is.

enum CharacterReferences {
    /// What a feed escapes.
    enum Set {
        /// The characters that X escapes in its texts; anything else with an ampersand is the author's own.
        case markupCharacters
        /// All that HTML text can hold.
        case html
    }

    static func decoded(_ text: String, _ set: Set) -> String {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
        let bytes = Array(text.utf8)
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "&"), let reference = read(bytes, at: position, set) {
                decoded.append(contentsOf: reference.text)
                position += reference.length
            } else {
                decoded.append(bytes[position])
                position += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    /// The reference whose ampersand is at `start`: its characters in UTF-8 and its length in bytes; nil where there is none.
    /// Names need their semicolon, as all that software writes has it.
    static func read(_ bytes: [UInt8], at start: Int, _ set: Set) -> (text: [UInt8], length: Int)? {
        let limit = min(bytes.count, start + CharacterReferenceNames.longest + 2)
        guard start + 1 < bytes.count else { return nil }
        if bytes[start + 1] == UInt8(ascii: "#") { return readNumber(bytes, at: start, set) }
        guard let end = bytes[start..<limit].firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let name = String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
        guard let value = CharacterReferenceNames.codePoints[name],
            set == .html || markupCharacters.contains(value)
        else { return nil }
        return (utf8(value), end + 1 - start)
    }

    private static let markupCharacters: [UInt32] = [0x22, 0x26, 0x27, 0x3C, 0x3E]

    private static func readNumber(_ bytes: [UInt8], at start: Int, _ set: Set) -> (text: [UInt8], length: Int)? {
        var position = start + 2
        let isHexadecimal = position < bytes.count && bytes[position] | 0x20 == UInt8(ascii: "x")
        if isHexadecimal { position += 1 }
        let radix: UInt32 = isHexadecimal ? 16 : 10
        let firstDigit = position
        var value: UInt32 = 0
        while position < bytes.count, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue, digit < radix {
            // Beyond the last code point all values are alike: none.
            value = min(value * radix + UInt32(digit), 0x110000)
            position += 1
        }
        guard position > firstDigit, position < bytes.count, bytes[position] == UInt8(ascii: ";") else { return nil }
        if set == .markupCharacters && !markupCharacters.contains(value) { return nil }
        return (utf8(value), position + 1 - start)
    }

    /// As SafeText does it: NUL and surrogates go; what is no code point at all becomes U+FFFD.
    private static func utf8(_ value: UInt32) -> [UInt8] {
        if value == 0 || (0xD800..<0xE000).contains(value) { return [] }
        return Array(String(Character(Unicode.Scalar(value) ?? "\u{FFFD}")).utf8)
    }
}
