// Blocking work of tests on threads of their own. The tasks of all tests share a thread a core: two tests that wait for a program
// on them would hold up every other one, and whatever the tests serve over HTTP.
import Foundation

/// Runs `work` on a new thread; the task that asks is suspended meanwhile.
func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
    }
}
