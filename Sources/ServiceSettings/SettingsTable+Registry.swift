// The keys of `schema_registry`.

extension SettingsTable {
    static let registry: [SettingsKey] = [
        SettingsKey(
            "schema_registry.url", "https://HOST:PORT of a registry with Confluent's interface. Empty: there is none.", .text,
            isSecret: true
        ) { settings, input throws(SettingRefusal) in
            settings.schemaRegistry.url = try SettingsKey.single(input, "a text")
        } show: { settings in
            // Refused with a user in it, and not shown with one either.
            .text(settings.schemaRegistry.url.contains("@") ? Secret.mask : settings.schemaRegistry.url)
        },
        .optionalText("schema_registry.username", \.schemaRegistry.username, "For basic authentication. Empty: none."),
        secret(
            "schema_registry.password", \.schemaRegistry.password,
            "Better kept in password_file, or in the environment: WINNOW_SCHEMA_REGISTRY_PASSWORD."),
        .optionalText(
            "schema_registry.password_file", \.schemaRegistry.passwordFile, "A file whose first line is the password."),
        secret(
            "schema_registry.token", \.schemaRegistry.token,
            "For bearer authentication. Better kept in token_file or in the environment."),
        .optionalText("schema_registry.token_file", \.schemaRegistry.tokenFile, "A file whose first line is the token."),
        .duration(
            "schema_registry.timeout", \.schemaRegistry.timeout, .seconds(1) ... .seconds(300),
            "How long one answer may take; then it is asked again."),
        .integer(
            "schema_registry.cached_schemas", \.schemaRegistry.cachedSchemas, 1...100_000,
            "Schemas kept in memory; the one unused for longest goes first."),
    ]

    /// Empty means nil; never shown and never quoted.
    private static func secret(_ path: String, _ field: SettingsField<Secret?>, _ summary: String) -> SettingsKey {
        SettingsKey(path, summary, .text, isSecret: true) { settings, input throws(SettingRefusal) in
            let text = try SettingsKey.single(input, "a text")
            settings[keyPath: field] = text.isEmpty ? nil : Secret(text)
        } show: {
            .text($0[keyPath: field] == nil ? "" : Secret.mask)
        }
    }
}
