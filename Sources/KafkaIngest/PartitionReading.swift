// What the poll thread learns about lag while it reads: from when on records wait, and where nothing waits although the
// partition goes on (transaction markers, aborted transactions). Pure; drives nothing but what is shown.
package import Posts

package struct PartitionReading: Hashable, Sendable {
    /// Kafka's time of the first record since the partition was put into place: what waits is at least as young.
    package fileprivate(set) var firstTimestamp: Timestamp?
    /// No record lies in here. Who has delivered up to the lower bound has nothing to wait for below the upper.
    package fileprivate(set) var emptyTail: Range<Int64>?
    fileprivate var hasRead = false

    package init() {}

    /// Where a delivery that has reached `nextOffset` really is.
    package func effectiveOffset(_ nextOffset: Int64) -> Int64 {
        guard let emptyTail, emptyTail.lowerBound == nextOffset else { return nextOffset }
        return emptyTail.upperBound
    }
}

/// Of all partitions that are fetched. Each change is told to others; between changes a record costs one look.
package struct PartitionReadings: Sendable {
    package private(set) var values: [TopicPartition: PartitionReading] = [:]

    package init() {}

    /// Reading begins anew, at another offset.
    package mutating func began(_ partition: TopicPartition) { values[partition] = PartitionReading() }

    package mutating func removed(_ partition: TopicPartition) { values[partition] = nil }

    /// A record was read. True where that changes what is known.
    package mutating func read(_ partition: TopicPartition, timestamp: Timestamp?) -> Bool {
        guard var reading = values[partition], !reading.hasRead || reading.emptyTail != nil else { return false }
        if !reading.hasRead { reading.firstTimestamp = timestamp }
        reading.hasRead = true
        reading.emptyTail = nil
        values[partition] = reading
        return true
    }

    /// The end was reached at `end`, after all records below `expected` were read. True where that is news.
    package mutating func reachedEnd(_ partition: TopicPartition, expected: Int64, end: Int64) -> Bool {
        guard let reading = values[partition], end >= expected else { return false }
        let tail = end > expected ? expected..<end : nil
        guard reading.emptyTail != tail else { return false }
        values[partition]?.emptyTail = tail
        return true
    }
}
