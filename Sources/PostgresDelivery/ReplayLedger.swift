// The books of replays: begins one, finds one that was broken off, ends one. Batches are written by `ReplayWriter`.
package import Posts
package import StreamCore

/// A replay as the database has it.
package struct Replay: Sendable {
    package struct Span: Sendable, Equatable {
        package let topicPartition: TopicPartition
        package var nextOffset: Int64
        package let endOffset: Int64
        package init(topicPartition: TopicPartition, nextOffset: Int64, endOffset: Int64) {
            self.topicPartition = topicPartition
            self.nextOffset = nextOffset
            self.endOffset = endOffset
        }
    }

    package let identifier: Int64
    package let source: ReplaySource
    package let mode: ReplayMode
    package let model: String
    package let selection: ReplaySelection
    package let total: Int64
    package var done: Int64
    /// Source database: posts up to this number are done; the last one.
    package var nextPost: Int64
    package let endPost: Int64
    /// Source kafka.
    package var spans: [Span]
    package let isFinished: Bool
}

package final class ReplayLedger {
    private let session: AdministrationSession

    /// - Parameter options: counting a big range may take longer than a delivery.
    package init(_ options: PostgresOptions) throws(DatabaseFailure) {
        var patient = options
        patient.statementTimeout = .seconds(3_600)
        session = try AdministrationSession(options: patient, name: "replays")
    }

    private static let columns = """
        replay_id, source, mode, model, selection, total, done, coalesce(next_post, 0), coalesce(end_post, 0), \
        finished_at IS NOT NULL
        """

    /// How many stored posts a selection means, and the number of the newest post there is.
    package func extent(of selection: ReplaySelection) throws(DatabaseFailure) -> (posts: Int64, endPost: Int64) {
        let conditions = selection.conditions
        let rows = try session.query(
            """
            SELECT count(*), coalesce(max(p.post_id), 0) FROM winnow.posts AS p
            JOIN winnow.model_versions AS m USING (model_id)
            \(conditions.sql.isEmpty ? "" : "WHERE \(conditions.sql)")
            """, conditions.parameters, activity: "Counting the posts")
        return (Self.number(rows.first?[0]), Self.number(rows.first?[1]))
    }

    package func begin(
        source: ReplaySource, mode: ReplayMode, model: ModelVersion, selection: ReplaySelection, total: Int64,
        endPost: Int64, spans: [Replay.Span]
    ) throws(DatabaseFailure) -> Replay {
        var topics = BinaryArray(.text)
        var partitions = BinaryArray(.integer)
        var next = BinaryArray(.bigint)
        var end = BinaryArray(.bigint)
        for span in spans {
            topics.append(span.topicPartition.topic)
            partitions.append(span.topicPartition.partition)
            next.append(span.nextOffset)
            end.append(span.endOffset)
        }
        let rows = try session.query(
            """
            WITH made AS (
                INSERT INTO winnow.replays (source, mode, model, selection, total, next_post, end_post)
                VALUES ($1, $2, $3, $4, $5, CASE WHEN $1 = 'database' THEN 0 END, CASE WHEN $1 = 'database' THEN $6 END)
                RETURNING replay_id),
            spans AS (
                INSERT INTO winnow.replay_partitions (replay_id, topic, partition, next_offset, end_offset)
                SELECT made.replay_id, w.topic, w.partition, w.next_offset, w.end_offset
                FROM made, unnest($7, $8, $9, $10) AS w(topic, partition, next_offset, end_offset))
            SELECT replay_id FROM made
            """,
            [
                .text(source.rawValue), .text(mode.rawValue), .text(model.description), .text(selection.text),
                .bigint(total), .bigint(endPost), topics.parameter, partitions.parameter, next.parameter, end.parameter,
            ], activity: "Beginning the replay")
        guard let replay = try find(Self.number(rows.first?[0])) else {
            throw DatabaseFailure(failureClass: .unknown, sqlState: "", detail: "The replay is not there after it was made")
        }
        return replay
    }

    package func find(_ identifier: Int64) throws(DatabaseFailure) -> Replay? {
        try replay(
            session.query(
                "SELECT \(Self.columns) FROM winnow.replays WHERE replay_id = $1", [.bigint(identifier)],
                activity: "Reading the replay"))
    }

    /// The newest one of the same question that has not reached its end.
    package func findUnfinished(
        source: ReplaySource, mode: ReplayMode, model: ModelVersion, selection: ReplaySelection
    ) throws(DatabaseFailure) -> Replay? {
        try replay(
            session.query(
                """
                SELECT \(Self.columns) FROM winnow.replays
                WHERE source = $1 AND mode = $2 AND model = $3 AND selection = $4 AND finished_at IS NULL
                ORDER BY replay_id DESC LIMIT 1
                """,
                [.text(source.rawValue), .text(mode.rawValue), .text(model.description), .text(selection.text)],
                activity: "Looking for a replay that was broken off"))
    }

    package func finish(_ replay: Replay) throws(DatabaseFailure) {
        _ = try session.query(
            "UPDATE winnow.replays SET finished_at = now(), updated_at = now() WHERE replay_id = $1 AND done = $2",
            [.bigint(replay.identifier), .bigint(replay.done)], activity: "Ending the replay")
    }

    package func outcomes(_ replay: Replay) throws(DatabaseFailure) -> [String: Int64] {
        let rows = try session.query(
            "SELECT outcome, count FROM winnow.replay_outcomes WHERE replay_id = $1", [.bigint(replay.identifier)],
            activity: "Reading the replay's outcomes")
        return Dictionary(rows.map { ($0[0] ?? "", Self.number($0[1])) }) { $1 }
    }

    private func replay(_ rows: [[String?]]) throws(DatabaseFailure) -> Replay? {
        guard let row = rows.first, let source = row[1].flatMap(ReplaySource.init(rawValue:)),
            let mode = row[2].flatMap(ReplayMode.init(rawValue:)),
            let selection = row[4].flatMap({ ReplaySelection(text: $0) })
        else { return nil }
        let identifier = Self.number(row[0])
        let spans = try session.query(
            """
            SELECT topic, partition, next_offset, end_offset FROM winnow.replay_partitions
            WHERE replay_id = $1 ORDER BY topic, partition
            """, [.bigint(identifier)], activity: "Reading the replay's partitions")
        return Replay(
            identifier: identifier, source: source, mode: mode, model: row[3] ?? "", selection: selection,
            total: Self.number(row[5]), done: Self.number(row[6]), nextPost: Self.number(row[7]),
            endPost: Self.number(row[8]),
            spans: spans.map { span in
                Replay.Span(
                    topicPartition: TopicPartition(topic: span[0] ?? "", partition: Int32(Self.number(span[1]))),
                    nextOffset: Self.number(span[2]), endOffset: Self.number(span[3]))
            },
            isFinished: row[9] == "t")
    }

    private static func number(_ text: String??) -> Int64 { (text ?? nil).flatMap { Int64($0) } ?? 0 }
}
