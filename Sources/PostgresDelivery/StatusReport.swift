// What `winnow status` tells: positions, outcomes, lag, dead letters and the model, of one consumer group.
// Reads the database only; what the broker knows is asked through a closure.
internal import Foundation
package import Posts
package import StreamCore

package struct StatusReport: Sendable, Encodable {
    package struct Partition: Sendable {
        package let topicPartition: TopicPartition
        package let firstOffset: Int64
        package let nextOffset: Int64
        /// What the broker says, nil where it could not be asked.
        package let standing: BrokerStanding?
        /// Age of the last record that was delivered.
        package let secondsSinceLastRecord: Double?
        /// When the report was made, by this machine's clock, as record times are by those of others.
        package let now: Timestamp
        /// By outcome, as `Outcome.description` writes them.
        package let outcomes: [String: Int64]

        package var lag: Int64? {
            standing.map { max($0.highWatermark - max(nextOffset, $0.emptyBelow ?? nextOffset), 0) }
        }
        /// How far behind in time: nothing where the end is reached, else the age of the oldest record that waits; where the
        /// broker has not shown it, that of the last one that was delivered.
        package var lagSeconds: Double? {
            guard lag != 0 else { return 0 }
            guard let oldest = standing?.oldestWaiting else { return secondsSinceLastRecord }
            return max(0, Double(now.microseconds - oldest.microseconds) / 1_000_000)
        }
    }

    /// What a broker says of a partition, seen from the offset that is due.
    package struct BrokerStanding: Sendable {
        /// The offset after the last record or marker.
        package let highWatermark: Int64
        /// From the due offset up to here there is no record: markers and aborted transactions.
        package let emptyBelow: Int64?
        /// Kafka's time of the first record that waits.
        package let oldestWaiting: Timestamp?

        package init(highWatermark: Int64, emptyBelow: Int64? = nil, oldestWaiting: Timestamp? = nil) {
            self.highWatermark = highWatermark
            self.emptyBelow = emptyBelow
            self.oldestWaiting = oldestWaiting
        }
    }

    package let partitions: [Partition]
    package let deadLetters: Int64
    /// The model that wrote the newest post.
    package let model: String?

    /// - Parameter standings: what the broker says, of partitions at their due offsets; those it cannot tell of are left out.
    package static func read(
        _ options: PostgresOptions, standings: ([TopicPartition: Int64]) -> [TopicPartition: BrokerStanding]
    ) throws(DatabaseFailure) -> StatusReport {
        let session = try AdministrationSession(options: options, name: "status")
        let group = PostgresParameter.text(options.consumerGroup)
        let progress = try session.query(
            """
            SELECT progress_id, topic, partition, first_offset, next_offset,
                   extract(epoch FROM now() - last_received_at)
            FROM winnow.partition_progress WHERE consumer_group = $1 ORDER BY topic, partition
            """, [group], activity: "Reading the progress")
        let outcomes = try session.query(
            """
            SELECT o.progress_id, o.outcome, o.reason, o.count FROM winnow.partition_outcomes AS o
            JOIN winnow.partition_progress AS p USING (progress_id) WHERE p.consumer_group = $1
            """, [group], activity: "Reading the outcomes")
        let letters = try session.query(
            "SELECT count(*) FROM winnow.dead_letters WHERE consumer_group = $1", [group],
            activity: "Counting the dead letters")
        let model = try session.query(
            """
            SELECT string_agg(m.name || '-' || m.version || '+' || m.weights_hash, ', ' ORDER BY m.name, m.model_id)
            FROM winnow.model_versions AS m
            WHERE m.model_id IN (SELECT p.model_id FROM winnow.posts AS p ORDER BY p.post_id DESC LIMIT 1000)
            """, activity: "Reading the model")
        let outcomesByPartition = Dictionary(grouping: outcomes) { $0[0] }
        let due = Dictionary(progress.map { (place($0), number($0[4]) ?? 0) }) { $1 }
        let known = standings(due)
        let now = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        return StatusReport(
            partitions: progress.map { row in
                partition(row, outcomes: outcomesByPartition[row[0]] ?? [], standing: known[place(row)], now: now)
            },
            deadLetters: number(letters.first?.first) ?? 0, model: model.first?.first ?? nil)
    }

    private static func partition(
        _ row: [String?], outcomes: [[String?]], standing: BrokerStanding?, now: Timestamp
    ) -> Partition {
        var counts: [String: Int64] = [:]
        for outcome in outcomes {
            let name = outcome[1] ?? ""
            let reason = outcome[2] ?? ""
            counts[reason.isEmpty ? name : "\(name)(\(reason))", default: 0] += number(outcome[3]) ?? 0
        }
        return Partition(
            topicPartition: place(row), firstOffset: number(row[3]) ?? 0, nextOffset: number(row[4]) ?? 0,
            standing: standing, secondsSinceLastRecord: row[5].flatMap { Double($0) }, now: now, outcomes: counts)
    }

    private static func place(_ row: [String?]) -> TopicPartition {
        TopicPartition(topic: row[1] ?? "", partition: Int32(number(row[2]) ?? 0))
    }

    private static func number(_ text: String??) -> Int64? { (text ?? nil).flatMap { Int64($0) } }

    private enum Keys: String, CodingKey {
        case partitions, model
        case deadLetters = "dead_letters"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(partitions, forKey: .partitions)
        try container.encode(deadLetters, forKey: .deadLetters)
        // Absent values are written as null: scripts find every key.
        try container.encode(model, forKey: .model)
    }
}

extension StatusReport.Partition: Encodable {
    private enum Keys: String, CodingKey {
        case topic, partition, lag, outcomes
        case firstOffset = "first_offset"
        case nextOffset = "next_offset"
        case highWatermark = "high_watermark"
        case lagSeconds = "lag_seconds"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(topicPartition.topic, forKey: .topic)
        try container.encode(topicPartition.partition, forKey: .partition)
        try container.encode(firstOffset, forKey: .firstOffset)
        try container.encode(nextOffset, forKey: .nextOffset)
        try container.encode(standing?.highWatermark, forKey: .highWatermark)
        try container.encode(lag, forKey: .lag)
        try container.encode(lagSeconds, forKey: .lagSeconds)
        try container.encode(outcomes, forKey: .outcomes)
    }
}
