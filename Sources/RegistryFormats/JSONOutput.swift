// JSON as it grows, up to a limit. Every value of a payload adds at least a byte, so the limit bounds the work too.

struct JSONOutput {
    private(set) var bytes: [UInt8] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func add(_ text: StaticString) throws(PayloadFault) {
        try add(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func add(_ text: String) throws(PayloadFault) {
        bytes.append(contentsOf: text.utf8)
        if bytes.count > limit { throw .tooLarge }
    }

    mutating func add(_ other: some Collection<UInt8>) throws(PayloadFault) {
        if bytes.count + other.count > limit { throw .tooLarge }
        bytes.append(contentsOf: other)
    }

    /// Numbers that JSON has no word for become null.
    mutating func add(_ number: Double) throws(PayloadFault) { try add(number.isFinite ? "\(number)" : "null") }
    mutating func add(_ number: Float) throws(PayloadFault) { try add(number.isFinite ? "\(number)" : "null") }

    /// A text in quotes. Bytes that are no UTF-8 stay: the decoder behind makes them safe.
    mutating func quote(_ text: some Collection<UInt8>) throws(PayloadFault) {
        if bytes.count + text.count + 2 > limit { throw .tooLarge }
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: Array("\\u00".utf8))
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        if bytes.count > limit { throw .tooLarge }
    }

    mutating func quoteBase64(_ data: UnsafeBufferPointer<UInt8>) throws(PayloadFault) {
        if bytes.count + data.count / 3 * 4 + 6 > limit { throw .tooLarge }
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        bytes.append(UInt8(ascii: "\""))
        for start in stride(from: 0, to: data.count, by: 3) {
            let left = data.count - start
            var group = UInt32(data[start]) << 16
            if left > 1 { group |= UInt32(data[start + 1]) << 8 }
            if left > 2 { group |= UInt32(data[start + 2]) }
            bytes.append(letters[Int(group >> 18)])
            bytes.append(letters[Int(group >> 12 & 63)])
            bytes.append(left > 1 ? letters[Int(group >> 6 & 63)] : UInt8(ascii: "="))
            bytes.append(left > 2 ? letters[Int(group & 63)] : UInt8(ascii: "="))
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
