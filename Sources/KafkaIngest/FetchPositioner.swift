// Seeks that have to succeed before a partition may fetch: when to try, and when to give up on seeking. Pure; owned by the
// poll thread.
import Posts

struct FetchPositioner {
    struct Task: Equatable {
        let offset: Int64
        fileprivate(set) var attempts = 0
        fileprivate(set) var nextTry: ContinuousClock.Instant
        /// The fetcher is dead (its offset was out of range): only assigning the partition anew starts it.
        fileprivate(set) var needsRestart: Bool
    }

    /// After so many refused seeks the fetcher is held to be dead.
    static let seekAttempts = 40
    static let firstPause = Duration.milliseconds(5)
    static let longestPause = Duration.milliseconds(100)

    private(set) var tasks: [TopicPartition: Task] = [:]
    private var deadFetchers: Set<TopicPartition> = []

    mutating func add(_ partition: TopicPartition, offset: Int64, now: ContinuousClock.Instant) {
        tasks[partition] = Task(offset: offset, nextTry: now, needsRestart: deadFetchers.contains(partition))
    }

    mutating func remove(_ partition: TopicPartition) {
        tasks[partition] = nil
    }

    mutating func markDead(_ partition: TopicPartition) {
        deadFetchers.insert(partition)
        tasks[partition]?.needsRestart = true
    }

    /// The partition was assigned anew: its fetcher lives.
    mutating func markAlive(_ partition: TopicPartition) {
        deadFetchers.remove(partition)
        tasks[partition]?.needsRestart = false
    }

    func due(now: ContinuousClock.Instant) -> [(partition: TopicPartition, task: Task)] {
        guard !tasks.isEmpty else { return [] }
        return tasks.filter { $0.value.nextTry <= now }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// A try failed: the next one waits longer.
    mutating func failed(_ partition: TopicPartition, now: ContinuousClock.Instant) {
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
