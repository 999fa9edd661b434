// A schema that is ready to read payloads with, made of what the registry says.

enum PayloadSchema: Sendable {
    case avro(AvroSchema)
    case protobuf(ProtobufSchema)
    /// The payload is JSON already.
    case json

    /// How many schemas one schema may refer to, in all.
    private static let mostReferences = 100

    /// - Throws: `SchemaFault` where the schema cannot be used, `RegistryFailure.unavailable` where the registry cannot be
    ///   asked now.
    static func make(_ registered: RegisteredSchema, from client: RegistryClient) throws -> PayloadSchema {
        let kind = registered.schemaType ?? "AVRO"
        if kind == "JSON" { return .json }
        var files: [(name: String, text: String)] = []
        var visited: Set<String> = []
        try collect(registered.references ?? [], &files, &visited, from: client)
        switch kind {
        case "AVRO": return .avro(try AvroSchemaParser.parse(files.map(\.text) + [registered.schema]))
        case "PROTOBUF": return .protobuf(try ProtobufSchema(files: files, text: registered.schema))
        default: throw SchemaFault("it is of the type \(kind.prefix(40)), where AVRO, PROTOBUF and JSON are read")
        }
    }

    /// What is referred to, each before whoever refers to it and once only.
    private static func collect(
        _ references: [SchemaReference], _ files: inout [(name: String, text: String)], _ visited: inout Set<String>,
        from client: RegistryClient
    ) throws {
        for reference in references {
            guard visited.insert("\(reference.subject) \(reference.version) \(reference.name)").inserted else { continue }
            guard visited.count <= mostReferences else { throw SchemaFault("it has more than \(mostReferences) references") }
            let registered = try referred(reference, from: client)
            try collect(registered.references ?? [], &files, &visited, from: client)
            files.append((reference.name, registered.schema))
        }
    }

    private static func referred(_ reference: SchemaReference, from client: RegistryClient) throws -> RegisteredSchema {
        do throws(RegistryFailure) {
            return try client.schema(reference)
        } catch {
            guard error == .notFound else { throw error }
            throw SchemaFault(
                "it refers to version \(reference.version) of \(reference.subject), which the registry does not know")
        }
    }

    /// One payload, without the header of the wire format.
    func json(_ payload: UnsafeBufferPointer<UInt8>, schema: UInt32) throws(PayloadFault) -> Result<[UInt8], SchemaFault> {
        switch self {
        case .json: return .success(Array(payload))
        case .avro(let avro): return .success(try AvroReader.json(payload, avro))
        case .protobuf(let protobuf):
            let (path, length) = try WireFormat.messagePath(payload)
            guard let json = try protobuf.json(UnsafeBufferPointer(rebasing: payload[length...]), path: path) else {
                let names = path.map(String.init).joined(separator: ".")
                return .failure(SchemaFault("it has no message type at the path \(names) that the payload names"))
            }
            return .success(json)
        }
    }
}
