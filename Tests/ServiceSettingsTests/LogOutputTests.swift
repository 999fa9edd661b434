// What log lines look like, and that secrets are struck out of them whoever writes them there.
import Foundation
import Observability
import ServiceSettings
import Synchronization
import Testing

private final class Lines: Sendable {
    private let all = Mutex<[String]>([])
    func add(_ line: String) { all.withLock { $0.append(line) } }
    var text: String { all.withLock { $0.joined() } }
}

struct LogOutputTests {
    @Test func textForPeople() throws {
        let lines = Lines()
        let logger = LogOutput(format: .text, write: lines.add).logger(label: "kafka")
        logger.warning("a broker is away", metadata: ["broker": "3", "reason": "no route", "empty": ""])
        logger.debug("not told")
        logger.info("line\nbreak \u{1B}[31m")
        let text = lines.text
        let found = text.split(separator: "\n").map(String.init)
        #expect(found.count == 2)
        let stamp = #/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /#
        #expect(found.allSatisfy { $0.prefixMatch(of: stamp) != nil })
        #expect(found[0].hasSuffix(#"Z warning kafka: a broker is away broker=3 empty="" reason="no route""#))
        #expect(found[1].hasSuffix(#"Z info kafka: line\nbreak \u001b[31m"#))
    }

    @Test func jsonForMachines() throws {
        let lines = Lines()
        var logger = LogOutput(format: .json, write: lines.add).logger(label: "sink", level: .debug)
        logger[metadataKey: "connection"] = "delivery-1"
        logger.debug("said \"no\"\u{0}\n", metadata: ["time": "mine", "tries": "\(3)"])
        let object = try JSONSerialization.jsonObject(with: Data(lines.text.utf8)) as? [String: String]
        #expect(object?["level"] == "debug")
        #expect(object?["logger"] == "sink")
        #expect(object?["message"] == "said \"no\"\u{0}\n")
        #expect(object?["connection"] == "delivery-1")
        #expect(object?["tries"] == "3")
        #expect(object?["field_time"] == "mine")
        #expect(lines.text.split(separator: "\n").count == 1)
    }

    @Test func secretsOfTheSettingsNeverComeOut() throws {
        let yaml = """
            kafka: {properties: {sasl.password: kafkaSecret1, client.id: visible}}
            postgres: {url: "postgresql://me:pg%40Secret2@db/winnow?sslpassword=sslSecret3"}
            """
        let settings = try SettingsLoader.load(yaml: yaml).settings
        for format in [LogFormat.text, .json] {
            let lines = Lines()
            let logger = LogOutput(format: format, secrets: settings.secrets, write: lines.add).logger(label: "x")
            // As careless as can be: settings interpolated, and a library's message that quotes a password.
            logger.error("settings \(settings) \(settings.postgres.url) \(settings.kafka.properties)")
            logger.error(
                "SASL authentication failed for kafkaSecret1",
                metadata: ["detail": "password pg@Secret2 or pg%40Secret2 refused", "key": "sslSecret3 client.id"])
            for secret in ["kafkaSecret1", "pg%40Secret2", "pg@Secret2", "sslSecret3"] {
                #expect(!lines.text.contains(secret), "\(secret) in \(lines.text)")
            }
            #expect(lines.text.contains("SASL authentication failed for ***"))
            #expect(lines.text.contains("visible"))
        }
    }

    @Test func keywordConnectionStringsHaveSecretsToo() throws {
        let yaml = #"postgres: {url: "host=db password='two words' user=me"}"#
        #expect(try SettingsLoader.load(yaml: yaml).settings.secrets.contains("two words"))
    }
}
