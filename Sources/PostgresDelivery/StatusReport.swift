// What `winnow status` tells: positions, outcomes, lag, dead letters and the model, of one consumer group.
// Reads the database only; what the broker knows is asked through a closure.
package import Posts
package import StreamCore

package struct StatusReport: Sendable, Encodable {
    package struct Partition: Sendable {
        package let topicPartition: TopicPartition
        package let firstOffset: Int64
        package let nextOffset: Int64
        /// The broker's end of the partition, nil where it could not be asked.
        package let highWatermark: Int64?
        /// Age of the last record that was delivered.
        package let secondsSinceLastRecord: Double?
        /// By outcome, as `Outcome.description` writes them.
        package let outcomes: [String: Int64]

        package var lag: Int64? { highWatermark.map { max($0 - nextOffset, 0) } }
        /// How far behind in time: nothing where the end is reached.
        package var lagSeconds: Double? { lag == 0 ? 0 : secondsSinceLastRecord }
    }

    package let partitions: [Partition]
    package let deadLetters: Int64
    /// The model that wrote the newest post.
    package let model: String?

    package static func read(
        _ options: PostgresOptions, highWatermark: (TopicPartition) -> Int64?
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
        return StatusReport(
            partitions: progress.map { row in
                partition(row, outcomes: outcomesByPartition[row[0]] ?? [], highWatermark: highWatermark)
            },
            deadLetters: number(letters.first?.first) ?? 0, model: model.first?.first ?? nil)
    }

    private static func partition(
        _ row: [String?], outcomes: [[String?]], highWatermark: (TopicPartition) -> Int64?
    ) -> Partition {
        let topicPartition = TopicPartition(topic: row[1] ?? "", partition: Int32(number(row[2]) ?? 0))
        var counts: [String: Int64] = [:]
        for outcome in outcomes {
            let name = outcome[1] ?? ""
            let reason = outcome[2] ?? ""
            counts[reason.isEmpty ? name : "\(name)(\(reason))", default: 0] += number(outcome[3]) ?? 0
        }
        return Partition(
            topicPartition: topicPartition, firstOffset: number(row[3]) ?? 0, nextOffset: number(row[4]) ?? 0,
            highWatermark: highWatermark(topicPartition), secondsSinceLastRecord: row[5].flatMap { Double($0) },
            outcomes: counts)
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
        try container.encode(highWatermark, forKey: .highWatermark)
        try container.encode(lag, forKey: .lag)
        try container.encode(lagSeconds, forKey: .lagSeconds)
        try container.encode(outcomes, forKey: .outcomes)
    }
}
