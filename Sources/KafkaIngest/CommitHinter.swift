// Which offsets still have to be told to Kafka, for lag tools. Pure; owned by the poll thread. The database has the
// truth, so that a hint that cannot be given is worth nothing but another try with the next one.
package import Posts

package struct CommitHinter: Sendable {
    private var pending: [TopicPartition: Int64] = [:]
    private var underWay: [TopicPartition: Int64] = [:]

    package init() {}

    /// Newer offsets replace older ones, also smaller ones: an operator may have moved the group back.
    package mutating func add(_ offsets: [TopicPartition: Int64]) {
        pending.merge(offsets) { $1 }
    }

    /// What to commit now: nothing while a commit is under way.
    package mutating func next(assigned: (TopicPartition) -> Bool) -> [TopicPartition: Int64]? {
        guard underWay.isEmpty, !pending.isEmpty else { return nil }
        underWay = pending.filter { assigned($0.key) }
        pending = [:]
        return underWay.isEmpty ? nil : underWay
    }

    /// The answer. An old generation or an unknown member is never retried: the partitions have another owner.
    package mutating func finished(_ code: KafkaErrorCode) {
        defer { underWay = [:] }
        guard code != .none, code != .illegalGeneration, code != .unknownMember else { return }
        // Newer hints win over the ones that failed.
        pending.merge(underWay) { newer, _ in newer }
    }
}
