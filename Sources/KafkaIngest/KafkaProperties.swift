// librdkafka properties as the user gives them. Knows which ones Winnow keeps to itself and which ones are secret; it
// talks to no broker.
package import StreamCore

package struct KafkaProperties: Hashable, Sendable {
    package private(set) var values: [String: String]

    package init(_ values: [String: String] = [:]) { self.values = values }

    package subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// Sets what the user did not set.
    package mutating func setDefault(_ name: String, _ value: String) {
        if values[name] == nil { values[name] = value }
    }

    /// Why each of these is refused: the guarantees hang on them, or a setting of our own says it.
    private static let owned: [String: String] = [
        "enable.auto.commit": "the database keeps the position, and Kafka is told after each commit",
        "enable.auto.offset.store": "the database keeps the position",
        "auto.offset.reset": "an offset out of range must be noticed; kafka.start says where new partitions begin",
        "enable.partition.eof": "Winnow needs the end of a partition as an event, for the lag",
        "group.id": "set kafka.group instead",
        "bootstrap.servers": "set kafka.brokers instead",
        "metadata.broker.list": "set kafka.brokers instead",
        "log.queue": "librdkafka's log lines are read from its queue",
        "enabled_events": "Winnow chooses the events it reads",
        "opaque": "it is a pointer",
    ]

    /// Refuses the properties that belong to Winnow, all of them in one sentence.
    package func checkOwnership() throws(SourceFailure) {
        let refused = values.keys.sorted().compactMap { name in Self.owned[name].map { "\(name) (\($0))" } }
        guard !refused.isEmpty else { return }
        throw SourceFailure(
            code: "property_refused",
            detail: "kafka.properties must not set \(refused.joined(separator: ", ")); remove it from the settings",
            isRetriable: false)
    }

    private static let secretParts = [
        "password", "secret", "sasl.oauthbearer.config", "ssl.key.pem", "ssl_key", "private.key", "assertion.file",
        "sasl.jaas.config", "access.key", "token",
    ]

    /// Whether a property's value must never be shown. By parts of the name, so that properties of later versions are
    /// caught as well; a file name is shown as hidden too rather than guessed at.
    package static func isSecret(_ name: String) -> Bool {
        let lowered = name.lowercased()
        if lowered == "sasl.oauthbearer.token.endpoint.url" { return false }
        return secretParts.contains { lowered.contains($0) }
    }

    /// `name=value` sorted by name, secrets as `***`.
    package var redactedDescription: String {
        values.sorted { $0.key < $1.key }
            .map { "\($0.key)=\(Self.isSecret($0.key) ? "***" : $0.value)" }
            .joined(separator: " ")
    }
}

extension KafkaProperties: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { redactedDescription }
    package var debugDescription: String { redactedDescription }
    /// `dump` and test failures print mirrors: they see what `description` shows.
    package var customMirror: Mirror { Mirror(self, children: ["properties": redactedDescription]) }
}
