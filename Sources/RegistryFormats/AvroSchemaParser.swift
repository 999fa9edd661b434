// Avro's JSON schemas to AvroSchema, by the specification 1.11: names and namespaces, nested definitions, logical types. Aliases,
// defaults and orders concern readers with a schema of their own; here the writer's schema is the reader's.
internal import Foundation

struct AvroSchemaParser {
    private static let mostNodes = 20_000
    private static let deepest = 64

    private var schema = AvroSchema()
    private var named: [String: AvroSchema.Number] = [:]

    /// - Parameter texts: the schemas that are referred to, in the order of their definitions; the last one is the schema itself.
    static func parse(_ texts: [String]) throws(SchemaFault) -> AvroSchema {
        var parser = AvroSchemaParser()
        for text in texts {
            // A schema may be a bare name: `"string"`.
            guard let json = try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed) else {
                throw SchemaFault("it is no JSON")
            }
            parser.schema.root = try parser.type(json, namespace: "", depth: 0)
        }
        guard !texts.isEmpty else { throw SchemaFault("it is empty") }
        return parser.schema
    }

    private mutating func add(_ node: AvroSchema.Node) throws(SchemaFault) -> AvroSchema.Number {
        guard schema.nodes.count < Self.mostNodes else { throw SchemaFault("it has more than \(Self.mostNodes) types") }
        schema.nodes.append(node)
        return schema.nodes.count - 1
    }

    private mutating func type(_ json: Any, namespace: String, depth: Int) throws(SchemaFault) -> AvroSchema.Number {
        guard depth < Self.deepest else { throw SchemaFault("it is nested deeper than \(Self.deepest) levels") }
        if let name = json as? String { return try byName(name, namespace: namespace) }
        if let branches = json as? [Any] {
            var numbers: [AvroSchema.Number] = []
            for branch in branches { numbers.append(try type(branch, namespace: namespace, depth: depth + 1)) }
            guard !numbers.isEmpty else { throw SchemaFault("a union has no branch") }
            return try add(.union(numbers))
        }
        guard let object = json as? [String: Any], let kind = object["type"] else { throw SchemaFault("a type is missing") }
        guard let kind = kind as? String else { return try type(kind, namespace: namespace, depth: depth + 1) }
        switch kind {
        case "record", "error": return try record(object, namespace: namespace, depth: depth)
        case "enum": return try enumeration(object, namespace: namespace)
        case "fixed": return try fixed(object, namespace: namespace)
        case "array":
            guard let items = object["items"] else { throw SchemaFault("an array has no items") }
            return try add(.array(type(items, namespace: namespace, depth: depth + 1)))
        case "map":
            guard let values = object["values"] else { throw SchemaFault("a map has no values") }
            return try add(.map(type(values, namespace: namespace, depth: depth + 1)))
        case "int": return try add(.int(object["logicalType"] as? String == "date" ? .date : .none))
        case "long": return try add(.long(Self.timestamp(object["logicalType"] as? String)))
        case "bytes": return try add(.bytes(Self.decimal(object)))
        default: return try byName(kind, namespace: namespace)
        }
    }

    private mutating func byName(_ name: String, namespace: String) throws(SchemaFault) -> AvroSchema.Number {
        switch name {
        case "null": return try add(.null)
        case "boolean": return try add(.boolean)
        case "int": return try add(.int(.none))
        case "long": return try add(.long(.none))
        case "float": return try add(.float)
        case "double": return try add(.double)
        case "bytes": return try add(.bytes(.none))
        case "string": return try add(.string)
        default:
            let full = name.contains(".") || namespace.isEmpty ? name : "\(namespace).\(name)"
            // A name without a namespace may be one of the outermost.
            guard let number = named[full] ?? named[name] else {
                throw SchemaFault("it names the type \(full), which neither it nor its references define")
            }
            return number
        }
    }

    /// Full name and the namespace of what is within, of a record, enum or fixed.
    private static func names(
        _ object: [String: Any], namespace: String
    ) throws(SchemaFault) -> (full: String, inner: String) {
        guard let name = object["name"] as? String, !name.isEmpty else { throw SchemaFault("a named type has no name") }
        if let dot = name.lastIndex(of: ".") { return (name, String(name[..<dot])) }
        let inner = object["namespace"] as? String ?? namespace
        return (inner.isEmpty ? name : "\(inner).\(name)", inner)
    }

    private mutating func define(_ name: String, _ node: AvroSchema.Node) throws(SchemaFault) -> AvroSchema.Number {
        guard named[name] == nil else { throw SchemaFault("it defines the type \(name) twice") }
        let number = try add(node)
        named[name] = number
        return number
    }

    private mutating func record(
        _ object: [String: Any], namespace: String, depth: Int
    ) throws(SchemaFault) -> AvroSchema.Number {
        let (full, inner) = try Self.names(object, namespace: namespace)
        guard let list = object["fields"] as? [[String: Any]] else { throw SchemaFault("the record \(full) has no fields") }
        let number = try define(full, .open)
        var fields: [AvroSchema.Field] = []
        for field in list {
            guard let name = field["name"] as? String, let fieldType = field["type"] else {
                throw SchemaFault("a field of the record \(full) has no name or no type")
            }
            let type = try type(fieldType, namespace: inner, depth: depth + 1)
            fields.append(AvroSchema.Field(name: Array(name.utf8), type: type))
        }
        schema.nodes[number] = .record(fields)
        return number
    }

    private mutating func enumeration(
        _ object: [String: Any], namespace: String
    ) throws(SchemaFault) -> AvroSchema.Number {
        let full = try Self.names(object, namespace: namespace).full
        guard let symbols = object["symbols"] as? [String], !symbols.isEmpty else {
            throw SchemaFault("the enum \(full) has no symbols")
        }
        return try define(full, .enumeration(symbols.map { Array($0.utf8) }))
    }

    private mutating func fixed(_ object: [String: Any], namespace: String) throws(SchemaFault) -> AvroSchema.Number {
        let full = try Self.names(object, namespace: namespace).full
        guard let size = object["size"] as? Int, (0...PayloadLimits.largestJSON).contains(size) else {
            throw SchemaFault("the fixed \(full) has no usable size")
        }
        return try define(full, .fixed(size: size, Self.decimal(object)))
    }

    private static func timestamp(_ logical: String?) -> AvroSchema.Logical {
        switch logical {
        case "timestamp-millis", "local-timestamp-millis": .timestamp(digits: 3)
        case "timestamp-micros", "local-timestamp-micros": .timestamp(digits: 6)
        case "timestamp-nanos", "local-timestamp-nanos": .timestamp(digits: 9)
        default: .none
        }
    }

    private static func decimal(_ object: [String: Any]) -> AvroSchema.Logical {
        guard object["logicalType"] as? String == "decimal", let precision = object["precision"] as? Int else { return .none }
        let scale = object["scale"] as? Int ?? 0
        return (1...1_000).contains(precision) && (0...precision).contains(scale) ? .decimal(scale: scale) : .none
    }
}
