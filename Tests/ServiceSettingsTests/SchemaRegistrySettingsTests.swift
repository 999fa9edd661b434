// The section schema_registry: what belongs together, and that its secrets stay secret.
import Foundation
import ServiceSettings
import Testing

@Suite struct SchemaRegistrySettingsTests {
    private func load(_ yaml: String, _ environment: [String: String] = [:]) throws(SettingsFailure) -> Settings {
        try SettingsLoader.load(yaml: yaml, environment: environment).settings
    }

    @Test func valuesAreReadFromFileEnvironmentAndSecretFile() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)")
        try Data("s3cret-token\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let settings = try load(
            """
            kafka: {value_encoding: schema_registry}
            schema_registry: {url: "https://registry:8081", timeout: 3s, cached_schemas: 20, token_file: \(file.path)}
            """)
        #expect(settings.kafka.valueEncoding == .schemaRegistry)
        #expect(settings.schemaRegistry.timeout == .seconds(3))
        #expect(settings.schemaRegistry.cachedSchemas == 20)
        #expect(settings.schemaRegistry.token?.reveal() == "s3cret-token")
        let basic = try load(
            "schema_registry: {url: \"http://r\", username: ann}", ["WINNOW_SCHEMA_REGISTRY_PASSWORD": "p4ss"])
        #expect(basic.schemaRegistry.password?.reveal() == "p4ss")
        for (settings, secret) in [(settings, "s3cret-token"), (basic, "p4ss")] {
            #expect(settings.secrets.contains(secret))
            var dumped = settings.summaryLines.joined(separator: "\n")
            dump(settings, to: &dumped)
            #expect(!dumped.contains(secret))
            #expect(settings.summaryLines.contains { $0.hasPrefix("schema_registry.") && $0.hasSuffix("\"***\"") })
        }
    }

    @Test(arguments: [
        ("kafka: {value_encoding: schema_registry}", "schema_registry.url must name"),
        ("schema_registry: {url: registry}", "must begin with https://"),
        ("schema_registry: {url: \"https://ann:p4ss@registry\"}", "must not hold a user or a password"),
        ("schema_registry: {url: \"http://r\", username: ann}", "schema_registry.username needs"),
        ("schema_registry: {username: ann, password: p4ss, token: t0k}", "exclude each other"),
        ("schema_registry: {password_file: none-of-this-name}", "does not exist"),
        ("kafka: {value_encoding: avro}", "must be one of json, schema_registry"),
    ])
    func whatDoesNotBelongTogetherIsRefused(yaml: String, sentence: String) {
        let failure = #expect(throws: SettingsFailure.self) { try load(yaml) }
        let description = failure?.description ?? ""
        #expect(description.contains(sentence), "\(description)")
        #expect(!description.contains("p4ss") && !description.contains("t0k"))
    }
}
