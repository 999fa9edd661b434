// The maintenance beside the stream of `winnow run`: a thread and a connection of its own, again after each interval. A failure
// is told and tried again; nothing of the stream waits for it.
import Foundation
import Logging
import Observability
import PostgresDelivery
import ServiceSettings
import StreamCore
import StreamPipeline

final class MaintenanceThread: Sendable {
    private let maintenance: DatabaseMaintenance
    private let ended = StopFlag()
    private let thread: DedicatedThread

    /// Nil where the settings leave the maintenance to others.
    init?(_ settings: Settings, _ telemetry: StreamTelemetry, _ logger: Logger) {
        let interval = settings.maintenance.interval / .seconds(1)
        guard interval > 0 else { return nil }
        let maintenance = DatabaseMaintenance(
            options: PostgresOptions(settings), plan: MaintenancePlan(settings.maintenance))
        let ended = ended
        self.maintenance = maintenance
        thread = DedicatedThread(name: "winnow-maintain") {
            while !ended.wait(until: Date(timeIntervalSinceNow: interval)) {
                Self.run(maintenance, telemetry.registry, logger)
            }
        }
    }

    /// Breaks off what runs and waits for the thread; the server rolls back what was half done.
    func stop() {
        ended.set()
        maintenance.stop()
        _ = thread.join(timeout: .seconds(2))
    }

    private static func run(_ maintenance: DatabaseMaintenance, _ registry: PrometheusRegistry, _ logger: Logger) {
        do throws(DatabaseFailure) {
            let report = try maintenance.run()
            for task in report.tasks where task.count > 0 {
                registry.add(task.count, to: .maintenance, task.name, "done")
                logger.info("maintenance: \(task.name): \(task.count)")
            }
            for task in report.failures {
                registry.add(to: .maintenance, task.name, "failed")
                logger.warning("maintenance: \(task.name): \(task.failure?.description ?? "failed"); again later")
            }
        } catch {
            registry.add(to: .maintenance, "connection", "failed")
            logger.warning("maintenance: \(error); again later")
        }
    }
}
