// `winnow offsets show | set`: the group's positions in the database, and the operator's way to move them.
package import Posts
package import StreamCore

package struct OffsetAdministration {
    package struct Position: Sendable {
        package let topicPartition: TopicPartition
        package let clusterIdentifier: String?
        package let firstOffset: Int64
        package let nextOffset: Int64
        package let claimCounter: Int64
        package let isReleased: Bool
        package let crashCount: Int
    }

    private let options: PostgresOptions

    package init(_ options: PostgresOptions) { self.options = options }

    package func positions() throws(DatabaseFailure) -> [Position] {
        let session = try AdministrationSession(options: options, name: "offsets")
        let rows = try session.query(
            """
            SELECT topic, partition, cluster_id, first_offset, next_offset, claim_counter, released, crash_count
            FROM winnow.partition_progress WHERE consumer_group = $1 ORDER BY topic, partition
            """, [.text(options.consumerGroup)], activity: "Reading the positions")
        return rows.map { row in
            func number(_ column: Int) -> Int64 { row[column].flatMap { Int64($0) } ?? 0 }
            return Position(
                topicPartition: TopicPartition(topic: row[0] ?? "", partition: Int32(number(1))),
                clusterIdentifier: row[2], firstOffset: number(3), nextOffset: number(4), claimCounter: number(5),
                isReleased: row[6] == "t", crashCount: Int(number(7)))
        }
    }

    /// Moves partitions, all or none; answers with how many. Whoever owns them is fenced and claims again.
    ///
    /// The counts stay honest: forward, what is passed over is counted as `skipped(offsets_set)`; backward, the
    /// partition's counts begin anew at the new offset, as its records will have an outcome each again. The Kafka
    /// cluster is forgotten: the next claim decides which one these offsets belong to.
    package func set(_ moves: [TopicPartition: Int64]) throws(DatabaseFailure) -> Int {
        var topics = BinaryArray(.text)
        var partitions = BinaryArray(.integer)
        var offsets = BinaryArray(.bigint)
        for (topicPartition, offset) in moves.sorted(by: { $0.key < $1.key }) {
            topics.append(topicPartition.topic)
            partitions.append(topicPartition.partition)
            offsets.append(offset)
        }
        let session = try AdministrationSession(options: options, name: "offsets")
        let rows = try session.query(
            "SELECT winnow.set_offsets_v1($1, $2, $3, $4)",
            [.text(options.consumerGroup), topics.parameter, partitions.parameter, offsets.parameter],
            activity: "Setting offsets")
        return (rows.first?.first ?? nil).flatMap { Int($0) } ?? 0
    }
}
