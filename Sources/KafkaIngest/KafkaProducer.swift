// Sends records to Kafka and counts what became of each: acknowledged or failed, never forgotten. Senders wait while
// too much is in flight. For `winnow produce`, the demonstration and tests; the stream itself writes to the database
// only.
import CRdKafka
import Foundation
package import StreamCore

package final class KafkaProducer: Sendable {
    package struct Counts: Hashable, Sendable {
        /// Taken by `send`.
        package fileprivate(set) var accepted = 0
        /// Stored by the broker, as far as `acks` asks.
        package fileprivate(set) var acknowledged = 0
        /// Given up after librdkafka's own retries.
        package fileprivate(set) var failed = 0
        package var inFlight: Int { accepted - acknowledged - failed }
    }

    private let core: ProducerCore
    private let ledger: ProducerLedger

    /// Reaches no broker yet.
    /// - Parameter inFlightLimit: How many records may wait for their acknowledgement.
    package init(
        brokers: String, properties: KafkaProperties = KafkaProperties(), inFlightLimit: Int = 20_000
    ) throws(SourceFailure) {
        precondition(inFlightLimit > 0, "a producer needs room for a record")
        var settings = properties
        settings.setDefault("client.id", "winnow")
        settings.setDefault("socket.nagle.disable", "true")
        settings.setDefault("linger.ms", "5")
        settings.setDefault("partitioner", "murmur2_random")
        // No duplicates and no reordering by retries; whoever sets acks themselves decides otherwise.
        if settings["acks"] == nil, settings["request.required.acks"] == nil {
            settings.setDefault("enable.idempotence", "true")
        }
        settings.setDefault("queue.buffering.max.messages", String(max(100_000, inFlightLimit * 2)))
        settings.setDefault("queue.buffering.max.kbytes", "65536")
        settings["bootstrap.servers"] = brokers
        ledger = ProducerLedger(limit: inFlightLimit)
        core = try ProducerCore(settings, ledger: ledger)
        core.startServing()
    }

    deinit { core.stopServing() }

    package var counts: Counts { ledger.snapshot.counts }

    /// The code and sentence of the latest record that was given up, nil while there is none.
    package var lastFailure: SourceFailure? { ledger.snapshot.lastFailure }

    /// How many partitions a topic has now. Blocks within `deadline`.
    package func partitionCount(ofTopic topic: String, within deadline: Duration = .seconds(10)) throws(SourceFailure)
        -> Int32
    {
        try core.partitionCount(ofTopic: topic, milliseconds: Int32(clamping: Int64(deadline / .milliseconds(1))))
    }

    /// Hands one record over; blocks while the bound is reached. What is thrown was not accepted and is not counted.
    /// - Parameter partition: Nil: by the key's hash, at random without a key.
    package func send(
        topic: String, partition: Int32? = nil, key: [UInt8]? = nil, value: [UInt8]?
    ) throws(SourceFailure) {
        ledger.waitForRoom()
        while true {
            let code = core.produce(topic: topic, partition: partition ?? -1, key: key, value: value)
            switch code {
            case .none: return
            case .queueFull: ledger.waitForProgress(.milliseconds(100))
            default:
                ledger.takeBack()
                throw SourceFailure(code, doing: "Sending a record to topic \(topic)")
            }
        }
    }

    /// Waits until nothing is in flight, or the time is over; true where every record has its answer.
    package func flush(within deadline: Duration) -> Bool {
        core.hurry()
        return ledger.waitUntilEmpty(.now + deadline)
    }
}

/// What became of the records, shared by senders and the serving thread.
/// Sendable by `condition`: all stored values are read and written under its lock.
private final class ProducerLedger: @unchecked Sendable {
    private let condition = NSCondition()
    private let limit: Int
    private var counts = KafkaProducer.Counts()
    private var lastFailure: SourceFailure?

    init(limit: Int) { self.limit = limit }

    var snapshot: (counts: KafkaProducer.Counts, lastFailure: SourceFailure?) {
        condition.lock()
        defer { condition.unlock() }
        return (counts, lastFailure)
    }

    /// Counts a record as accepted, once there is room.
    func waitForRoom() {
        condition.lock()
        while counts.inFlight >= limit { condition.wait() }
        counts.accepted += 1
        condition.unlock()
    }

    func takeBack() {
        condition.lock()
        counts.accepted -= 1
        condition.broadcast()
        condition.unlock()
    }

    func waitForProgress(_ duration: Duration) {
        condition.lock()
        _ = condition.wait(until: Date(timeIntervalSinceNow: duration / .seconds(1)))
        condition.unlock()
    }

    func settle(acknowledged: Int, failed: Int, failure: SourceFailure?) {
        condition.lock()
        counts.acknowledged += acknowledged
        counts.failed += failed
        if let failure { lastFailure = failure }
        condition.broadcast()
        condition.unlock()
    }

    func waitUntilEmpty(_ deadline: ContinuousClock.Instant) -> Bool {
        let limit = Date(timeIntervalSinceNow: (deadline - .now) / .seconds(1))
        condition.lock()
        defer { condition.unlock() }
        while counts.inFlight > 0 {
            guard condition.wait(until: limit) else { return counts.inFlight == 0 }
        }
        return true
    }
}

/// Owner of the producing client; its serving thread keeps it alive until it has ended.
/// Sendable: librdkafka's handles may be used from any thread; `topics` and `isStopping` are guarded by `lock`.
private final class ProducerCore: @unchecked Sendable {
    private let client: OpaquePointer
    private let queue: OpaquePointer
    private let ledger: ProducerLedger
    private let lock = NSLock()
    private var topics: [String: OpaquePointer] = [:]
    private var isStopping = false

    init(_ properties: KafkaProperties, ledger: ProducerLedger) throws(SourceFailure) {
        let settings = try RdKafkaConfiguration(properties)
        settings.silence()
        settings.enableEvents(RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR)
        let client = try settings.makeClient(RD_KAFKA_PRODUCER)
        RdKafkaLibrary.serveTokensInBackground(client)
        guard let queue = rd_kafka_queue_get_main(client) else {
            rd_kafka_destroy(client)
            throw SourceFailure(code: "configuration", detail: "librdkafka gave no event queue", isRetriable: false)
        }
        self.client = client
        self.queue = queue
        self.ledger = ledger
    }

    deinit {
        for topic in topics.values { rd_kafka_topic_destroy(topic) }
        rd_kafka_queue_destroy(queue)
        // Whatever was not acknowledged is void by now: whoever needed it has called `flush`.
        rd_kafka_purge(client, Int32(RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT))
        rd_kafka_destroy(client)
    }

    func startServing() {
        let thread = Thread { [self] in
            while lock.withLock({ !isStopping }) { serve() }
        }
        thread.name = "kafka-producer"
        thread.start()
    }

    func stopServing() {
        lock.withLock { isStopping = true }
        rd_kafka_queue_yield(queue)
    }

    func hurry() { rd_kafka_flush(client, 0) }

    func produce(topic: String, partition: Int32, key: [UInt8]?, value: [UInt8]?) -> KafkaErrorCode {
        guard let handle = handle(ofTopic: topic) else { return KafkaErrorCode(rd_kafka_last_error()) }
        let flags = Int32(RD_KAFKA_MSG_F_COPY)
        let result = Self.withPointer(key) { key in
            Self.withPointer(value) { value in
                // RD_KAFKA_MSG_F_COPY: the payload is only read.
                rd_kafka_produce(
                    handle, partition, flags, UnsafeMutableRawPointer(mutating: value.baseAddress), value.count,
                    key.baseAddress, key.count, nil)
            }
        }
        return result == 0 ? .none : KafkaErrorCode(rd_kafka_last_error())
    }

    func partitionCount(ofTopic topic: String, milliseconds: Int32) throws(SourceFailure) -> Int32 {
        let doing = "Asking Kafka for the partitions of topic \(topic)"
        guard let handle = handle(ofTopic: topic) else {
            throw SourceFailure(KafkaErrorCode(rd_kafka_last_error()), doing: doing)
        }
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = KafkaErrorCode(rd_kafka_metadata(client, 0, handle, &metadata, milliseconds))
        guard code == .none, let metadata else { throw SourceFailure(code, doing: doing) }
        defer { rd_kafka_metadata_destroy(metadata) }
        guard let found = metadata.pointee.topics?.pointee, found.partition_cnt > 0 else {
            throw SourceFailure(KafkaErrorCode(rawValue: 3), doing: doing)
        }
        return found.partition_cnt
    }

    private func serve() {
        guard let event = rd_kafka_queue_poll(queue, 200) else { return }
        defer { rd_kafka_event_destroy(event) }
        guard rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR else { return }
        var (acknowledged, failed) = (0, 0)
        var failure: SourceFailure?
        while let message = rd_kafka_event_message_next(event) {
            let code = KafkaErrorCode(message.pointee.err)
            if code == .none {
                acknowledged += 1
            } else {
                failed += 1
                failure = SourceFailure(code, doing: "Delivering a record")
            }
        }
        ledger.settle(acknowledged: acknowledged, failed: failed, failure: failure)
    }

    private func handle(ofTopic name: String) -> OpaquePointer? {
        lock.withLock {
            if let known = topics[name] { return known }
            guard let created = rd_kafka_topic_new(client, name, nil) else { return nil }
            topics[name] = created
            return created
        }
    }

    /// An empty array keeps a pointer, so that it is told from null.
    private static func withPointer<Result>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        guard let bytes else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        guard bytes.isEmpty else { return bytes.withUnsafeBytes(body) }
        return withUnsafeBytes(of: UInt8(0)) { body(UnsafeRawBufferPointer(rebasing: $0[..<0])) }
    }
}
