// Where the schemas of Avro and Protobuf values are, and how the registry lets us in.

package struct SchemaRegistrySettings: Sendable, Equatable {
    /// `https://HOST:PORT`, with a path where the registry has one; empty: there is none.
    package var url = ""
    /// For basic authentication.
    package var username: String?
    package var password: Secret?
    /// Its first line is the password; read when the settings are loaded.
    package var passwordFile: String?
    /// For bearer authentication.
    package var token: Secret?
    package var tokenFile: String?
    /// How long one answer may take.
    package var timeout = Duration.seconds(10)
    /// Schemas that are kept in memory.
    package var cachedSchemas = 1_000

    package init() {}
}

extension SettingsRelations {
    static func registry(in settings: Settings) -> [Fault] {
        var faults: [Fault] = []
        func require(_ condition: Bool, _ path: String, _ sentence: String) {
            if !condition { faults.append(Fault(paths: [path], sentence: "\(path) \(sentence)")) }
        }
        let registry = settings.schemaRegistry
        require(
            settings.kafka.valueEncoding != .schemaRegistry || !registry.url.isEmpty, "schema_registry.url",
            "must name the registry where kafka.value_encoding is schema_registry, such as https://registry:8081")
        if !registry.url.isEmpty {
            let isHTTP = ["http://", "https://"].contains { registry.url.hasPrefix($0) && registry.url.count > $0.count }
            require(
                isHTTP && !registry.url.contains(where: \.isWhitespace), "schema_registry.url",
                "must begin with https:// or http:// and name a host")
            require(
                !registry.url.contains("@"), "schema_registry.url",
                "must not hold a user or a password: use schema_registry.username and schema_registry.password_file")
        }
        require(
            registry.username == nil || registry.password != nil || registry.passwordFile != nil, "schema_registry.username",
            "needs schema_registry.password_file or schema_registry.password")
        require(
            registry.username == nil || (registry.token == nil && registry.tokenFile == nil), "schema_registry.username",
            "and a token exclude each other: set one of them")
        return faults
    }
}
