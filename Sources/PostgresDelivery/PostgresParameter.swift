// Values on their way to the server, in PostgreSQL's binary formats. Owns plain bytes; talks to nobody.
internal import Posts

/// Type numbers of PostgreSQL's built-in types: fixed for ever, from its catalogue `pg_type.dat`.
enum TypeNumber: UInt32 {
    case boolean = 16, bytes = 17, bigint = 20, integer = 23, text = 25, real = 700, timestamp = 1_184
    case booleanArray = 1_000, bytesArray = 1_001, integerArray = 1_007, textArray = 1_009, bigintArray = 1_016
    case realArray = 1_021, timestampArray = 1_185

    var arrayType: TypeNumber {
        switch self {
        case .boolean: .booleanArray
        case .bytes: .bytesArray
        case .bigint: .bigintArray
        case .integer: .integerArray
        case .text: .textArray
        case .real: .realArray
        case .timestamp: .timestampArray
        default: preconditionFailure("no array of arrays is sent")
        }
    }
}

/// One parameter of a statement, always in binary format.
struct PostgresParameter {
    let type: TypeNumber
    let bytes: [UInt8]?

    static func text(_ value: String?) -> Self { Self(type: .text, bytes: value.map { Array($0.utf8) }) }
    static func bigint(_ value: Int64) -> Self { Self(type: .bigint, bytes: bigEndianBytes(value)) }
    static func optionalBigint(_ value: Int64?) -> Self { Self(type: .bigint, bytes: value.map { bigEndianBytes($0) }) }
    static func integer(_ value: Int32) -> Self { Self(type: .integer, bytes: bigEndianBytes(value)) }
    static func timestamp(_ value: Timestamp) -> Self {
        Self(type: .timestamp, bytes: bigEndianBytes(PostgresTime.microseconds(value)))
    }

    private static func bigEndianBytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}

/// PostgreSQL counts microseconds from 2000-01-01.
enum PostgresTime {
    private static let epochShift: Int64 = 946_684_800_000_000
    /// 0001-01-01 and 9999-12-31 in Unix microseconds: feeds hold any number, and `timestamptz` refuses some.
    private static let range: ClosedRange<Int64> = -62_135_596_800_000_000...253_402_214_400_000_000

    static func microseconds(_ time: Timestamp) -> Int64 {
        min(max(time.microseconds, range.lowerBound), range.upperBound) - epochShift
    }
}

/// A one-dimensional array under construction, in the layout of PostgreSQL's `array_recv`: dimensions, null flag,
/// element type, size, lower bound, then each element with its length.
struct BinaryArray {
    private static let headerLength = 20
    private let elementType: TypeNumber
    private var bytes: [UInt8]
    private(set) var count = 0
    private var hasNull = false

    init(_ elementType: TypeNumber, reserving byteCount: Int = 0) {
        self.elementType = elementType
        bytes = [UInt8](repeating: 0, count: Self.headerLength)
        bytes.reserveCapacity(Self.headerLength + byteCount)
    }

    var parameter: PostgresParameter {
        var finished = bytes
        func put(_ value: Int32, at offset: Int) {
            withUnsafeBytes(of: value.bigEndian) { source in
                for index in 0..<4 { finished[offset + index] = source[index] }
            }
        }
        put(count == 0 ? 0 : 1, at: 0)
        put(hasNull ? 1 : 0, at: 4)
        put(Int32(bitPattern: elementType.rawValue), at: 8)
        put(Int32(count), at: 12)
        put(1, at: 16)
        if count == 0 { finished.removeLast(8) }
        return PostgresParameter(type: elementType.arrayType, bytes: finished)
    }

    mutating func appendNull() {
        hasNull = true
        count += 1
        put(Int32(-1))
    }

    mutating func append(_ value: Int32) {
        count += 1
        put(Int32(4))
        put(value)
    }

    mutating func append(_ value: Int64) {
        count += 1
        put(Int32(8))
        put(value)
    }

    mutating func append(_ value: Float) {
        count += 1
        put(Int32(4))
        put(value.bitPattern)
    }

    mutating func append(_ value: Bool) {
        count += 1
        put(Int32(1))
        bytes.append(value ? 1 : 0)
    }

    mutating func append(_ value: Timestamp) { append(PostgresTime.microseconds(value)) }

    mutating func append(_ value: String) {
        count += 1
        var text = value
        text.withUTF8 { utf8 in
            put(Int32(utf8.count))
            bytes.append(contentsOf: utf8)
        }
    }

    mutating func append(_ value: [UInt8]) {
        count += 1
        put(Int32(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func append(_ value: Int32?) {
        if let value { append(value) } else { appendNull() }
    }

    mutating func append(_ value: String?) {
        if let value { append(value) } else { appendNull() }
    }

    mutating func append(_ value: Timestamp?) {
        if let value { append(value) } else { appendNull() }
    }

    mutating func append(_ value: [UInt8]?) {
        if let value { append(value) } else { appendNull() }
    }

    /// PostgreSQL's text form of an array of numbers, `{1,2}`, as one element of an array of texts.
    mutating func appendList(_ values: some Sequence<some CustomStringConvertible>) {
        count += 1
        let start = bytes.count
        put(Int32(0))
        bytes.append(UInt8(ascii: "{"))
        var isFirst = true
        for value in values {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            bytes.append(contentsOf: value.description.utf8)
        }
        bytes.append(UInt8(ascii: "}"))
        let length = UInt32(bytes.count - start - 4)
        for index in 0..<4 { bytes[start + index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index)) }
    }

    private mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
