// Every bound of the stream in one place, and the relations between them. Settings fill it; the machine obeys it.

/// Bounds of one instance. The defaults suit two cores and a local database.
package struct StreamLimits: Hashable, Sendable {
    /// Records held between poll and COMMIT, all partitions together; polling pauses above, resumes at three quarters.
    package var recordsInFlight = 8_000
    /// The same in bytes of payload.
    package var bytesInFlight = 64 << 20
    /// Records handed to a worker at once for decoding, tokenisation and masking.
    package var prepareRecords = 256

    /// A micro-batch for the student closes at the first of these.
    package var microBatchPosts = 64
    package var microBatchTokens = 2_048
    package var microBatchBytes = 1 << 20
    package var microBatchAge: Duration = .milliseconds(25)

    /// A delivery closes at the first of these; while the database is busy the next one grows.
    package var deliveryRecords = 2_000
    package var deliveryBytes = 8 << 20
    package var deliveryAge: Duration = .milliseconds(50)

    /// A partition that was claimed this often in a row without progress is read one record at a time.
    package var isolationAfterCrashes = 2
    /// A record that ended the process this often while it was tried alone becomes a dead letter.
    package var suspectAttempts = 2

    /// What is in flight when a partition is taken away, or at the end, has this long; below Kafka's session timeout.
    package var drainDeadline: Duration = .seconds(20)
    /// How often Kafka is told where we are.
    package var hintInterval: Duration = .seconds(1)
    /// Waiting between tries of what failed for a reason that passes: doubles from the first to the last, with jitter.
    package var retryFirst: Duration = .milliseconds(100)
    package var retryLast: Duration = .seconds(10)

    package init() {}

    /// Sentences about bounds that contradict each other; empty when all is well.
    package var faults: [String] {
        var faults: [String] = []
        func require(_ condition: Bool, _ sentence: String) {
            if !condition { faults.append(sentence) }
        }
        let counts = [
            ("records_in_flight", recordsInFlight), ("bytes_in_flight", bytesInFlight),
            ("prepare_records", prepareRecords), ("micro_batch_posts", microBatchPosts),
            ("micro_batch_tokens", microBatchTokens), ("micro_batch_bytes", microBatchBytes),
            ("delivery_records", deliveryRecords), ("delivery_bytes", deliveryBytes),
            ("isolation_after_crashes", isolationAfterCrashes), ("suspect_attempts", suspectAttempts),
        ]
        for (name, value) in counts { require(value >= 1, "\(name) must be at least 1, not \(value)") }
        require(
            deliveryRecords <= recordsInFlight,
            "delivery_records (\(deliveryRecords)) must not exceed records_in_flight (\(recordsInFlight))")
        require(
            microBatchPosts <= recordsInFlight,
            "micro_batch_posts (\(microBatchPosts)) must not exceed records_in_flight (\(recordsInFlight))")
        require(
            deliveryBytes <= bytesInFlight,
            "delivery_bytes (\(deliveryBytes)) must not exceed bytes_in_flight (\(bytesInFlight))")
        require(retryFirst > .zero && retryFirst <= retryLast, "retry_first must be above 0 and at most retry_last")
        require(drainDeadline > .zero, "drain_deadline must be above 0")
        require(hintInterval > .zero, "hint_interval must be above 0")
        return faults
    }
}
