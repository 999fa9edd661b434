// From the settings file's words to the sink's. The one place where the password passes from one to the other.
import PostgresDelivery
import ServiceSettings

extension PostgresOptions {
    init(_ settings: Settings) {
        self.init(
            url: settings.postgres.url.reveal(), password: settings.postgres.password?.reveal(),
            consumerGroup: settings.kafka.group)
        connectTimeout = settings.postgres.connectTimeout
        lockTimeout = settings.postgres.lockTimeout
        statementTimeout = settings.postgres.statementTimeout
    }
}
