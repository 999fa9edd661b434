// Everything that can be configured, typed and checked. Made by SettingsLoader; the table of keys (SettingsTable) says
// how each field is written in YAML, in the environment and in the sample. Nothing here reads files.
package import Posts
package import StreamCore

/// The values given here are the defaults: a service without a settings file runs with them.
package struct Settings: Sendable, Equatable {
    package var kafka = KafkaSettings()
    package var schemaRegistry = SchemaRegistrySettings()
    package var postgres = PostgresSettings()
    package var model = ModelSettings()
    package var format = PostFormat.auto
    package var generic = GenericFieldPaths()
    package var mastodon = MastodonInstances()
    package var limits = StreamLimits()
    package var operations = OperationsSettings()
    package var log = LogSettings()
    package var stop = StopSettings()
    package var maintenance = MaintenanceSettings()

    package init() {}

    /// Every secret in the settings, for the log output to strike out wherever it turns up.
    package var secrets: [String] {
        let properties = kafka.properties.values.filter(\.isSecret).map(\.text)
        let single = [postgres.password, schemaRegistry.password, schemaRegistry.token].compactMap { $0?.reveal() }
        return (properties + postgres.url.secrets + single).filter { !$0.isEmpty }
    }
}

package struct OperationsSettings: Sendable, Equatable {
    /// `HOST:PORT`; port 0 takes a free one; empty: no server.
    package var listen = "127.0.0.1:9464"
    package init() {}

    /// Host and port of `listen`, nil where the server is switched off. `[::1]:9464` gives the host without brackets.
    package var address: (host: String, port: UInt16)? {
        NetworkAddress(listen).map { ($0.host, $0.port) }
    }
}

package struct LogSettings: Sendable, Equatable {
    package enum Level: String, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }
    package enum Format: String, Sendable, CaseIterable {
        /// A line for people.
        case text
        /// A JSON object a line.
        case json
    }
    package var level = Level.info
    package var format = Format.text
    package init() {}
}

package struct StopSettings: Sendable, Equatable {
    /// How long SIGTERM may take to finish what is in flight.
    package var deadline = Duration.seconds(20)
    package init() {}
}
