// The one owner of a consuming librdkafka client and its queue. All calls are short; none waits for the network
// beyond the bound named at the call. It decides nothing: `PollLoop` does.
import CRdKafka
import Posts
import StreamCore

/// Sendable without a lock: librdkafka's handles may be used from any thread by contract, and this value has one owner.
struct ConsumerClient: ~Copyable, @unchecked Sendable {
    let client: OpaquePointer
    /// The consumer queue, to which everything else of the client is forwarded.
    let queue: OpaquePointer

    init(_ configuration: KafkaSourceConfiguration) throws(SourceFailure) {
        let settings = try RdKafkaConfiguration(configuration.consumerProperties())
        settings.enableEvents(
            RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT
                | RD_KAFKA_EVENT_STATS | RD_KAFKA_EVENT_LOG)
        let client = try settings.makeClient(RD_KAFKA_CONSUMER)
        rd_kafka_poll_set_consumer(client)
        RdKafkaLibrary.serveTokensInBackground(client)
        guard let queue = rd_kafka_queue_get_consumer(client) else {
            rd_kafka_destroy_flags(client, Int32(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE))
            throw SourceFailure(
                code: "configuration", detail: "librdkafka gave no consumer queue: kafka.group is missing",
                isRetriable: false)
        }
        rd_kafka_set_log_queue(client, queue)
        self.client = client
        self.queue = queue
    }

    /// Frees the client without leaving the group: leaving is `beginLeaving`, bounded by the poll loop. May block: it
    /// is called on a thread of its own.
    deinit {
        rd_kafka_queue_destroy(queue)
        rd_kafka_destroy_flags(client, Int32(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE))
    }

    func subscribe(to topics: [String]) throws(SourceFailure) {
        let list = TopicPartitionList(topics.map { TopicPartition(topic: $0, partition: -1) })
        let code = KafkaErrorCode(rd_kafka_subscribe(client, list.pointer))
        if code != .none { throw SourceFailure(code, doing: "Subscribing to the topics of kafka.topics") }
    }

    /// Waits until an event is there, `wake` was called, or the time is over. The event is the caller's to destroy.
    func poll(milliseconds: Int32) -> OpaquePointer? { rd_kafka_queue_poll(queue, milliseconds) }

    // MARK: Assignment

    var isCooperative: Bool {
        guard let protocolName = rd_kafka_rebalance_protocol(client) else { return false }
        return String(cString: protocolName) == "COOPERATIVE"
    }

    var isAssignmentLost: Bool { rd_kafka_assignment_lost(client) != 0 }

    /// Replaces the whole assignment (eager protocol).
    func assign(_ offsets: [TopicPartition: Int64]) throws(SourceFailure) {
        let list = TopicPartitionList(offsets.keys.sorted()) { offsets[$0] }
        let code = KafkaErrorCode(rd_kafka_assign(client, list.pointer))
        if code != .none { throw SourceFailure(code, doing: "Taking over the assigned partitions") }
    }

    /// Gives everything back (eager protocol, or after an error of the rebalance).
    func unassignAll() throws(SourceFailure) {
        let code = KafkaErrorCode(rd_kafka_assign(client, nil))
        if code != .none { throw SourceFailure(code, doing: "Giving partitions back") }
    }

    func addToAssignment(_ offsets: [TopicPartition: Int64]) throws(SourceFailure) {
        let list = TopicPartitionList(offsets.keys.sorted()) { offsets[$0] }
        let error = rd_kafka_incremental_assign(client, list.pointer)
        if let failure = SourceFailure(consuming: error, doing: "Taking over added partitions") { throw failure }
    }

    func removeFromAssignment(_ partitions: [TopicPartition]) throws(SourceFailure) {
        let list = TopicPartitionList(partitions)
        let error = rd_kafka_incremental_unassign(client, list.pointer)
        if let failure = SourceFailure(consuming: error, doing: "Giving back revoked partitions") { throw failure }
    }

    // MARK: Fetching

    /// Takes effect at once: what is queued for these partitions is void when this returns.
    func pause(_ partitions: [TopicPartition]) {
        let list = TopicPartitionList(partitions)
        rd_kafka_pause_partitions(client, list.pointer)
    }

    /// Only for partitions that are paused: versions before 2.4 deliver again from the start otherwise.
    func resume(_ partitions: [TopicPartition]) {
        let list = TopicPartitionList(partitions)
        rd_kafka_resume_partitions(client, list.pointer)
    }

    /// Waits at most `milliseconds` for librdkafka's own thread, not for a broker. A seek that timed out may still
    /// happen.
    func seek(_ partition: TopicPartition, offset: Int64, milliseconds: Int32) -> KafkaErrorCode {
        guard let topic = rd_kafka_topic_new(client, partition.topic, nil) else {
            return KafkaErrorCode(rd_kafka_last_error())
        }
        defer { rd_kafka_topic_destroy(topic) }
        return KafkaErrorCode(rd_kafka_seek(topic, partition.partition, offset, milliseconds))
    }

    // MARK: The rest

    /// Sends a commit; its result arrives as an event on the queue.
    func commit(_ offsets: [TopicPartition: Int64]) -> KafkaErrorCode {
        let list = TopicPartitionList(offsets.keys.sorted()) { offsets[$0] }
        return KafkaErrorCode(rd_kafka_commit_queue(client, list.pointer, queue, nil, nil))
    }

    func beginLeaving() throws(SourceFailure) {
        let error = rd_kafka_consumer_close_queue(client, queue)
        if let failure = SourceFailure(consuming: error, doing: "Leaving the consumer group") { throw failure }
    }

    var hasLeft: Bool { rd_kafka_consumer_closed(client) != 0 }

    /// The error that killed the client, if one did.
    var fatalCode: KafkaErrorCode? {
        let code = KafkaErrorCode(rd_kafka_fatal_error(client, nil, 0))
        return code == .none ? nil : code
    }
}
