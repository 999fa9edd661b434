// What the source needs to know, checked before anything is opened. It reads no file and no environment.
package import StreamCore

package struct KafkaSourceConfiguration: Sendable {
    /// `host:port,host:port`.
    package let brokers: String
    /// Names, or regular expressions that begin with `^`.
    package let topics: [String]
    package let group: String
    /// Everything else that librdkafka can be told.
    package let properties: KafkaProperties
    /// How long a revoke waits for `release`; below the session timeout.
    package let revokeDeadline: Duration
    /// How long leaving the group may take on `close`.
    package let leaveDeadline: Duration
    /// How long each blocking request may take.
    package let requestDeadline: Duration
    /// Bytes that librdkafka may prefetch, on top of what `FlowGauge` admits.
    package let prefetchBytes: Int

    package init(
        brokers: String, topics: [String], group: String, properties: KafkaProperties = KafkaProperties(),
        revokeDeadline: Duration = .seconds(15), leaveDeadline: Duration = .seconds(5),
        requestDeadline: Duration = .seconds(10), prefetchBytes: Int = 32 << 20
    ) {
        self.brokers = brokers
        self.topics = topics
        self.group = group
        self.properties = properties
        self.revokeDeadline = revokeDeadline
        self.leaveDeadline = leaveDeadline
        self.requestDeadline = requestDeadline
        self.prefetchBytes = prefetchBytes
    }

    /// librdkafka's default of 45 s unless the properties say otherwise.
    private var sessionTimeout: Duration {
        .milliseconds(properties["session.timeout.ms"].flatMap(Int.init) ?? 45_000)
    }

    /// The properties of the consuming client: the user's, with ours beneath and above.
    package func consumerProperties(
        libraryVersion: Int32 = RdKafkaLibrary.version
    ) throws(SourceFailure) -> KafkaProperties {
        try check()
        var result = properties
        let usesNewProtocol = result["group.protocol"] == "consumer"
        if !usesNewProtocol {
            result.setDefault(
                "partition.assignment.strategy", RdKafkaLibrary.assignmentStrategy(version: libraryVersion))
        }
        result.setDefault("client.id", "winnow")
        result.setDefault("socket.nagle.disable", "true")
        result.setDefault("statistics.interval.ms", "5000")
        setPrefetchDefaults(&result)
        // A partition whose share of the prefetch queue is full looks again after this time; a second before 2.2.
        if libraryVersion >= 0x0202_0000 { result.setDefault("fetch.queue.backoff.ms", "100") }
        result["bootstrap.servers"] = brokers
        result["group.id"] = group
        result["enable.auto.commit"] = "false"
        result["enable.auto.offset.store"] = "false"
        result["auto.offset.reset"] = "error"
        // The only word on offsets at the end that hold no record: it keeps the lag true on transactional topics.
        result["enable.partition.eof"] = "true"
        result["log.queue"] = "true"
        return result
    }

    /// The properties of the client that asks for offsets and names: the same group and rights, but never a member.
    package func inquiryProperties() throws(SourceFailure) -> KafkaProperties {
        var result = try consumerProperties()
        result["group.instance.id"] = nil
        result["statistics.interval.ms"] = "0"
        // A full queue of log lines nobody reads would grow: this client's lines are dropped, its errors are thrown.
        result["log.queue"] = "false"
        return result
    }

    /// One fetch must fit the budget, with room for the next; more than a second of prefetch is kept where the budget
    /// allows.
    private func setPrefetchDefaults(_ properties: inout KafkaProperties) {
        let kilobytes = max(1_024, prefetchBytes / 1_024)
        // Above 50 MiB librdkafka would want its receive buffer raised as well.
        let fetchBytes = min(50 << 20, max(524_288, prefetchBytes / 4))
        properties.setDefault("queued.max.messages.kbytes", String(kilobytes))
        // Both are counted over all partitions. A full queue makes versions before 2.2 look away for a second.
        properties.setDefault("queued.min.messages", String(min(100_000, max(10_000, prefetchBytes / 512))))
        properties.setDefault("fetch.message.max.bytes", String(min(1_048_576, fetchBytes)))
        properties.setDefault("fetch.max.bytes", String(max(fetchBytes, messageMaxBytes(properties))))
        properties.setDefault("fetch.wait.max.ms", "100")
    }

    private func messageMaxBytes(_ properties: KafkaProperties) -> Int {
        properties["message.max.bytes"].flatMap(Int.init) ?? 1_000_000
    }

    private func check() throws(SourceFailure) {
        try properties.checkOwnership()
        func refuse(_ detail: String) -> SourceFailure {
            SourceFailure(code: "configuration", detail: detail, isRetriable: false)
        }
        if brokers.isEmpty { throw refuse("kafka.brokers is empty: name at least one broker as host:port") }
        if topics.isEmpty {
            throw refuse("kafka.topics is empty: name at least one topic, or a pattern beginning with ^")
        }
        if topics.contains("") { throw refuse("kafka.topics holds an empty name: remove it") }
        if group.isEmpty { throw refuse("kafka.group is empty: name the consumer group") }
        if revokeDeadline >= sessionTimeout {
            throw refuse(
                "the time to drain a revoked partition (\(revokeDeadline)) must be below the group's session timeout "
                    + "(\(sessionTimeout)): lower it, or raise session.timeout.ms")
        }
    }
}
