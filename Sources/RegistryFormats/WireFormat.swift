// Confluent's wire format: a zero byte, the schema's number in four bytes (the highest first), and the payload. Protobuf payloads
// begin with the way to their message type: a count and that many indexes as zigzag varints, or a single 0 for the first.

struct WireFormat {
    static let headerLength = 5
    private static let longestPath = 32

    let schema: UInt32

    /// nil: the bytes are no wire format.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count >= Self.headerLength, bytes[0] == 0 else { return nil }
        schema = bytes[1..<Self.headerLength].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The message type's path, and how many bytes it takes.
    static func messagePath(_ bytes: UnsafeBufferPointer<UInt8>) throws(PayloadFault) -> (path: [Int32], length: Int) {
        var reader = VarintReader(bytes)
        let count = try reader.zigzag()
        if count == 0 { return ([0], reader.position) }
        guard (1...Int64(longestPath)).contains(count) else { throw .malformed(atByte: reader.position) }
        var path: [Int32] = []
        for _ in 0..<count {
            guard let index = Int32(exactly: try reader.zigzag()) else { throw .malformed(atByte: reader.position) }
            path.append(index)
        }
        return (path, reader.position)
    }
}

/// Reads bytes and variable-length numbers from memory that its maker keeps alive.
struct VarintReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var remaining: Int { bytes.count - position }

    mutating func byte() throws(PayloadFault) -> UInt8 {
        guard position < bytes.count else { throw .malformed(atByte: position) }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func take(_ count: Int) throws(PayloadFault) -> UnsafeBufferPointer<UInt8> {
        guard count >= 0, count <= remaining else { throw .malformed(atByte: position) }
        defer { position += count }
        return UnsafeBufferPointer(rebasing: bytes[position..<position + count])
    }

    /// At most ten bytes; what does not fit in 64 bits is malformed.
    mutating func zigzag() throws(PayloadFault) -> Int64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try byte()
            guard shift < 63 || (shift == 63 && byte <= 1) else { throw .malformed(atByte: position) }
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { break }
            shift += 7
        }
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }
}
