// What single values cannot show: texts that must not be empty, forms of names, and bounds that contradict each other.

enum SettingsRelations {
    struct Fault {
        /// The keys that are involved; the first that was set gives the place.
        let paths: [String]
        let sentence: String
    }

    static func faults(in settings: Settings) -> [Fault] {
        var faults = names(in: settings) + registry(in: settings)
        func require(_ condition: Bool, _ paths: [String], _ sentence: String) {
            if !condition { faults.append(Fault(paths: paths, sentence: sentence)) }
        }
        for sentence in settings.limits.faults {
            let name = sentence.prefix { $0 != " " }
            faults.append(Fault(paths: ["limits.\(name)"], sentence: "limits.\(sentence)"))
        }
        let drain = UnitText.text(settings.limits.drainDeadline)
        let session = UnitText.text(settings.kafka.sessionTimeout)
        require(
            settings.limits.drainDeadline < settings.kafka.sessionTimeout,
            ["limits.drain_deadline", "kafka.session_timeout"],
            "limits.drain_deadline (\(drain)) must be below kafka.session_timeout (\(session)), "
                + "or the group takes partitions away in the middle of the drain")
        let lock = UnitText.text(settings.postgres.lockTimeout)
        let statement = UnitText.text(settings.postgres.statementTimeout)
        require(
            settings.postgres.lockTimeout < settings.postgres.statementTimeout,
            ["postgres.lock_timeout", "postgres.statement_timeout"],
            "postgres.lock_timeout (\(lock)) must be below postgres.statement_timeout (\(statement)), or it never acts")
        let tombstones = settings.maintenance.keepTombstones
        require(
            tombstones == .zero || tombstones >= .seconds(7 * 86_400), ["maintenance.keep_tombstones"],
            "maintenance.keep_tombstones (\(UnitText.text(tombstones))) must be 0s or at least 7d, "
                + "or records that are read again bring deleted posts back")
        require(
            settings.operations.listen.isEmpty || settings.operations.address != nil, ["operations.listen"],
            "operations.listen must be HOST:PORT such as 127.0.0.1:9464, or empty for no server")
        return faults
    }

    private static func names(in settings: Settings) -> [Fault] {
        var faults: [Fault] = []
        func require(_ condition: Bool, _ path: String, _ sentence: String) {
            if !condition { faults.append(Fault(paths: [path], sentence: "\(path) \(sentence)")) }
        }
        require(!settings.kafka.brokers.isEmpty, "kafka.brokers", "must name at least one HOST:PORT")
        for broker in settings.kafka.brokers {
            let host = broker.split(separator: "://", maxSplits: 1).last ?? ""
            require(
                !host.isEmpty && !broker.contains(where: \.isWhitespace), "kafka.brokers",
                "must be HOST:PORT with commas, not \(SettingsKey.quoted(broker))")
        }
        require(!settings.kafka.topics.isEmpty, "kafka.topics", "must name at least one topic")
        require(
            Set(settings.kafka.topics).count == settings.kafka.topics.count, "kafka.topics", "names a topic twice")
        for topic in settings.kafka.topics {
            require(
                isTopic(topic), "kafka.topics",
                "must be names of letters, digits, '.', '_' and '-', or patterns that begin with ^, "
                    + "not \(SettingsKey.quoted(topic))")
        }
        require(!settings.kafka.group.isEmpty, "kafka.group", "must not be empty")
        require(!settings.generic.platform.isEmpty, "generic.platform", "must not be empty")
        require(!settings.generic.identifier.isEmpty, "generic.id", "must name at least one field")
        require(!settings.generic.text.isEmpty, "generic.text", "must name at least one field")
        for key in SettingsTable.keys where key.path.hasPrefix("generic.") {
            guard case .list(let paths) = key.show(settings) else { continue }
            for path in paths {
                let parts = path.split(separator: ".", omittingEmptySubsequences: false)
                require(
                    !parts.contains(""), key.path,
                    "must be names with dots between them, not \(SettingsKey.quoted(path))")
            }
        }
        return faults
    }

    private static func isTopic(_ topic: String) -> Bool {
        if topic.hasPrefix("^") { return topic.utf8.count > 1 }
        let isPlain = topic.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isPlain && (1...249).contains(topic.utf8.count) && topic != "." && topic != ".."
    }
}
