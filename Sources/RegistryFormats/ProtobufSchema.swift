// A Protobuf schema and its messages, through libprotobuf behind CProtobufReader.
internal import CProtobufReader

/// Owner of a schema that libprotobuf has read.
///
/// `@unchecked Sendable` is safe: the pointer never changes, and the library's descriptors and message factory may be used from
/// several threads at once.
final class ProtobufSchema: @unchecked Sendable {
    private let schema: OpaquePointer

    /// - Parameters:
    ///   - files: what the schema imports, by the names that its import statements use, in any order.
    ///   - text: the schema itself.
    init(files: [(name: String, text: String)], text: String) throws(SchemaFault) {
        // A name that no import statement of its references has.
        let all = files + [(name: "winnow-root.proto", text: text)]
        if all.contains(where: { $0.name.utf8.contains(0) }) { throw SchemaFault("a reference's name holds a NUL") }
        let names = all.map { Array($0.name.utf8CString) }
        let texts = all.map { Array($0.text.utf8CString) }
        let lengths = all.map(\.text.utf8.count)
        var fault = [CChar](repeating: 0, count: 512)
        let made = Self.withPointers(names) { names in
            Self.withPointers(texts) { texts in
                protobuf_schema_read(names, texts, lengths, lengths.count, &fault, fault.count)
            }
        }
        guard let made else {
            let sentence = fault.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw SchemaFault(String(decoding: sentence, as: UTF8.self))
        }
        schema = made
    }

    deinit { protobuf_schema_free(schema) }

    /// - Throws: what is wrong with the payload; nil where the path leads to no message type of the schema.
    func json(_ bytes: UnsafeBufferPointer<UInt8>, path: [Int32]) throws(PayloadFault) -> [UInt8]? {
        var text: UnsafeMutablePointer<CChar>?
        var length = 0
        let outcome = protobuf_to_json(
            schema, path, path.count, bytes.baseAddress, bytes.count, PayloadLimits.largestJSON,
            Int32(PayloadLimits.deepest), &text, &length)
        defer { protobuf_json_free(text) }
        switch outcome {
        case PROTOBUF_READ:
            return Array(UnsafeRawBufferPointer(start: text, count: length))
        case PROTOBUF_NO_SUCH_MESSAGE: return nil
        case PROTOBUF_TOO_DEEP: throw .tooDeep
        case PROTOBUF_TOO_LARGE: throw .tooLarge
        default: throw .malformed(atByte: bytes.count)
        }
    }

    /// C's array of texts, valid within `body`.
    private static func withPointers<Result>(
        _ texts: [[CChar]], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        var starts: [Int] = []
        var joined: [CChar] = []
        for text in texts {
            starts.append(joined.count)
            joined += text
        }
        return joined.withUnsafeBufferPointer { buffer in
            let pointers = starts.map { start in buffer.baseAddress.map { $0 + start } }
            return pointers.withUnsafeBufferPointer { list in
                guard let base = list.baseAddress else { preconditionFailure("there is at least one text") }
                return body(base)
            }
        }
    }
}
