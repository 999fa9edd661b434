// Which dead letters a command means. Empty: all of the consumer group.
package import Posts

package struct DeadLetterFilter: Sendable {
    package var identifiers: [Int64] = []
    package var topics: [String] = []
    package var partition: Int32?
    package var reasons: [String] = []
    /// Reasons to leave out, unless `reasons` or `identifiers` name what is wanted.
    package var exceptReasons: [String] = []
    package var firstOffset: Int64?
    /// The first offset that is not meant any more.
    package var endOffset: Int64?
    /// By Kafka's time of the record, half open.
    package var receivedFrom: Timestamp?
    package var receivedBefore: Timestamp?
    /// By the time it became a dead letter.
    package var writtenBefore: Timestamp?

    package init() {}

    /// Nothing narrows it.
    package var isEverything: Bool {
        identifiers.isEmpty && topics.isEmpty && partition == nil && reasons.isEmpty && firstOffset == nil
            && endOffset == nil && receivedFrom == nil && receivedBefore == nil && writtenBefore == nil
    }

    /// Over `winnow.dead_letters AS d`.
    func conditions(consumerGroup: String) -> SearchConditions {
        var conditions = SearchConditions()
        conditions.add("d.consumer_group = ?", consumerGroup)
        conditions.add("d.dead_letter_id = ANY (?)", identifiers)
        conditions.add("d.source_topic = ANY (?)", topics)
        conditions.add("d.source_partition = ?", partition.map(Int64.init))
        conditions.add("d.reason = ANY (?)", reasons)
        if reasons.isEmpty && identifiers.isEmpty { conditions.add("d.reason <> ALL (?)", exceptReasons) }
        conditions.add("d.source_offset >= ?", firstOffset)
        conditions.add("d.source_offset < ?", endOffset)
        conditions.add("d.received_at >= ?", receivedFrom)
        conditions.add("d.received_at < ?", receivedBefore)
        conditions.add("d.written_at < ?", writtenBefore)
        return conditions
    }
}
