// Makes text fit for PostgreSQL and nothing more. Valid text comes out byte for byte as it went in.
//
// What changes: NUL goes; surrogates that are not a pair go, as `\uD8xx` escapes and as the bytes ED A0..BF xx; each
// other maximal part of a sequence that is no UTF-8 (overlong forms too) becomes one U+FFFD, as Unicode recommends.

package enum SafeText {
    /// - Parameter isEscaped: the bytes are the inside of a JSON string with backslashes, whose syntax was checked.
    package static func text(_ raw: UnsafeBufferPointer<UInt8>, isEscaped: Bool) -> String {
        if !isEscaped, !raw.contains(0), let text = String(validating: raw, as: UTF8.self) { return text }
        var safe: [UInt8] = []
        // One U+FFFD takes three bytes and may stand for a single one.
        safe.reserveCapacity(raw.count + 16)
        var position = 0
        while position < raw.count {
            let byte = raw[position]
            if byte == UInt8(ascii: "\\"), isEscaped {
                position += appendEscape(raw, at: position, to: &safe)
            } else if byte < 0x80 {
                if byte != 0 { safe.append(byte) }
                position += 1
            } else {
                position += appendSequence(raw, at: position, to: &safe)
            }
        }
        return String(decoding: safe, as: UTF8.self)
    }

    package static func text(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBufferPointer { text($0, isEscaped: false) }
    }

    /// Four hexadecimal digits, nil where there are none.
    static func codeUnit(_ raw: UnsafeBufferPointer<UInt8>, at offset: Int) -> UInt32? {
        guard offset + 4 <= raw.count else { return nil }
        var value: UInt32 = 0
        for index in offset..<offset + 4 {
            let byte = raw[index]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    /// Appends what the escape at `offset` stands for; returns how many bytes were read.
    private static func appendEscape(
        _ raw: UnsafeBufferPointer<UInt8>, at offset: Int, to safe: inout [UInt8]
    ) -> Int {
        guard offset + 1 < raw.count else { return 1 }
        let letter = raw[offset + 1]
        switch letter {
        case UInt8(ascii: "b"): safe.append(0x08)
        case UInt8(ascii: "f"): safe.append(0x0C)
        case UInt8(ascii: "n"): safe.append(0x0A)
        case UInt8(ascii: "r"): safe.append(0x0D)
        case UInt8(ascii: "t"): safe.append(0x09)
        case UInt8(ascii: "u"):
            guard let unit = codeUnit(raw, at: offset + 2) else { return 2 }
            if (0xD800..<0xDC00).contains(unit), let low = lowSurrogate(raw, at: offset + 6) {
                append(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00), to: &safe)
                return 12
            }
            // A lone surrogate is no scalar and appends nothing.
            append(unit, to: &safe)
            return 6
        default: safe.append(letter)
        }
        return 2
    }

    private static func lowSurrogate(_ raw: UnsafeBufferPointer<UInt8>, at offset: Int) -> UInt32? {
        guard offset + 6 <= raw.count, raw[offset] == UInt8(ascii: "\\"), raw[offset + 1] == UInt8(ascii: "u"),
            let unit = codeUnit(raw, at: offset + 2), (0xDC00..<0xE000).contains(unit)
        else { return nil }
        return unit
    }

    private static func append(_ value: UInt32, to safe: inout [UInt8]) {
        guard value != 0, let scalar = Unicode.Scalar(value) else { return }
        safe.append(contentsOf: UTF8.encode(scalar)!)  // every scalar has a UTF-8 form
    }

    /// Appends the sequence that begins with the non-ASCII byte at `offset`, or U+FFFD for its longest part that could
    /// have become one, or nothing for an encoded surrogate; returns how many bytes were read.
    private static func appendSequence(
        _ raw: UnsafeBufferPointer<UInt8>, at offset: Int, to safe: inout [UInt8]
    ) -> Int {
        let lead = raw[offset]
        // Table 3-7 of the Unicode standard: the length, and what the second byte may be.
        let (length, second): (Int, ClosedRange<UInt8>)
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED:
            if isEncodedSurrogate(raw, at: offset) { return 3 }
            (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: (length, second) = (1, 0x80...0xBF)
        }
        var count = 1
        while count < length, offset + count < raw.count {
            let allowed = count == 1 ? second : 0x80...0xBF
            guard allowed.contains(raw[offset + count]) else { break }
            count += 1
        }
        if count == length, length > 1 {
            safe.append(contentsOf: raw[offset..<offset + count])
        } else {
            safe.append(contentsOf: [0xEF, 0xBF, 0xBD])
        }
        return count
    }

    private static func isEncodedSurrogate(_ raw: UnsafeBufferPointer<UInt8>, at offset: Int) -> Bool {
        offset + 2 < raw.count && (0xA0...0xBF).contains(raw[offset + 1]) && (0x80...0xBF).contains(raw[offset + 2])
    }
}
