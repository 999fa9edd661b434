// Which model reads which language, as settings say it.
import Foundation
import ServiceSettings
import Testing

struct ModelRoutesTests {
    private func model(
        _ yaml: String, environment: [String: String] = [:], overrides: [SettingsOverride] = []
    ) throws -> ModelSettings {
        try SettingsLoader.load(yaml: yaml, environment: environment, overrides: overrides).settings.model
    }

    private func fault(_ yaml: String, environment: [String: String] = [:]) -> String {
        do {
            _ = try SettingsLoader.load(yaml: yaml, name: "w.yaml", environment: environment)
            return "accepted"
        } catch {
            return error.faults.map(\.description).joined(separator: "\n")
        }
    }

    @Test func fileAndVariableSayTheSame() throws {
        let expected = ["en": "english", "*": "multilingual"]
        #expect(try model("model: {routes: {EN: english, \"*\": multilingual}}").routes == expected)
        #expect(try model("model:\n  routes:\n    en: english\n    \"*\": multilingual\n").routes == expected)
        let variable = ["WINNOW_MODEL_ROUTES": "en=english, *=multilingual"]
        #expect(try model("", environment: variable).routes == expected)
        #expect(try model("model: {routes: {}}").routes.isEmpty)
    }

    @Test func pathAndRoutesReplaceEachOther() throws {
        let file = "model: {routes: {en: english, \"*\": multilingual}}"
        let flag = SettingsOverride(path: "model.path", value: "mine", flag: "--model")
        let flagged = try model(file, overrides: [flag])
        #expect(flagged.path == "mine" && flagged.routes.isEmpty)
        let routed = try model("model: {path: mine}", environment: ["WINNOW_MODEL_ROUTES": "*=english"])
        #expect(routed.path == nil && routed.routes == ["*": "english"])
        // What a sample writes down empty takes nothing back.
        let sample = try model("model: {path: mine, routes: {}}")
        #expect(sample.path == "mine")
        #expect(try model("model: {routes: {\"*\": english}, path: \"\"}").routes == ["*": "english"])
    }

    @Test func nonsenseIsRefusedWithItsPlace() {
        let cases = [
            ("model: {routes: {en: english}}", "reads posts of all other languages"),
            ("model: {routes: {english language: english, \"*\": m}}", "first subtag"),
            ("model: {routes: {pt-BR: english, \"*\": m}}", "first subtag"),
            ("model: {routes: {EN: a, en: b, \"*\": m}}", "names en twice"),
            ("model: {routes: {en: \"\", \"*\": m}}", "has no model for en"),
            ("model: {routes: {en: {env: HOME}, \"*\": m}}", "not set"),
            ("model: {routes: [english]}", "mapping of languages"),
            ("model: {routes: english}", "en=english,*=multilingual"),
            ("model: {routes: {*: english}}", "put * in quotes"),
        ]
        for (yaml, part) in cases {
            let found = fault(yaml)
            #expect(found.contains(part) && found.hasPrefix("w.yaml:") && !found.contains("\n"), "\(yaml): \(found)")
        }
        #expect(fault("", environment: ["WINNOW_MODEL_ROUTES": "en=english"]).contains("WINNOW_MODEL_ROUTES"))
    }
}
