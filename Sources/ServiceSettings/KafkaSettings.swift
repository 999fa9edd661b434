// Where posts come from: the brokers, the group, and every property that librdkafka knows.

package struct KafkaSettings: Sendable, Equatable {
    package enum Start: String, Sendable, CaseIterable {
        case earliest, latest
        /// Where the group's offsets in Kafka are, else at the beginning.
        case committed
    }

    package enum ValueEncoding: String, Sendable, CaseIterable {
        /// A JSON document, or what else the format takes.
        case json
        /// Confluent's wire format: the schema's number, and a payload in Avro, Protobuf or JSON as that schema says.
        case schemaRegistry = "schema_registry"
    }

    /// `HOST:PORT` each.
    package var brokers = ["127.0.0.1:9092"]
    /// Names, or patterns that begin with `^`.
    package var topics = ["posts"]
    package var group = "winnow"
    /// Static membership (`group.instance.id`), nil for a dynamic member. Unique in the group.
    package var instanceIdentifier: String?
    /// For partitions that the database has never seen.
    package var start = Start.earliest
    package var sessionTimeout = Duration.seconds(45)
    package var valueEncoding = ValueEncoding.json
    /// Passed to librdkafka as they are; secrets print as `***`.
    package var properties: [String: PropertyValue] = [:]

    package init() {}

    /// librdkafka's `bootstrap.servers`.
    package var bootstrapList: String { brokers.joined(separator: ",") }

    /// Properties that belong to Winnow, and what to do instead.
    static let reservedProperties: [String: String] = [
        "bootstrap.servers": "use kafka.brokers",
        "metadata.broker.list": "use kafka.brokers",
        "group.id": "use kafka.group",
        "group.instance.id": "use kafka.instance_id",
        "session.timeout.ms": "use kafka.session_timeout",
        "enable.auto.commit": "leave it out: the database keeps the position",
        "enable.auto.offset.store": "leave it out: the database keeps the position",
        "auto.offset.reset": "use kafka.start",
        "enable.partition.eof": "leave it out: Winnow needs the end of a partition as an event, for the lag",
        "log.queue": "leave it out: Winnow reads the client's log lines",
        "enabled_events": "leave it out: Winnow chooses the events it reads",
        "opaque": "leave it out: it is a pointer",
    ]
}

/// The value of a librdkafka property. Printing or dumping it shows `***` where it is a secret.
package struct PropertyValue: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// What librdkafka gets.
    package let text: String
    package let isSecret: Bool

    package init(text: String, isSecret: Bool) {
        self.text = text
        self.isSecret = isSecret
    }

    package var description: String { isSecret ? Secret.mask : text }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// Whether the name of a property says that its value is nobody's business.
    static func isSecretName(_ name: String) -> Bool {
        ["password", "secret", "token", "pem", "jaas", "oauthbearer.config", "private"]
            .contains { name.contains($0) } || name == "ssl_key" || name == "sasl.username"
    }
}
