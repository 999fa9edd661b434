// A record as Kafka gave it, copied out of librdkafka's memory: from here on it is an ordinary Swift value.

/// Microseconds since 1970-01-01 00:00:00 UTC. Leap seconds do not count.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    package init(milliseconds: Int64) {
        // A feed may hold any number: saturate rather than trap.
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000)
        microseconds = overflow ? (milliseconds < 0 ? .min : .max) : product
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }
}

package struct SourceRecord: Sendable {
    package let position: SourcePosition
    /// Kafka's own timestamp (create or append time), nil where the record carries none.
    package let timestamp: Timestamp?
    package let key: [UInt8]?
    /// Nil for a tombstone of a compacted topic.
    package let value: [UInt8]?

    package init(position: SourcePosition, timestamp: Timestamp?, key: [UInt8]?, value: [UInt8]?) {
        self.position = position
        self.timestamp = timestamp
        self.key = key
        self.value = value
    }

    /// What the record counts against the memory budget: payload plus the fixed cost of holding it.
    package var byteCount: Int { (key?.count ?? 0) + (value?.count ?? 0) + 256 }
}
