// Builds the stream of `winnow run` (and of the demo) from settings, in dependency order, and runs it to its end.
import Foundation
import KafkaIngest
import Logging
import ModelFiles
import Observability
import Posts
import PostgresDelivery
import RegistryFormats
import ServiceSettings
import StreamCore
import StreamPipeline
import StudentInference

final class StreamService: Sendable {
    typealias Engine = StreamEngine<KafkaSource, PostgresSinkProvider, StudentStageProvider>

    let settings: Settings
    let models: [StudentComposition.Model]
    let telemetry: StreamTelemetry
    private let source: KafkaSource
    private let flow: FlowGauge
    private let engine: Engine
    private let payloads: RegistryPayloads?
    private let migrations: MigrationRunner
    private let logger: Logger
    private let ended = StopFlag()

    /// Reads the model and checks the settings of Kafka; reaches neither Kafka nor PostgreSQL yet.
    /// - Parameter isMaskExplicit: a person asked for the mask: one that the model lacks is refused, not replaced.
    init(
        settings: Settings, isMaskExplicit: Bool = false, logger: Logger, registry: PrometheusRegistry,
        health: HealthState
    ) throws(CommandFailure) {
        self.settings = settings
        self.logger = logger
        do {
            let students = try StudentComposition(settings.model, isMaskExplicit: isMaskExplicit)
            models = students.models
            for notice in students.notices { logger.notice("\(notice)") }
            let telemetry = StreamTelemetry(registry: registry, health: health, logger: logger)
            self.telemetry = telemetry
            flow = FlowGauge(
                limits: FlowLimits(bytes: settings.limits.bytesInFlight, records: settings.limits.recordsInFlight))
            let wallClock: @Sendable () -> Timestamp = {
                Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
            }
            let inbox = StreamInbox<RoutedPost>(limits: settings.limits, wallClock: wallClock)
            source = try KafkaSource(configuration: settings.kafkaConfiguration, flow: flow) { inbox.post($0) }
            let options = PostgresOptions(settings)
            migrations = MigrationRunner(options: options)
            var configuration = Engine.Configuration()
            configuration.limits = settings.limits
            configuration.lanes = settings.postgres.deliveryConnections
            configuration.workers = students.workers
            configuration.start = StartPosition(rawValue: settings.kafka.start.rawValue) ?? .earliest
            let payloads = RegistryPayloads(settings) { telemetry.observe($0) }
            self.payloads = payloads
            let decoder = RecordDecoder(
                posts: PostDecoder(format: settings.format, generic: settings.generic, mastodon: settings.mastodon),
                payloads: payloads)
            engine = Engine(
                parts: .init(
                    source: source, flow: flow, sinks: PostgresSinkProvider(options: options),
                    stages: StudentStageProvider(students: students.routes, decoder: decoder), inbox: inbox),
                configuration: configuration, wallClock: wallClock, observe: { telemetry.observe($0) })
        } catch let fault as ModelFileFault {
            throw CommandFailure(fault.description)
        } catch let failure as SourceFailure {
            throw CommandFailure(failure.description)
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    /// Drain and end; callable from any thread, more than once.
    func stop() { engine.stop() }

    /// Runs until it is stopped or cannot go on. The schema is made first; where the database is away the group is joined all
    /// the same, and the schema is made as soon as it answers.
    func run() async throws(CommandFailure) -> StreamEnding {
        if try !migrateOnce() { retryMigrations() }
        let reporter = DedicatedThread(name: "winnow-report") { [self] in reportUntilEnd() }
        let maintenance = MaintenanceThread(settings, telemetry, logger)
        source.start()
        let ending = await engine.run()
        // Nothing that a worker answers counts any more: one that still waits for the registry may go.
        payloads?.end()
        ended.set()
        maintenance?.stop()
        _ = reporter.join(timeout: .seconds(2))
        return ending
    }

    /// Makes or upgrades the schema. True when it is there; false when the database cannot be asked now.
    @discardableResult
    func migrateOnce() throws(CommandFailure) -> Bool {
        do {
            let applied = try migrations.run()
            if !applied.isEmpty { logger.notice("schema upgraded: \(applied.joined(separator: ", "))") }
            return true
        } catch {
            guard error.failureClass == .wait else { throw CommandFailure(error.description) }
            telemetry.health.notReady("database", error.description)
            logger.warning("the database cannot be reached yet: \(error)")
            return false
        }
    }

    private func retryMigrations() {
        _ = DedicatedThread(name: "winnow-migrate") { [self] in
            while !ended.wait(until: Date(timeIntervalSinceNow: 2)) {
                do throws(CommandFailure) {
                    if try migrateOnce() { return }
                } catch {
                    logger.error("\(error.description)")
                    return engine.stop()
                }
            }
        }
    }

    /// Lag and flow once a second. High watermarks come from Kafka's statistics: no call of ours waits for a broker here.
    private func reportUntilEnd() {
        var activity = RegistryActivity()
        repeat {
            if let payloads { telemetry.report(payloads.activity, since: &activity) }
            let total = flow.total
            telemetry.registry.set(Double(total.bytes), .bytesInFlight)
            telemetry.registry.set(Double(source.statistics().pausedForFlow), .partitions, "paused")
            telemetry.registry.set(Double(telemetry.positions.count), .partitions, "running")
            telemetry.reportLag(
                highWatermarks: source.highWatermarks(), readings: source.readings(),
                now: Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)))
        } while !ended.wait(until: Date(timeIntervalSinceNow: 1))
    }
}

extension Settings {
    var kafkaConfiguration: KafkaSourceConfiguration {
        var properties = KafkaProperties(kafka.properties.mapValues(\.text))
        properties.setDefault("session.timeout.ms", String(kafka.sessionTimeout.components.seconds * 1_000))
        if let identifier = kafka.instanceIdentifier { properties.setDefault("group.instance.id", identifier) }
        // The machine's own drain ends first; the source's deadline is the net beneath it.
        return KafkaSourceConfiguration(
            brokers: kafka.bootstrapList, topics: kafka.topics, group: kafka.group, properties: properties,
            revokeDeadline: min(limits.drainDeadline + .seconds(2), kafka.sessionTimeout - .seconds(1)),
            prefetchBytes: max(1 << 20, limits.bytesInFlight / 2))
    }
}
