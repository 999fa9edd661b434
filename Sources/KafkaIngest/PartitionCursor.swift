// Decides for each record of a fetching partition whether it may be emitted. Pure. It does not trust that the
// client's prefetch queue is clean after a seek: a stale record ahead of the position would look like a gap and lose
// what lies between.

package struct PartitionCursor: Hashable, Sendable {
    package enum Verdict: Hashable, Sendable {
        case emit
        /// Before the position: delivered twice.
        case drop
        /// Ahead of the position right after a start: it must be confirmed. Drop it and seek again to the offset.
        case reposition(Int64)
    }

    /// The smallest offset that may come next.
    package private(set) var expected: Int64
    /// Nothing has been emitted since the last start, seek or resume.
    package private(set) var isFresh: Bool
    /// What the first record was when the start was last tried.
    private var candidate: Int64?

    package init(expected: Int64) {
        self.expected = expected
        isFresh = true
    }

    /// Fetching starts anew at `expected`: after a resume, or when librdkafka may have restarted the fetch by itself.
    package mutating func restart() {
        isFresh = true
    }

    /// A jump in the middle of a stream is a gap of the topic (compaction, transaction markers). A jump right after a
    /// start is believed only when a second seek to the same offset shows the same first record.
    package mutating func judge(_ offset: Int64) -> Verdict {
        if offset < expected { return .drop }
        if offset > expected, isFresh, candidate != offset {
            candidate = offset
            return .reposition(expected)
        }
        expected = offset + 1
        isFresh = false
        candidate = nil
        return .emit
    }
}
