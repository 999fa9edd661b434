// Properties: what is refused, what is hidden, what the clients get by default.
import KafkaIngest
import Posts
import StreamCore
import Testing

@Suite struct KafkaPropertiesTests {
    private static let secrets = [
        "sasl.password", "ssl.key.password", "ssl.keystore.password", "sasl.oauthbearer.client.secret", "ssl.key.pem",
        "sasl.oauthbearer.config", "ssl_key",
    ]

    @Test(arguments: secrets) func hidesSecretsEverywhere(name: String) {
        let properties = KafkaProperties([name: "hunter2", "client.id": "visible"])
        #expect(KafkaProperties.isSecret(name))
        var dumped = ""
        dump(properties, to: &dumped)
        for text in [properties.redactedDescription, "\(properties)", String(reflecting: properties), dumped] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("\(name)=***"))
            #expect(text.contains("client.id=visible"))
        }
    }

    @Test(arguments: secrets + ["session.timeout.ms"]) func aRefusedValueIsNeverRepeated(name: String) throws {
        let configuration = makeConfiguration(["client.id": "x", "no.such.\(name)": "hunter2"])
        let failure = #expect(throws: SourceFailure.self) { try KafkaInquiry(configuration) }
        #expect(failure.map { "\($0)".contains("hunter2") } == false)
        #expect(failure?.code == "property_unknown")
        let invalid = #expect(throws: SourceFailure.self) {
            try KafkaInquiry(makeConfiguration(["security.protocol": "hunter2"]))
        }
        #expect(invalid?.code == "property_invalid")
        #expect(invalid.map { "\($0)".contains("hunter2") } == false)
    }

    @Test(arguments: [
        "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset", "group.id", "bootstrap.servers",
        "metadata.broker.list",
    ]) func refusesWhatBelongsToWinnow(name: String) {
        let failure = #expect(throws: SourceFailure.self) { try makeConfiguration([name: "true"]).consumerProperties() }
        #expect(failure?.detail.contains(name) == true)
    }

    @Test func setsWhatTheGuaranteesNeed() throws {
        let properties = try makeConfiguration([:]).consumerProperties(libraryVersion: 0x0200_02ff)
        #expect(properties["auto.offset.reset"] == "error")
        #expect(properties["enable.auto.commit"] == "false")
        #expect(properties["enable.auto.offset.store"] == "false")
        #expect(properties["enable.partition.eof"] == "true")
        #expect(properties["socket.nagle.disable"] == "true")
        #expect(properties["partition.assignment.strategy"] == "range")
        #expect(properties["group.id"] == "g")
        #expect(properties["fetch.queue.backoff.ms"] == nil, "unknown before 2.2")
    }

    /// TLS and SASL are librdkafka's business: every property of theirs reaches both clients as it was given.
    @Test func tlsAndSaslPassThrough() throws {
        let given = [
            "security.protocol": "SASL_SSL", "sasl.mechanisms": "SCRAM-SHA-512", "sasl.username": "winnow",
            "sasl.password": "hunter2", "ssl.endpoint.identification.algorithm": "https",
            "enable.ssl.certificate.verification": "true", "ssl.cipher.suites": "DEFAULT",
        ]
        let configuration = makeConfiguration(given)
        for properties in [try configuration.consumerProperties(), try configuration.inquiryProperties()] {
            for (name, value) in given { #expect(properties[name] == value) }
        }
        _ = try KafkaInquiry(configuration)
        // What is wrong with a file is told, and its neighbours' secrets are not.
        let missing = #expect(throws: SourceFailure.self) {
            try KafkaInquiry(makeConfiguration(given.merging(["ssl.ca.location": "/nowhere/ca.pem"]) { $1 }))
        }
        #expect(missing?.code == "client_refused" && missing?.detail.contains("ssl.ca.location") == true)
        #expect(missing?.detail.contains("hunter2") == false)
    }

    @Test func choosesTheStrategyByVersionUnlessTold() throws {
        #expect(RdKafkaLibrary.assignmentStrategy(version: 0x0209_00ff) == "range")
        #expect(RdKafkaLibrary.assignmentStrategy(version: 0x020a_00ff) == "cooperative-sticky")
        let told = try makeConfiguration(["partition.assignment.strategy": "roundrobin"])
            .consumerProperties(libraryVersion: 0x0210_00ff)
        #expect(told["partition.assignment.strategy"] == "roundrobin")
        let newProtocol = try makeConfiguration(["group.protocol": "consumer"])
            .consumerProperties(libraryVersion: 0x0210_00ff)
        #expect(newProtocol["partition.assignment.strategy"] == nil)
    }

    @Test func derivesThePrefetchFromTheBudget() throws {
        let small = KafkaSourceConfiguration(brokers: "b:1", topics: ["t"], group: "g", prefetchBytes: 4 << 20)
        let properties = try small.consumerProperties()
        #expect(properties["queued.max.messages.kbytes"] == "4096")
        #expect(properties["fetch.message.max.bytes"] == "1048576")
        let told = try makeConfiguration(["queued.max.messages.kbytes": "99"]).consumerProperties()
        #expect(told["queued.max.messages.kbytes"] == "99")
    }

    @Test func theAskingClientIsNeverAMember() throws {
        let properties = try makeConfiguration(["group.instance.id": "one"]).inquiryProperties()
        #expect(properties["group.instance.id"] == nil)
    }

    @Test func refusesADrainThatOutlivesTheSession() {
        let configuration = KafkaSourceConfiguration(
            brokers: "b:1", topics: ["t"], group: "g", properties: KafkaProperties(["session.timeout.ms": "6000"]),
            revokeDeadline: .seconds(6))
        let failure = #expect(throws: SourceFailure.self) { try configuration.consumerProperties() }
        #expect(failure?.detail.contains("session.timeout.ms") == true)
    }

    @Test func refusesEmptySettings() {
        for (brokers, topics, group) in [("", ["t"], "g"), ("b:1", [], "g"), ("b:1", [""], "g"), ("b:1", ["t"], "")] {
            let configuration = KafkaSourceConfiguration(brokers: brokers, topics: topics, group: group)
            #expect(throws: SourceFailure.self) { try configuration.consumerProperties() }
        }
    }

    private func makeConfiguration(_ properties: [String: String]) -> KafkaSourceConfiguration {
        KafkaSourceConfiguration(
            brokers: "127.0.0.1:1", topics: ["t"], group: "g", properties: KafkaProperties(properties))
    }
}

@Suite struct KafkaStatisticsTests {
    @Test func readsWatermarksThrottleAndQueues() throws {
        let json = """
            {"name":"x","brokers":{"a:1/1":{"source":"learned","nodeid":1,"state":"UP","throttle":{"max":250}},
             "coordinator":{"source":"logical","nodeid":3,"state":"UP"},
             "boot":{"source":"configured","nodeid":-1,"state":"UP","throttle":{"max":0}},
             "b:1/2":{"source":"learned","nodeid":2,"state":"DOWN"}},
             "topics":{"posts":{"partitions":{"0":{"desired":true,"hi_offset":41,"fetchq_cnt":3,"fetchq_size":900},
             "1":{"desired":true,"hi_offset":-1001},"2":{"desired":false,"hi_offset":7},"-1":{"hi_offset":-1001}}}}}
            """
        let statistics = try #require(KafkaStatistics(json: json))
        #expect(statistics.highWatermarks == [TopicPartition(topic: "posts", partition: 0): 41])
        #expect(statistics.throttle == .milliseconds(250))
        #expect(statistics.queuedMessages == 3)
        #expect(statistics.queuedBytes == 900)
        #expect(statistics.connectedBrokers == 1)
    }

    @Test func refusesWhatIsNoStatistics() {
        #expect(KafkaStatistics(json: "") == nil)
        #expect(KafkaStatistics(json: "[1]") == nil)
        #expect(KafkaStatistics(json: "{}") == KafkaStatistics())
    }
}
