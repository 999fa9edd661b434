// What librdkafka tells about itself every few seconds, as values for metrics. Reads its statistics JSON; decides
// nothing.
import FoundationEssentials
package import Posts
import Synchronization

package struct KafkaStatistics: Hashable, Sendable {
    /// The offset after the last record of each assigned partition, as the client knows it.
    package var highWatermarks: [TopicPartition: Int64] = [:]
    /// The longest time a broker held our requests back for a quota, in the last interval.
    package var throttle: Duration = .zero
    /// Messages and bytes prefetched and not taken yet.
    package var queuedMessages = 0
    package var queuedBytes = 0
    /// Brokers with a working connection.
    package var connectedBrokers = 0
    /// Partitions that wait for the pipeline to fall below its low-water mark.
    package var pausedForFlow = 0
    /// Starts whose first record lay ahead of the position and was asked for a second time.
    package var unconfirmedStarts = 0

    package init() {}

    /// Nil where the text is not librdkafka's statistics. Unknown fields are ignored.
    package init?(json: String) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(json.utf8)) else { return nil }
        for (topic, content) in document.topics ?? [:] {
            for (number, partition) in content.partitions ?? [:] {
                guard let number = Int32(number), number >= 0, partition.desired ?? true else { continue }
                queuedMessages += partition.fetchq_cnt ?? 0
                queuedBytes += partition.fetchq_size ?? 0
                guard let high = partition.hi_offset, high >= 0 else { continue }
                highWatermarks[TopicPartition(topic: topic, partition: number)] = high
            }
        }
        var connected: Set<Int> = []
        for broker in (document.brokers ?? [:]).values {
            throttle = max(throttle, .milliseconds(broker.throttle?.max ?? 0))
            // The group's coordinator ("logical") is a further connection to one of the brokers.
            guard broker.state == "UP", broker.source != "logical" else { continue }
            if let node = broker.nodeid, node >= 0 { connected.insert(node) }
        }
        connectedBrokers = connected.count
    }

    private struct Document: Decodable {
        let topics: [String: Topic]?
        let brokers: [String: Broker]?
    }

    private struct Topic: Decodable {
        let partitions: [String: Partition]?
    }

    /// Names as in librdkafka's STATISTICS.md.
    private struct Partition: Decodable {
        let hi_offset: Int64?
        let fetchq_cnt: Int?
        let fetchq_size: Int?
        let desired: Bool?
    }

    private struct Broker: Decodable {
        let state: String?
        let source: String?
        let nodeid: Int?
        let throttle: Window?
    }

    private struct Window: Decodable {
        let max: Int64?
    }
}

/// The latest statistics, written by the poll thread and the inquiry thread, read by anyone.
final class StatisticsBox: Sendable {
    private struct State {
        var values = KafkaStatistics()
        var assigned: Set<TopicPartition> = []
        var readings: [TopicPartition: PartitionReading] = [:]
    }

    private let state = Mutex(State())

    var current: KafkaStatistics { state.withLock { $0.values } }

    /// Watermarks are kept until something newer is known: those of paused partitions are not refreshed by fetching.
    func update(json: String) {
        guard let update = KafkaStatistics(json: json) else { return }
        state.withLock { state in
            let old = state.values
            state.values = update
            state.values.pausedForFlow = old.pausedForFlow
            state.values.unconfirmedStarts = old.unconfirmedStarts
            state.values.highWatermarks = update.highWatermarks.filter { state.assigned.contains($0.key) }
            state.values.highWatermarks.merge(old.highWatermarks) { max($0, $1) }
        }
    }

    /// What the broker was asked for and has just answered.
    func setHighWatermarks(_ offsets: [TopicPartition: Int64]) {
        state.withLock { $0.values.highWatermarks.merge(offsets) { $1 } }
    }

    func setPaused(_ count: Int) {
        state.withLock { $0.values.pausedForFlow = count }
    }

    func noteUnconfirmedStart() {
        state.withLock { $0.values.unconfirmedStarts += 1 }
    }

    /// What is assigned now: a lost partition's lag is somebody else's.
    func setAssigned(_ partitions: Set<TopicPartition>) {
        state.withLock { state in
            state.assigned = partitions
            state.values.highWatermarks = state.values.highWatermarks.filter { partitions.contains($0.key) }
        }
    }

    var assigned: Set<TopicPartition> { state.withLock { $0.assigned } }

    func setReadings(_ readings: [TopicPartition: PartitionReading]) {
        state.withLock { $0.readings = readings }
    }

    var readings: [TopicPartition: PartitionReading] { state.withLock { $0.readings } }
}
