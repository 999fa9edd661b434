// The key `kafka.properties`: everything librdkafka can be told, except what belongs to Winnow.

extension SettingsTable {
    static let properties = SettingsKey(
        "kafka.properties",
        "Any librdkafka property, such as security.protocol. A value is a text, {file: PATH} or {env: NAME}; the last\n"
            + "two are for secrets. WINNOW_KAFKA_PROPERTIES_SASL_PASSWORD sets sasl.password, and so on.",
        .properties, isSecret: true
    ) { settings, input throws(SettingRefusal) in
        switch input {
        case .properties(let properties): try merge(properties, into: &settings)
        case .text(let text): try merge(try pairs(text), into: &settings)
        case .list: throw SettingRefusal(reason: "must be a mapping of names to values")
        }
    } show: { settings in
        .properties(
            settings.kafka.properties.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) })
    }

    /// Properties set later replace single ones, not all of those set before.
    private static func merge(
        _ properties: [String: PropertyValue], into settings: inout Settings
    ) throws(SettingRefusal) {
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
            if let instead = KafkaSettings.reservedProperties[name] {
                throw SettingRefusal(reason: "must not set \(name), which belongs to Winnow: \(instead)")
            }
            settings.kafka.properties[name] = value
        }
    }

    /// `name=value,name=value`, as an environment variable has it. A value with a comma needs a variable of its own.
    private static func pairs(_ text: String) throws(SettingRefusal) -> [String: PropertyValue] {
        var properties: [String: PropertyValue] = [:]
        for pair in text.split(separator: ",") {
            guard let equals = pair.firstIndex(of: "=") else {
                throw SettingRefusal(reason: "must be written as name=value,name=value")
            }
            let name = SettingsKey.trimmed(pair[..<equals])
            let value = SettingsKey.trimmed(pair[pair.index(after: equals)...])
            properties[name] = PropertyValue(text: value, isSecret: PropertyValue.isSecretName(name))
        }
        return properties
    }
}
