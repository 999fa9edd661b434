// Avro's decimals: a two's complement number of any length, the highest byte first, and a scale.

enum DecimalText {
    /// Longer ones are shown as the bytes they are: their digits would cost quadratic time.
    private static let longest = 64

    /// nil where there are no bytes, or too many.
    static func text(_ bytes: UnsafeBufferPointer<UInt8>, scale: Int) -> String? {
        guard let first = bytes.first, bytes.count <= longest else { return nil }
        let isNegative = first & 0x80 != 0
        var magnitude = Array(bytes)
        if isNegative {
            var carry: UInt16 = 1
            for index in magnitude.indices.reversed() {
                let sum = UInt16(~magnitude[index]) + carry
                magnitude[index] = UInt8(truncatingIfNeeded: sum)
                carry = sum >> 8
            }
        }
        var digits: [Character] = []
        while magnitude.contains(where: { $0 != 0 }) {
            var remainder: UInt16 = 0
            for index in magnitude.indices {
                let part = remainder << 8 | UInt16(magnitude[index])
                magnitude[index] = UInt8(part / 10)
                remainder = part % 10
            }
            digits.append(Character(String(remainder)))
        }
        while digits.count <= scale { digits.append("0") }
        if scale > 0 { digits.insert(".", at: scale) }
        return (isNegative ? "-" : "") + String(digits.reversed())
    }
}
