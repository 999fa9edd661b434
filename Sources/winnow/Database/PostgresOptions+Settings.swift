// From the settings file's words to those of the sink and the maintenance. The one place where the password passes on.
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

extension MaintenancePlan {
    init(_ settings: MaintenanceSettings) {
        func limit(_ duration: Duration) -> Duration? { duration == .zero ? nil : duration }
        self.init()
        weeksAhead = settings.weeksAhead
        keepPosts = limit(settings.keepPosts)
        keepDeadLetters = limit(settings.keepDeadLetters)
        keepTombstones = limit(settings.keepTombstones)
    }
}
