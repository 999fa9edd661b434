// The schemas of the wire formats are documentation: what they show as examples is read as they say, and what is read is in
// them.
import Foundation
import Posts
import Testing

struct EventSchemaTests {
    static let schemas: [(name: String, format: PostFormat, outcomes: [String: Int])] = [
        ("jetstream", .jetstream, ["upsert": 2, "delete": 1, "hide": 1, "skipped(other_event)": 1]),
        ("generic", .generic, ["upsert": 3]),
        ("x2", .x2, ["upsert": 5, "delete": 2, "hide": 1, "purge": 1]),
        ("x1", .x1, ["upsert": 2, "delete": 1, "hide": 1, "skipped(limit_notice)": 1, "skipped(other_event)": 1]),
        ("mastodon", .mastodon, ["upsert": 2, "delete": 1, "skipped(other_event)": 1]),
        ("reddit", .reddit, ["upsert": 4, "delete": 1, "skipped(other_event)": 2]),
    ]

    private static func text(_ name: String) throws -> String {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Schemas/events/\(name).json")
        return try String(contentsOf: file, encoding: .utf8)
    }

    /// As lines: Foundation would change the long number.
    private static func examples(_ name: String) throws -> [String] {
        let schema = try text(name)
        let start = try #require(schema.range(of: "\"examples\": [\n"))
        return schema[start.upperBound...].split(separator: "\n").filter { $0.hasPrefix("    {") }.map {
            String($0.hasSuffix(",") ? $0.dropLast() : $0)
        }
    }

    @Test func everyFormatOfAStreamHasASchema() {
        #expect(Set(PostFormat.streamFormats) == Set(Self.schemas.map(\.format) + [.auto]))
    }

    @Test(arguments: schemas)
    func examplesAreRead(name: String, format: PostFormat, outcomes: [String: Int]) throws {
        for format in [format, .auto] {
            var counts: [String: Int] = [:]
            for example in try Self.examples(name) {
                let record = Decoding.decode(Array(example.utf8), format, instances: ["home.example"])
                for kind in record.documents.isEmpty ? [record.kind] : record.documents.map(\.content.kind) {
                    counts[kind, default: 0] += 1
                }
            }
            #expect(counts == outcomes, "\(format)")
        }
    }

    @Test(arguments: schemas)
    func examplesFitTheirSchema(name: String, format: PostFormat, outcomes: [String: Int]) throws {
        let object = try JSONSerialization.jsonObject(with: Data(try Self.text(name).utf8))
        let schema = SchemaSubset(root: try #require(object as? [String: Any]))
        for example in try Self.examples(name) {
            let fault = schema.fault(in: try JSONSerialization.jsonObject(with: Data(example.utf8)))
            #expect(fault == nil, "\(example.prefix(80))")
        }
        #expect(schema.fault(in: [1]) != nil, "a schema that takes anything checks nothing")
    }

    /// Documents of the tests themselves, in the shapes of the real ones.
    @Test(arguments: [
        ("x2", XFixtures.stream), ("x2", XFixtures.compliance("delete", #""tweet":{"id":"1"}"#)), ("x1", XFixtures.status),
        ("x1", XFixtures.retweet), ("x1", XFixtures.delete), ("mastodon", MastodonFixtures.status),
        ("mastodon", MastodonFixtures.message("update", MastodonFixtures.status)), ("jetstream", JetstreamFixtures.create),
        ("jetstream", JetstreamFixtures.delete), ("jetstream", JetstreamFixtures.account),
    ])
    func fixturesFitTheSchema(name: String, json: String) throws {
        let object = try JSONSerialization.jsonObject(with: Data(try Self.text(name).utf8))
        let schema = SchemaSubset(root: try #require(object as? [String: Any]))
        #expect(schema.fault(in: try JSONSerialization.jsonObject(with: Data(json.utf8))) == nil)
    }
}

/// As much of JSON Schema as the schemas of events use: type, required, properties, items, enum, anyOf and local references.
struct SchemaSubset {
    let root: [String: Any]

    /// Where a value does not fit, nil where it does.
    func fault(in value: Any) -> String? { fault(value, root, "") }

    private func fault(_ value: Any, _ schema: [String: Any], _ path: String) -> String? {
        if let reference = schema["$ref"] as? String {
            var target: Any? = root
            for step in reference.split(separator: "/").dropFirst() { target = (target as? [String: Any])?[String(step)] }
            guard let target = target as? [String: Any] else { return "\(reference) leads nowhere" }
            return fault(value, target, path)
        }
        let types = schema["type"] as? [String] ?? (schema["type"] as? String).map { [$0] }
        if let types, !types.contains(where: { isOf($0, value) }) {
            return "\(path) is no \(types.joined(separator: " or "))"
        }
        if let choices = schema["enum"] as? [String], !choices.contains(value as? String ?? "") { return "\(path) is none of \(choices)" }
        if let schemas = schema["anyOf"] as? [[String: Any]], !schemas.contains(where: { fault(value, $0, path) == nil }) {
            return "\(path) fits no part of anyOf"
        }
        if let object = value as? [String: Any] {
            for name in schema["required"] as? [String] ?? [] where object[name] == nil { return "\(path).\(name) is missing" }
            for (name, part) in schema["properties"] as? [String: [String: Any]] ?? [:] {
                if let child = object[name], let fault = fault(child, part, "\(path).\(name)") { return fault }
            }
        }
        if let list = value as? [Any], let part = schema["items"] as? [String: Any] {
            return list.lazy.compactMap { fault($0, part, path + "[]") }.first
        }
        return nil
    }

    private func isOf(_ type: String, _ value: Any) -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "null": value is NSNull
        // Foundation has numbers and truth values in one type.
        case "boolean": value is Bool
        case "integer", "number": value is NSNumber && !(value is String)
        default: false
        }
    }
}
