// Lets another thread break off whatever a connection waits for. Owned by the provider, shared by its connections.
// Does not close connections: their owner does, when its wait ends.
internal import CLibPQ
internal import Foundation
internal import Synchronization

/// A libpq cancel object, freed with its last reference.
/// Sendable: the pointer never changes after `init`, and libpq documents PQcancel as safe from any thread.
final class CancelHandle: @unchecked Sendable {
    private let handle: OpaquePointer

    /// Nil where the connection is not established.
    init?(connection: OpaquePointer) {
        guard let handle = PQgetCancel(connection) else { return nil }
        self.handle = handle
    }

    deinit { PQfreeCancel(handle) }

    /// Asks the server to cancel what the connection runs. Blocks while it connects.
    func cancel() {
        var message = [CChar](repeating: 0, count: 256)
        _ = PQcancel(handle, &message, Int32(message.count))
    }
}

/// A pipe that becomes readable once and stays so: every `poll` that watches it wakes up.
final class InterruptSignal: Sendable {
    private struct State {
        var isRaised = false
        var running: [Int: CancelHandle] = [:]
        var nextIdentifier = 0
    }

    /// Watched by every wait of every connection.
    let readEnd: Int32
    private let writeEnd: Int32
    private let state = Mutex(State())

    init() {
        var ends: [Int32] = [-1, -1]
        // Without descriptors the process cannot connect either; waits then watch -1, which poll ignores.
        _ = pipe(&ends)
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    var isRaised: Bool { state.withLock { $0.isRaised } }

    func register(_ cancel: CancelHandle) -> Int {
        state.withLock { state in
            state.nextIdentifier += 1
            state.running[state.nextIdentifier] = cancel
            return state.nextIdentifier
        }
    }

    func unregister(_ identifier: Int) {
        state.withLock { _ = $0.running.removeValue(forKey: identifier) }
    }

    /// Wakes every wait, for good, and asks the servers to stop on a thread of its own, as that may block.
    func raise() {
        let cancels = state.withLock { state in
            state.isRaised = true
            return Array(state.running.values)
        }
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
        guard !cancels.isEmpty else { return }
        Thread.detachNewThread {
            for cancel in cancels { cancel.cancel() }
        }
    }
}
