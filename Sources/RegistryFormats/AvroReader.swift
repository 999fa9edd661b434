// Avro's binary encoding to JSON, with the writer's schema. Unions become the plain value of their branch; bytes become base64;
// times become ISO 8601, which sorts as a text. Bounded whatever the bytes say: depth, size and work.

struct AvroReader {
    /// Items of one block that take no bytes (nulls, records without fields); other items take at least one each.
    private static let mostEmptyItems = 10_000

    private let schema: AvroSchema
    private var input: VarintReader
    private var output = JSONOutput(limit: PayloadLimits.largestJSON)

    /// - Throws: what is wrong; bytes that are left over are wrong too.
    static func json(_ bytes: UnsafeBufferPointer<UInt8>, _ schema: AvroSchema) throws(PayloadFault) -> [UInt8] {
        var reader = AvroReader(schema: schema, input: VarintReader(bytes))
        try reader.value(schema.root, depth: 0)
        guard reader.input.remaining == 0 else { throw .malformed(atByte: reader.input.position) }
        return reader.output.bytes
    }

    private init(schema: AvroSchema, input: VarintReader) {
        self.schema = schema
        self.input = input
    }

    private mutating func value(_ number: AvroSchema.Number, depth: Int) throws(PayloadFault) {
        guard depth < PayloadLimits.deepest else { throw .tooDeep }
        switch schema.nodes[number] {
        case .null: try output.add("null")
        case .boolean:
            switch try input.byte() {
            case 0: try output.add("false")
            case 1: try output.add("true")
            default: throw .malformed(atByte: input.position)
            }
        case .int(let logical):
            guard let number = Int32(exactly: try input.zigzag()) else { throw .malformed(atByte: input.position) }
            try integer(Int64(number), logical)
        case .long(let logical): try integer(try input.zigzag(), logical)
        case .float: try output.add(Float(bitPattern: UInt32(try littleEndian(4))))
        case .double: try output.add(Double(bitPattern: try littleEndian(8)))
        case .string: try output.quote(try sized())
        case .bytes(let logical): try data(try sized(), logical)
        case .fixed(let size, let logical): try data(try input.take(size), logical)
        case .enumeration(let symbols):
            let index = try input.zigzag()
            guard symbols.indices.contains(Int(clamping: index)) else { throw .malformed(atByte: input.position) }
            try output.quote(symbols[Int(index)])
        case .union(let branches):
            let index = try input.zigzag()
            guard branches.indices.contains(Int(clamping: index)) else { throw .malformed(atByte: input.position) }
            try value(branches[Int(index)], depth: depth + 1)
        case .record(let fields): try record(fields, depth: depth)
        case .array(let items): try blocks("[", "]") { reader throws(PayloadFault) in try reader.value(items, depth: depth + 1) }
        case .map(let values):
            try blocks("{", "}") { reader throws(PayloadFault) in
                try reader.output.quote(try reader.sized())
                try reader.output.add(":")
                try reader.value(values, depth: depth + 1)
            }
        case .open: throw .malformed(atByte: input.position)
        }
    }

    private mutating func record(_ fields: [AvroSchema.Field], depth: Int) throws(PayloadFault) {
        try output.add("{")
        for (index, field) in fields.enumerated() {
            if index > 0 { try output.add(",") }
            try output.quote(field.name)
            try output.add(":")
            try value(field.type, depth: depth + 1)
        }
        try output.add("}")
    }

    /// The blocks of an array or a map: a count and that many items, until a count of 0; a negative count is followed by the
    /// block's size in bytes, which nobody needs here.
    private mutating func blocks(
        _ open: StaticString, _ close: StaticString, _ item: (inout AvroReader) throws(PayloadFault) -> Void
    ) throws(PayloadFault) {
        try output.add(open)
        var isFirst = true
        while true {
            let count = try input.zigzag()
            if count == 0 { break }
            if count < 0 { _ = try input.zigzag() }
            // A count that the bytes cannot hold is noticed before its items cost any time.
            guard count.magnitude <= UInt64(max(Self.mostEmptyItems, input.remaining)) else {
                throw .malformed(atByte: input.position)
            }
            for _ in 0..<count.magnitude {
                if !isFirst { try output.add(",") }
                isFirst = false
                try item(&self)
            }
        }
        try output.add(close)
    }

    /// A length and that many bytes.
    private mutating func sized() throws(PayloadFault) -> UnsafeBufferPointer<UInt8> {
        let count = try input.zigzag()
        guard count >= 0 else { throw .malformed(atByte: input.position) }
        return try input.take(Int(clamping: count))
    }

    private mutating func littleEndian(_ count: Int) throws(PayloadFault) -> UInt64 {
        try input.take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func integer(_ number: Int64, _ logical: AvroSchema.Logical) throws(PayloadFault) {
        switch logical {
        case .date: try output.add(CalendarText.date(day: number).map { "\"\($0)\"" } ?? "null")
        case .timestamp(let digits):
            // What lies outside of the years 1 to 9999 says nothing about a post.
            try output.add(CalendarText.time(number, digits: digits).map { "\"\($0)\"" } ?? "null")
        case .none, .decimal: try output.add(String(number))
        }
    }

    private mutating func data(_ bytes: UnsafeBufferPointer<UInt8>, _ logical: AvroSchema.Logical) throws(PayloadFault) {
        if case .decimal(let scale) = logical, let text = DecimalText.text(bytes, scale: scale) {
            try output.add("\"\(text)\"")
        } else {
            try output.quoteBase64(bytes)
        }
    }
}
