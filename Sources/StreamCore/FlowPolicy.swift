// When a partition has to pause and when it may go on: pure arithmetic over what is in flight. It knows neither Kafka
// nor time; `FlowGauge` keeps the sums and asks here.

/// A pair of marks with hysteresis: at `high` or above it blocks, at `low` or below it opens again.
package struct FlowMark: Hashable, Sendable {
    package let low: Int
    package let high: Int

    /// `low` must lie below `high`, or a partition would pause and resume with each record.
    package init(low: Int, high: Int) {
        precondition(low >= 0 && low < high, "a low-water mark lies below its high-water mark")
        self.low = low
        self.high = high
    }

    func isBlocked(_ amount: Int, before: Bool) -> Bool { before ? amount > low : amount >= high }
}

/// The bounds of what may be in flight between Kafka and the database.
package struct FlowLimits: Hashable, Sendable {
    package let totalBytes: FlowMark
    package let totalRecords: FlowMark
    package let partitionBytes: FlowMark
    package let partitionRecords: FlowMark

    package init(
        totalBytes: FlowMark, totalRecords: FlowMark, partitionBytes: FlowMark, partitionRecords: FlowMark
    ) {
        self.totalBytes = totalBytes
        self.totalRecords = totalRecords
        self.partitionBytes = partitionBytes
        self.partitionRecords = partitionRecords
    }

    /// Marks derived from one budget: open again at half of it; one partition may take half of the whole.
    package init(bytes: Int, records: Int) {
        precondition(bytes >= 4 && records >= 4, "a budget holds at least four bytes and four records")
        self.init(
            totalBytes: FlowMark(low: bytes / 2, high: bytes),
            totalRecords: FlowMark(low: records / 2, high: records),
            partitionBytes: FlowMark(low: bytes / 4, high: bytes / 2),
            partitionRecords: FlowMark(low: records / 4, high: records / 2))
    }
}

/// What is in flight: taken from Kafka and neither committed nor dropped.
package struct FlowShare: Hashable, Sendable {
    package var records: Int
    package var bytes: Int

    package init(records: Int = 0, bytes: Int = 0) {
        self.records = records
        self.bytes = bytes
    }
}

/// Which of its two measures blocks a share.
package struct FlowBlock: Hashable, Sendable {
    package var byBytes: Bool
    package var byRecords: Bool

    package init(byBytes: Bool = false, byRecords: Bool = false) {
        self.byBytes = byBytes
        self.byRecords = byRecords
    }

    package var isBlocked: Bool { byBytes || byRecords }
}

package struct FlowPolicy: Hashable, Sendable {
    package let limits: FlowLimits

    package init(limits: FlowLimits) { self.limits = limits }

    /// Whether everything has to pause.
    package func totalBlock(_ share: FlowShare, before: FlowBlock) -> FlowBlock {
        FlowBlock(
            byBytes: limits.totalBytes.isBlocked(share.bytes, before: before.byBytes),
            byRecords: limits.totalRecords.isBlocked(share.records, before: before.byRecords))
    }

    /// Whether one partition has to pause for its own share.
    package func partitionBlock(_ share: FlowShare, before: FlowBlock) -> FlowBlock {
        FlowBlock(
            byBytes: limits.partitionBytes.isBlocked(share.bytes, before: before.byBytes),
            byRecords: limits.partitionRecords.isBlocked(share.records, before: before.byRecords))
    }
}
