// `winnow run`: the stream, with logs, metrics and a graceful end. The work is in `StreamService`.
import ArgumentParser
import Foundation
import Logging
import Observability
import ServiceSettings
import StreamCore

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs the stream: from Kafka through mask and student to PostgreSQL.",
        discussion: """
            Start more instances with the same group to share the partitions among them. The first SIGTERM or Ctrl-C \
            finishes what is in flight within stop.deadline and says what was left; a second one ends at once. Either \
            way nothing is lost: the database holds the position.
            """)

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let loaded = try options.loadOrExit()
        var settings = loaded.settings
        settings.limits.drainDeadline = min(settings.limits.drainDeadline, settings.stop.deadline)
        let output = LogOutput(
            format: LogFormat(rawValue: settings.log.format.rawValue) ?? .text, secrets: settings.secrets)
        output.install(level: Logger.Level(rawValue: settings.log.level.rawValue) ?? .info)
        let logger = Logger(label: "winnow")
        for warning in loaded.warnings { logger.warning("\(warning)") }
        let registry = PrometheusRegistry()
        let health = HealthState(waitingFor: ["kafka", "database"])
        let service = try StreamService(
            settings: settings, isMaskExplicit: loaded.askedFor.contains("model.mask"), logger: logger,
            registry: registry, health: health)
        for model in service.models {
            registry.set(1, .build, Winnow.version, model.student.version.description, "\(model.mask)")
        }
        let server = try await startOperations(settings, registry, health, logger)
        let signals = TerminationSignal(
            onFirst: { _ in
                logger.notice("stopping: finishing what is in flight; a second signal ends at once")
                health.notReady("process", "is stopping")
                service.stop()
            },
            onSecond: { _ in
                logger.warning("ended at once; the next owner goes on from the database's position")
                Foundation.exit(130)
            })
        defer { signals.cancel() }
        for model in service.models { logger.notice("model \(model.summary)") }
        logger.notice("topics \(settings.kafka.topics)")
        let ending = try await service.run()
        await server?.stop()
        report(ending, service.telemetry.outcomes, logger)
        if ending.failure != nil { throw ExitCode(1) }
    }

    private func startOperations(
        _ settings: Settings, _ registry: PrometheusRegistry, _ health: HealthState, _ logger: Logger
    ) async throws -> OperationsServer? {
        guard let address = settings.operations.address else { return nil }
        do throws(OperationsServerFailure) {
            let server = try await OperationsServer.start(
                host: address.host, port: address.port, registry: registry, health: health)
            logger.notice("operations on \(address.host):\(server.port): /metrics /livez /readyz")
            return server
        } catch {
            throw CommandFailure(error.description)
        }
    }

    private func report(_ ending: StreamEnding, _ outcomes: [Outcome: Int], _ logger: Logger) {
        let counts = outcomes.sorted { $0.value > $1.value }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        logger.notice("finished: \(counts.isEmpty ? "nothing" : counts)")
        logger.notice("left to the next owner: \(ending.abandonedRecords) records")
        if let failure = ending.failure { logger.critical("the stream could not go on: \(failure)") }
    }
}
