// The trainer's parallelism: a fixed number of workers, each with its own activations and gradients, run on as
// many threads as wanted. The split of the work does not depend on the number of threads, so neither do the
// results.
import Dispatch

package final class WorkerGroup {
    package let workers: [NetworkWorker]
    package let threads: Int

    /// `workers` is the number of shares a batch is cut into: part of a run's identity. `threads` is not.
    package init(network: StudentNetwork, workers: Int, threads: Int) {
        precondition(workers > 0 && threads > 0, "a group has at least one worker and one thread")
        self.workers = (0..<workers).map { _ in NetworkWorker(network: network) }
        self.threads = threads
    }

    /// Results of `work` on each item, in order. Item i goes to worker i modulo their number; a worker's items
    /// run one after another.
    package func map<Item: Sendable, Result: Sendable>(
        _ items: [Item], _ work: @Sendable (NetworkWorker, Item) -> Result
    ) -> [Result] {
        let count = workers.count
        let slots = UnsafeMutableBufferPointer<Result?>.allocate(capacity: items.count)
        slots.initialize(repeating: nil)
        defer {
            slots.deinitialize()
            slots.deallocate()
        }
        // Safe because one iteration alone touches a worker and the slots of its items, and all have ended on return.
        nonisolated(unsafe) let (shared, results) = (workers, slots)
        @Sendable func run(_ worker: Int) {
            for index in stride(from: worker, to: items.count, by: count) {
                results[index] = work(shared[worker], items[index])
            }
        }
        if threads == 1 || count == 1 {
            for worker in 0..<count { run(worker) }
        } else {
            DispatchQueue.concurrentPerform(iterations: count) { run($0) }
        }
        return slots.compactMap { $0 }
    }

    /// The gradients of all workers added into the first one's, in a fixed order.
    package func sumGradients() -> FloatBlock {
        let sum = workers[0].gradients
        for worker in workers.dropFirst() { sum.add(worker.gradients) }
        return sum
    }

    package func clearGradients() {
        for worker in workers { worker.gradients.clear() }
    }
}
