// The schemas of the wire formats are documentation: what they show as examples is read as they say.
import Foundation
import Posts
import Testing

struct EventSchemaTests {
    @Test(arguments: [("jetstream", PostFormat.jetstream, 3), ("generic", .generic, 3)])
    func examplesAreRead(name: String, format: PostFormat, posts: Int) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Schemas/events/\(name).json")
        // Read as lines: Foundation would change the long number.
        let schema = try String(contentsOf: file, encoding: .utf8)
        let start = try #require(schema.range(of: "\"examples\": [\n"))
        let examples = schema[start.upperBound...].split(separator: "\n").filter { $0.hasPrefix("    {") }
        var events = 0
        for example in examples {
            let json = example.hasSuffix(",") ? example.dropLast() : example[...]
            for format in [format, .auto] {
                let record = Decoding.decode(String(json), format)
                #expect(record.rejection == nil, "\(json)")
                if record.post != nil || record.deletion != nil { events += 1 }
            }
        }
        #expect(events == posts * 2)
    }
}
