// SentencePiece's precompiled normaliser: a double-array trie from a few UTF-8 bytes to their replacement. The bytes
// are those of `precompiled_charsmap`: the trie's length, its 32-bit units, then replacements that end with a zero.

struct CharacterMap: Sendable {
    private let units: [UInt32]
    private let replacements: [UInt8]

    init(_ bytes: [UInt8]) throws(VocabularyFault) {
        func word(at index: Int) -> UInt32 {
            UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16
                | UInt32(bytes[index + 3]) << 24
        }
        guard bytes.count >= 8, case let length = Int(word(at: 0)), length >= 4, length % 4 == 0,
            length <= bytes.count - 4
        else {
            throw VocabularyFault(description: "precompiled_charsmap is cut short: its trie does not fit in it.")
        }
        units = stride(from: 4, to: 4 + length, by: 4).map(word)
        replacements = Array(bytes[(4 + length)...])
        // Replacements are cut at zeros and written into words byte by byte: all of them have to be text.
        guard replacements.isEmpty || replacements.last == 0, String(validating: replacements, as: UTF8.self) != nil
        else {
            throw VocabularyFault(description: "precompiled_charsmap holds replacements that are not UTF-8 text.")
        }
    }

    /// What replaces `bytes[range]`, as a range of `replacement`; nil where it stays. As in the original the shortest
    /// beginning that the map knows decides for the whole.
    @inline(__always)
    func find(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int>? {
        units.withUnsafeBufferPointer { units in
            var position = Self.offset(units[0])
            for index in range {
                let byte = UInt32(bytes[index])
                if byte == 0 { return nil }
                position ^= Int(byte)
                guard position < units.count else { return nil }
                let unit = units[position]
                // A leaf's unit has the top bit set, and so never equals a byte.
                guard unit & 0x8000_00FF == byte else { return nil }
                position ^= Self.offset(unit)
                guard unit >> 8 & 1 == 1 else { continue }
                guard position < units.count else { return nil }
                let start = Int(units[position] & 0x7FFF_FFFF)
                guard start < replacements.count, start == 0 || replacements[start] & 0xC0 != 0x80 else { return nil }
                var end = start
                while replacements[end] != 0 { end += 1 }
                return start..<end
            }
            return nil
        }
    }

    @inline(__always)
    func replacement(_ index: Int) -> UInt8 { replacements[index] }

    @inline(__always)
    private static func offset(_ unit: UInt32) -> Int { Int((unit >> 10) << ((unit & 1 << 9) >> 6)) }
}
