// A thread for blocking work. Threads are started by the engine alone, which also waits for them.
internal import Foundation

/// Runs a closure on a thread of its own, with a name for debuggers and a stack of a known size.
package struct DedicatedThread: Sendable {
    package let name: String
    private let ended: BlockingQueue<Bool>

    /// - Parameter name: Linux shows the first 15 bytes.
    package init(name: String, stackBytes: Int = 8 << 20, body: @escaping @Sendable () -> Void) {
        self.name = name
        let ended = BlockingQueue<Bool>(name: "end of \(name)", capacity: 1)
        self.ended = ended
        let thread = Thread {
            body()
            ended.send(true)
        }
        thread.name = name
        thread.stackSize = stackBytes
        thread.start()
    }

    /// Waits for the end of the thread; false when the time is over first.
    package func join(timeout: Duration) -> Bool {
        !ended.receiveAll(limit: 1, timeout: timeout).isEmpty
    }
}
