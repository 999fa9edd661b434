// The two gauges of a partition's lag.
import KafkaIngest
import Observability
import Posts

extension StreamTelemetry {
    /// Lag of the partitions we own: called from time to time.
    func reportLag(
        highWatermarks: [TopicPartition: Int64], readings: [TopicPartition: PartitionReading], now: Timestamp
    ) {
        for (partition, position) in positions {
            guard let high = highWatermarks[partition] else { continue }
            let lag = PartitionLag(
                nextOffset: position.nextOffset, lastDelivered: position.lastTimestamp, highWatermark: high,
                reading: readings[partition], now: now)
            let labels = (partition.topic, String(partition.partition))
            registry.set(Double(lag.messages), .lagMessages, labels.0, labels.1)
            if let seconds = lag.seconds { registry.set(seconds, .lagSeconds, labels.0, labels.1) }
        }
    }
}
