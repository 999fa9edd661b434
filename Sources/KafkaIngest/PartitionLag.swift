// How far behind a partition is, from what the broker, the poll thread and the deliveries know of it. Pure.
package import Posts

package struct PartitionLag: Equatable {
    /// Offsets between the position and the end. Offsets at the end that hold no record do not count.
    package let messages: Int64
    /// 0 where nothing waits, else the age of the last record that was delivered, by whichever instance; where none ever was, the
    /// age of the first that waits. Nil while that has not been read either.
    package let seconds: Double?

    package init(
        nextOffset: Int64, lastDelivered: Timestamp?, highWatermark: Int64, reading: PartitionReading?, now: Timestamp
    ) {
        messages = max(0, highWatermark - (reading?.effectiveOffset(nextOffset) ?? nextOffset))
        let since = lastDelivered ?? reading?.firstTimestamp
        seconds = messages == 0 ? 0 : since.map { max(0, Double(now.microseconds - $0.microseconds) / 1_000_000) }
    }
}
