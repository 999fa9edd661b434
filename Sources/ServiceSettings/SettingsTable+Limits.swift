// The keys of StreamLimits. Ranges here keep single values sane; the relations between them are StreamLimits.faults.
internal import StreamCore

extension SettingsTable {
    static let limits: [SettingsKey] = [
        .integer(
            "limits.records_in_flight", \.limits.recordsInFlight, 1...10_000_000,
            "Records between poll and commit, all partitions together; polling pauses above."),
        .byteCount(
            "limits.bytes_in_flight", \.limits.bytesInFlight, (1 << 20)...(1 << 40),
            "Payload between poll and commit; polling pauses above."),
        .integer(
            "limits.prepare_records", \.limits.prepareRecords, 1...100_000,
            "Records that a worker takes at once for decoding and masking."),
        .integer(
            "limits.micro_batch_posts", \.limits.microBatchPosts, 1...10_000,
            "A micro-batch for the student closes when it has this many posts."),
        .integer(
            "limits.micro_batch_tokens", \.limits.microBatchTokens, 1...1_000_000,
            "It closes when it has this many tokens."),
        .byteCount(
            "limits.micro_batch_bytes", \.limits.microBatchBytes, 1...(1 << 30),
            "It closes when it has this much text."),
        .duration(
            "limits.micro_batch_age", \.limits.microBatchAge, .milliseconds(1) ... .seconds(60),
            "It closes this long after its first post, full or not."),
        .integer(
            "limits.delivery_records", \.limits.deliveryRecords, 1...1_000_000,
            "A transaction closes when it has this many records."),
        .byteCount(
            "limits.delivery_bytes", \.limits.deliveryBytes, 1...(1 << 40),
            "It closes when it has this much payload."),
        .duration(
            "limits.delivery_age", \.limits.deliveryAge, .milliseconds(1) ... .seconds(60),
            "It closes this long after its first record, full or not."),
        .integer(
            "limits.isolation_after_crashes", \.limits.isolationAfterCrashes, 1...100,
            "A partition whose owner ended this often in a row without progress is read one record at a time."),
        .integer(
            "limits.suspect_attempts", \.limits.suspectAttempts, 1...100,
            "A record that ended the process this often while tried alone becomes a dead letter."),
        .duration(
            "limits.drain_deadline", \.limits.drainDeadline, .milliseconds(100) ... .seconds(600),
            "How long what is in flight may take when a partition is taken away; below kafka.session_timeout."),
        .duration(
            "limits.hint_interval", \.limits.hintInterval, .milliseconds(10) ... .seconds(3_600),
            "How often Kafka is told where we are."),
        .duration(
            "limits.retry_first", \.limits.retryFirst, .milliseconds(1) ... .seconds(60),
            "The first wait before what failed is tried again; each further one is twice as long."),
        .duration(
            "limits.retry_last", \.limits.retryLast, .milliseconds(1) ... .seconds(3_600),
            "The longest wait before what failed is tried again."),
    ]
}
