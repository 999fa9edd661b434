// Seeks that have to succeed before a partition may fetch: when to try, and when to give up on seeking. Pure; owned
// by the poll thread.
package import Posts

package struct FetchPositioner: Sendable {
    package struct Task: Hashable, Sendable {
        package let offset: Int64
        package fileprivate(set) var attempts = 0
        package fileprivate(set) var nextTry: ContinuousClock.Instant
        /// The fetcher is dead (its offset was out of range): only assigning the partition anew starts it.
        package fileprivate(set) var needsRestart: Bool
    }

    /// After so many refused seeks the fetcher is held to be dead.
    package static let seekAttempts = 40
    package static let firstPause = Duration.milliseconds(5)
    package static let longestPause = Duration.milliseconds(100)

    package private(set) var tasks: [TopicPartition: Task] = [:]
    private var deadFetchers: Set<TopicPartition> = []

    package init() {}

    package mutating func add(_ partition: TopicPartition, offset: Int64, now: ContinuousClock.Instant) {
        tasks[partition] = Task(offset: offset, nextTry: now, needsRestart: deadFetchers.contains(partition))
    }

    package mutating func remove(_ partition: TopicPartition) {
        tasks[partition] = nil
    }

    package mutating func markDead(_ partition: TopicPartition) {
        deadFetchers.insert(partition)
        tasks[partition]?.needsRestart = true
    }

    /// The partition was assigned anew: its fetcher lives.
    package mutating func markAlive(_ partition: TopicPartition) {
        deadFetchers.remove(partition)
        tasks[partition]?.needsRestart = false
    }

    package func due(now: ContinuousClock.Instant) -> [(partition: TopicPartition, task: Task)] {
        guard !tasks.isEmpty else { return [] }
        return tasks.filter { $0.value.nextTry <= now }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// A try failed: the next one waits longer.
    package mutating func failed(_ partition: TopicPartition, now: ContinuousClock.Instant) {
        guard var task = tasks[partition] else { return }
        task.attempts += 1
        let pause = min(Self.firstPause * (1 << min(task.attempts, 6)), Self.longestPause)
        task.nextTry = now + pause
        if task.attempts >= Self.seekAttempts {
            task.needsRestart = true
            task.attempts = 0
        }
        tasks[partition] = task
    }
}
