// The sample and the schema say what the loader does.
import Foundation
import ServiceSettings
import Testing

struct SettingsDocumentsTests {
    private var schemaFile: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Schemas/settings.schema.json")
    }

    @Test func theSampleIsTheDefaults() throws {
        #expect(try SettingsLoader.load(yaml: Settings.sampleDocument).settings == Settings())
    }

    @Test func theSampleNamesEveryKey() {
        for key in SettingsTable.keys {
            let name = key.path.split(separator: ".").last ?? ""
            #expect(Settings.sampleDocument.contains("\(name): "), "\(key.path)")
        }
    }

    @Test func theSchemaFileIsWhatTheCodeSays() throws {
        let file = try String(contentsOf: schemaFile, encoding: .utf8)
        #expect(
            file == Settings.jsonSchema,
            "write the output of `winnow check --print-schema` to Schemas/settings.schema.json")
    }

    @Test func theSchemaIsJSONAndNamesEveryKey() throws {
        let root = try JSONSerialization.jsonObject(with: Data(Settings.jsonSchema.utf8)) as? [String: Any]
        let properties = try #require(root?["properties"] as? [String: Any])
        var paths: Set<String> = []
        for (name, value) in properties {
            let section = try #require(value as? [String: Any])
            guard let keys = section["properties"] as? [String: Any] else {
                paths.insert(name)
                continue
            }
            #expect(section["additionalProperties"] as? Bool == false)
            for key in keys.keys { paths.insert("\(name).\(key)") }
        }
        #expect(paths == Set(SettingsTable.keys.map(\.path)))
    }

    @Test func everySampleValueIsReadBackAlone() throws {
        // Each default, as it is shown, passes its own check when it comes through the environment.
        for key in SettingsTable.keys {
            guard case .text(let text) = key.show(Settings()), !text.isEmpty else { continue }
            let loaded = try SettingsLoader.load(yaml: "", environment: [key.environmentName: text])
            #expect(loaded.settings == Settings(), "\(key.path)")
        }
    }
}
