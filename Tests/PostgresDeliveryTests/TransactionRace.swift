// Two transactions at once: the first is held just before its end, with all of its row locks taken, until the second
// waits for it.
import Foundation
import PostgresDelivery
import Synchronization
import Testing

struct TransactionRace {
    let database: TestDatabase
    /// What the first transaction writes last.
    let brakeTable: String

    /// Runs both bodies on threads of their own and waits for their ends.
    func run(first: @escaping @Sendable () -> Void, second: @escaping @Sendable () -> Void) throws {
        let brake = try database.session()
        try brake.script("BEGIN; LOCK TABLE \(brakeTable) IN EXCLUSIVE MODE")
        let group = DispatchGroup()
        func start(_ body: @escaping @Sendable () -> Void) {
            group.enter()
            Thread.detachNewThread {
                body()
                group.leave()
            }
        }
        start(first)
        try waitForWaiters(1)
        start(second)
        try waitForWaiters(2)
        try brake.script("COMMIT")
        group.wait()
    }

    /// Until so many backends wait for a lock, within ten seconds.
    private func waitForWaiters(_ count: Int) throws {
        let session = try database.session()
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            let rows = try session.rows(
                "SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = $1",
                [database.name])
            if rows.first?.first == String(count) { return }
            // Yields inside the server: the wait is bounded by the deadline above.
            _ = try session.rows("SELECT pg_sleep(0.01)::text")
        }
        Issue.record("no \(count) backends wait")
    }
}

/// A result that another thread leaves behind.
final class LeftBehind<Value: Sendable>: Sendable {
    private let stored = Mutex<Value?>(nil)
    var value: Value? { stored.withLock { $0 } }
    func leave(_ value: Value) { stored.withLock { $0 = value } }
}
