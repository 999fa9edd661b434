// Whatever is done with settings short of asking for a secret by name, the secret does not come out.
import Foundation
import ServiceSettings
import Testing

struct SettingsSecretsTests {
    private static let secret = "hunter2-Zq9"

    private func everythingPrinted(_ settings: Settings) -> String {
        var dumped = ""
        dump(settings, to: &dumped)
        return [
            dumped, "\(settings)", String(reflecting: settings), "\(settings.postgres)", "\(settings.kafka)",
            settings.summaryLines.joined(separator: "\n"),
        ].joined(separator: "\n")
    }

    @Test func secretsPrintAsStars() throws {
        let file = NSTemporaryDirectory() + "winnow-secret-\(UUID().uuidString)"
        try (Self.secret + "\n").write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let settings = try SettingsLoader.load(
            yaml: """
                kafka:
                  properties:
                    sasl.password: \(Self.secret)
                    ssl.key.pem: {file: \(file)}
                    client.rack: {env: RACK}
                    client.id: visible
                postgres:
                  url: postgresql://me:\(Self.secret)@db/winnow?sslpassword=\(Self.secret)
                  password_file: \(file)
                """,
            environment: ["RACK": Self.secret, "WINNOW_KAFKA_PROPERTIES_SSL_KEYSTORE_PASSWORD": Self.secret]
        ).settings
        #expect(settings.kafka.properties["sasl.password"]?.text == Self.secret)
        #expect(settings.kafka.properties["ssl.key.pem"]?.text == Self.secret)
        #expect(settings.kafka.properties["client.rack"]?.text == Self.secret)
        #expect(settings.kafka.properties["ssl.keystore.password"]?.text == Self.secret)
        #expect(settings.postgres.password?.reveal() == Self.secret)
        #expect(settings.postgres.url.reveal().contains(Self.secret))

        let printed = everythingPrinted(settings)
        #expect(!printed.contains(Self.secret))
        #expect(printed.contains("postgresql://me:***@db/winnow?sslpassword=***"))
        #expect(printed.contains("client.id: visible"))
    }

    @Test(arguments: [
        ("postgresql://u:p@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        ("postgresql:///d?host=/run&password=p&user=u", "postgresql:///d?host=/run&password=***&user=u"),
        ("postgres://u:a/b?c@d@h:5432/d", "postgres://u:***@h:5432/d"),
        ("postgresql://u:@h", "postgresql://u:***@h"),
        ("host=h password=p user=u", "host=h password=*** user=u"),
        ("host=h password = 'a \\' b' user=u", "host=h password=*** user=u"),
        ("PASSWORD=p host=h", "PASSWORD=*** host=h"),
        ("nonsense p", "***"),
    ])
    func connectionStringsPrintWithoutPasswords(written: String, shown: String) {
        #expect(PostgresAddress(written).description == shown)
    }

    @Test(arguments: [
        "postgres: {url: 'mysql://me:hunter2-Zq9@db'}",
        "postgres: {url: [hunter2-Zq9]}",
        "kafka: {properties: 'sasl.password hunter2-Zq9'}",
        "kafka: {properties: {sasl.password: [hunter2-Zq9]}}",
        "kafka: {properties: {sasl.password: hunter2-Zq9, group.id: x}}",
        "postgres: {url: \"postgresql://me:hunter2-Zq9@db}",
        "postgres: {url: 'postgresql://me:hunter2-Zq9@db'\n  nonsense: x",
        "postgres:\n  url: postgresql://me:hunter2-Zq9@db: x",
    ])
    func faultsQuoteNoSecret(yaml: String) {
        do {
            _ = try SettingsLoader.load(yaml: yaml)
            Issue.record("accepted")
        } catch {
            #expect(!"\(error)".contains(Self.secret))
            #expect(!error.faults.isEmpty)
        }
    }
}
