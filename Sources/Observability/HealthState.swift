// Whether the process lives and whether it does its work, for /livez and /readyz. Parts report; nobody asks them.
internal import Synchronization

package final class HealthState: Sendable {
    package struct Report: Sendable, Equatable {
        package let isLive: Bool
        package let isReady: Bool
        /// A line for each part that is not well: `kafka: no broker answers`.
        package let reasons: [String]
    }

    private struct Heartbeat: Sendable {
        var last: ContinuousClock.Instant
        let limit: Duration
    }

    private struct State: Sendable {
        /// nil: the part is ready.
        var parts: [String: String?]
        var failures: [String: String] = [:]
        var heartbeats: [String: Heartbeat] = [:]
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameter parts: who must have reported `ready` before the process is.
    package init(
        waitingFor parts: [String], now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.now = now
        state = Mutex(State(parts: Dictionary(parts.map { ($0, "has not started") }) { first, _ in first }))
    }

    package func ready(_ part: String) {
        state.withLock { $0.parts[part] = .some(nil) }
    }

    /// The part cannot work now, for a reason that may pass: a supervisor must not restart the process for it.
    package func notReady(_ part: String, _ reason: String) {
        state.withLock { $0.parts[part] = reason }
    }

    /// The part is broken for good: restarting helps.
    package func failed(_ part: String, _ reason: String) {
        state.withLock { $0.failures[part] = reason }
    }

    /// A loop says that it goes round. When it has not for `limit`, the process counts as dead; the first `limit` given
    /// holds.
    package func beat(_ part: String, within limit: Duration) {
        let now = now()
        state.withLock { state in
            state.heartbeats[part, default: Heartbeat(last: now, limit: limit)].last = now
        }
    }

    /// The loop has ended in good order: it need not beat any more.
    package func endBeat(_ part: String) {
        state.withLock { _ = $0.heartbeats.removeValue(forKey: part) }
    }

    package var report: Report {
        let now = now()
        return state.withLock { state in
            let failures = state.failures.map { "\($0.key): \($0.value)" }
            let stalls = state.heartbeats.filter { now - $0.value.last > $0.value.limit }
                .map { "\($0.key): gave no sign of life for \($0.value.limit)" }
            let waiting = state.parts.compactMap { part in part.value.map { "\(part.key): \($0)" } }
            let isLive = failures.isEmpty && stalls.isEmpty
            return Report(
                isLive: isLive, isReady: isLive && waiting.isEmpty, reasons: (failures + stalls + waiting).sorted())
        }
    }
}
