// The picture of the schema in the documentation is the schema's.
import Foundation
import PostgresDelivery
import Testing

@Suite struct SchemaPictureTests {
    @Test func thePictureIsCurrent() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let query = try String(contentsOf: root.appendingPathComponent("Deploy/draw-schema.sql"), encoding: .utf8)
        let picture = try String(
            contentsOf: root.appendingPathComponent("Sources/winnow/Documentation.docc/Resources/schema.mmd"), encoding: .utf8)
        let lines = try TestDatabase().session().rows(query).compactMap { $0.first ?? nil }
        #expect(lines.count > 100)
        #expect(picture == lines.joined(separator: "\n") + "\n", "run Deploy/draw-schema on a migrated database")
    }
}
