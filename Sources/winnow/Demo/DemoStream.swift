// The stream of `winnow run`, started and stopped from a command that is busy with other things meanwhile. Adds nothing to it.
import Foundation
import Logging
import Observability
import ServiceSettings
import StreamCore
import Synchronization

final class DemoStream: Sendable {
    private enum Ending: Sendable {
        case ended(StreamEnding)
        case failed(String)
    }

    private let service: StreamService
    private let ending = Mutex<Ending?>(nil)
    private let hasEnded = StopFlag()
    private let stopDeadline: Duration

    init(brokers: String, topic: String, databaseURL: String, options: DemoOptions) throws {
        var settings = Settings()
        settings.kafka.brokers = brokers.split(separator: ",").map(String.init)
        settings.kafka.topics = [topic]
        settings.kafka.group = "demo"
        settings.postgres.url = PostgresAddress(databaseURL)
        settings.format = .jetstream
        if let folder = options.model { settings.model.path = folder }
        if let mask = options.mask { settings.model.mask = mask }
        stopDeadline = settings.stop.deadline + .seconds(15)
        LogOutput(format: .text, secrets: []).install(level: .warning)
        service = try StreamService(
            settings: settings, logger: Logger(label: "winnow"), registry: PrometheusRegistry(),
            health: HealthState(waitingFor: []))
        // The demo reads the tables from its first moment on.
        try service.migrateOnce()
    }

    /// Name, version, languages and mask of each model, for people.
    var description: String { service.models.map(\.summary).joined(separator: "; ") }

    func start() {
        Task { [self] in
            let result: Ending
            do throws(CommandFailure) {
                result = .ended(try await service.run())
            } catch {
                result = .failed(error.description)
            }
            ending.withLock { $0 = result }
            hasEnded.set()
        }
    }

    /// Why the stream is not running any more, nil while it is.
    var failure: String? {
        switch ending.withLock({ $0 }) {
        case nil: nil
        case .failed(let sentence): sentence
        case .ended(let ending): ending.failure.map { "The stream could not go on: \($0)" } ?? "The stream has ended"
        }
    }

    /// Returns at the end of the stream, or when the time has come.
    func waitForEnd(_ seconds: Double) { _ = hasEnded.wait(until: Date(timeIntervalSinceNow: seconds)) }

    /// Finishes what is in flight and waits for the end; answers with a sentence about it.
    func stop() -> String {
        let began = ContinuousClock.now
        service.stop()
        let isDone = hasEnded.wait(until: Date(timeIntervalSinceNow: stopDeadline / .seconds(1)))
        let seconds = ((ContinuousClock.now - began) / .milliseconds(100)).rounded() / 10
        guard isDone, case .ended(let ending) = ending.withLock({ $0 }) else {
            return "The stream did not end in \(seconds) s"
        }
        return "Stream stopped in \(seconds) s, \(ending.abandonedRecords) records left unread"
    }
}
