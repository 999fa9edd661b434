// What the loader takes, what it refuses, and that it says all of it at once and no secret with it.
import Foundation
import ServiceSettings
import Testing

struct SettingsLoaderTests {
    private func faults(
        _ yaml: String, environment: [String: String] = [:], overrides: [SettingsOverride] = []
    ) -> [String] {
        do {
            _ = try SettingsLoader.load(yaml: yaml, name: "w.yaml", environment: environment, overrides: overrides)
            return []
        } catch {
            return error.faults.map(\.description)
        }
    }

    @Test func nothingGivesTheDefaults() throws {
        #expect(try SettingsLoader.load(yaml: "").settings == Settings())
        #expect(try SettingsLoader.load(yaml: "kafka:\npostgres:\n  url:\n").settings == Settings())
    }

    @Test func readsEveryShape() throws {
        let settings = try SettingsLoader.load(
            yaml: """
                kafka:
                  brokers: a:1, b:2
                  topics: [posts, ^social-.*]
                  start: committed
                  session_timeout: 30s
                  properties: {security.protocol: ssl, fetch.max.bytes: 1000}
                postgres: {url: "postgresql://me@db/winnow", delivery_connections: 4, lock_timeout: 1500ms}
                model: {mask: random, random_share: 0.25, threshold: 0.5, workers: 3}
                format: generic
                generic: {id: [data.id, id], deleted: deleted_at}
                limits: {bytes_in_flight: 16MiB, delivery_bytes: 1048576}
                log: {level: debug, format: json}
                """
        ).settings
        #expect(settings.kafka.brokers == ["a:1", "b:2"])
        #expect(settings.kafka.bootstrapList == "a:1,b:2")
        #expect(settings.kafka.topics == ["posts", "^social-.*"])
        #expect(settings.kafka.start == .committed)
        #expect(settings.kafka.sessionTimeout == .seconds(30))
        #expect(settings.kafka.properties["fetch.max.bytes"]?.text == "1000")
        #expect(settings.postgres.deliveryConnections == 4)
        #expect(settings.postgres.lockTimeout == .milliseconds(1_500))
        #expect(settings.model.mask == .random)
        #expect(settings.model.randomShare == 0.25)
        #expect(settings.model.threshold == 0.5)
        #expect(settings.model.workers == 3)
        #expect(settings.format == .generic)
        #expect(settings.generic.identifier == ["data.id", "id"])
        #expect(settings.generic.deleted == ["deleted_at"])
        #expect(settings.limits.bytesInFlight == 16 << 20)
        #expect(settings.limits.deliveryBytes == 1 << 20)
        #expect(settings.log.level == .debug)
        #expect(settings.log.format == .json)
    }

    @Test func flagBeatsEnvironmentBeatsFile() throws {
        let yaml = "kafka: {group: file, topics: [file], brokers: 'file:1'}"
        let settings = try SettingsLoader.load(
            yaml: yaml,
            environment: [
                "WINNOW_KAFKA_GROUP": "environment", "WINNOW_KAFKA_TOPICS": "one, two", "WINNOW_LOG_LEVEL": "",
            ],
            overrides: [SettingsOverride(path: "kafka.group", value: "flag", flag: "--group")]
        ).settings
        #expect(settings.kafka.group == "flag")
        #expect(settings.kafka.topics == ["one", "two"])
        #expect(settings.kafka.brokers == ["file:1"])
        #expect(settings.log.level == .info)
    }

    @Test func aWishIsToldFromACopiedDefault() throws {
        let loaded = try SettingsLoader.load(
            yaml: "model: {mask: learned}\nkafka: {group: g}", environment: ["WINNOW_KAFKA_GROUP": "g"],
            overrides: [SettingsOverride(path: "format", value: "auto", flag: "--format")])
        #expect(loaded.askedFor == ["kafka.group", "format"])
    }

    @Test func everyKeyHasItsOwnVariable() {
        let names = SettingsTable.keys.map(\.environmentName)
        #expect(Set(names).count == names.count)
        #expect(names.contains("WINNOW_KAFKA_BROKERS"))
        #expect(names.contains("WINNOW_FORMAT"))
        #expect(names.contains("WINNOW_LIMITS_MICRO_BATCH_AGE"))
    }

    @Test func saysAllFaultsAtOnceWithTheirPlaces() {
        let found = faults(
            """
            kafka:
              brokerz: a:1
              start: earlier
            postgres:
              delivery_connections: 99
              lock_timeout: 20
            modell: {}
            limits: {delivery_age: 2 weeks}
            """, environment: ["WINNOW_MODEL_MASK": "everything"],
            overrides: [SettingsOverride(path: "format", value: "xml", flag: "--format")])
        #expect(found.count == 8)
        let expected = [
            "w.yaml:2:3: \"kafka.brokerz\" is no setting; did you mean kafka.brokers?",
            "w.yaml:3:10: kafka.start must be one of earliest, latest, committed, "
                + "not \"earlier\"; did you mean earliest?",
            "w.yaml:5:25: postgres.delivery_connections must be a whole number from 1 to 16, not \"99\"",
            "w.yaml:6:17: postgres.lock_timeout must be a duration from 100ms to 10m, such as",
            "w.yaml:7:1: \"modell\" is no setting; did you mean model?",
            "w.yaml:8:24: limits.delivery_age must be a duration",
            "WINNOW_MODEL_MASK: model.mask must be one of none, rules, random, learned, not \"everything\"",
            "--format: format must be one of auto, jetstream, x2, x1, mastodon, reddit, generic, not \"xml\"",
        ]
        for sentence in expected {
            #expect(found.contains { $0.hasPrefix(sentence) }, "\(sentence) is not in \(found)")
        }
    }

    @Test(arguments: [
        ("kafka: {brokers: []}", "kafka.brokers must name at least one"),
        ("kafka: {topics: [a b]}", "kafka.topics must be names of letters"),
        ("kafka: {topics: [a, a]}", "names a topic twice"),
        ("kafka: {group: ''}", "kafka.group must not be empty"),
        ("kafka: {properties: {group.id: x}}", "must not set group.id, which belongs to Winnow: use kafka.group"),
        ("kafka: {properties: [a]}", "kafka.properties must be a mapping"),
        ("kafka: {properties: {sasl.password: {file: /nowhere/secret}}}", "the file /nowhere/secret does not exist"),
        ("kafka: {properties: {sasl.password: {env: NOT_SET}}}", "the environment variable \"NOT_SET\" is not set"),
        ("kafka: {properties: {sasl.password: {path: x}}}", "must be a text, {file: PATH} or {env: NAME}"),
        ("kafka: {session_timeout: 15s}", "limits.drain_deadline (20s) must be below kafka.session_timeout (15s)"),
        ("kafka: {group: [a]}", "kafka.group must be a text"),
        ("kafka: {group: {a: b}}", "kafka.group must be a text"),
        ("kafka: {group: \"a\\0b\"}", "kafka.group must not hold a NUL"),
        ("kafka: posts", "kafka must be a mapping"),
        ("- kafka", "the file must be a mapping"),
        ("kafka: {group: a, group: b}", "says \"group\" twice"),
        ("kafka: {group: a", "is no YAML"),
        ("postgres: {url: http://db}", "postgres.url is no libpq connection string"),
        ("postgres: {password_file: /nowhere/pw}", "postgres.password_file: the file /nowhere/pw does not exist"),
        ("postgres: {lock_timeout: 90s}", "postgres.lock_timeout (90s) must be below postgres.statement_timeout (1m)"),
        ("model: {threshold: nan}", "model.threshold must be a number from 0.0 to 1.0"),
        ("generic: {text: []}", "generic.text must name at least one field"),
        ("generic: {text: a..b}", "generic.text must be names with dots between them"),
        ("limits: {delivery_records: 9000}", "delivery_records (9000) must not exceed records_in_flight (8000)"),
        ("maintenance: {keep_tombstones: 1d}", "maintenance.keep_tombstones (1d) must be 0s or at least 7d"),
        ("operations: {listen: nonsense}", "operations.listen must be HOST:PORT"),
        ("operations: {listen: 'a:99999'}", "operations.listen must be HOST:PORT"),
        ("grop: x", "winnow check --print-sample shows all settings"),
        ("group: x", "did you mean kafka.group?"),
    ])
    func refuses(yaml: String, sentence: String) {
        let found = faults(yaml)
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.contains(sentence) == true, "\(found)")
    }

    @Test func aLongWrongValueGivesAShortFault() {
        let found = faults("format: " + String(repeating: "x", count: 100_000))
        #expect(found.count == 1)
        #expect((found.first?.utf8.count ?? 0) < 300)
    }

    @Test func aFileThatIsNotThereIsAFault() {
        #expect(throws: SettingsFailure.self) {
            try SettingsLoader.load(file: "/nowhere/winnow.yaml", environment: [:])
        }
    }

    @Test func unknownVariablesOfOurSectionsAreWarnings() throws {
        let loaded = try SettingsLoader.load(
            yaml: "", environment: ["WINNOW_KAFKA_BROKER": "a:1", "WINNOW_HOME": "/x", "WINNOW_PORT": "tcp://1"])
        #expect(
            loaded.warnings == [
                "the environment variable WINNOW_KAFKA_BROKER is no setting; did you mean WINNOW_KAFKA_BROKERS?"
            ])
    }

    @Test func listensWhereItIsTold() throws {
        func address(_ text: String) throws -> String? {
            let settings = try SettingsLoader.load(yaml: "operations: {listen: \"\(text)\"}").settings
            return settings.operations.address.map { "\($0.host) \($0.port)" }
        }
        #expect(try address("127.0.0.1:0") == "127.0.0.1 0")
        #expect(try address("[::1]:9464") == "::1 9464")
        #expect(try address(":80") == "0.0.0.0 80")
        #expect(try address("") == nil)
    }
}
