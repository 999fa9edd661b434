// `winnow deadletters list | show | purge`: looks at dead letters and forgets them. Taking them in again is
// `DeadLetterRedrive`.
package import Posts
package import StreamCore

/// What is said of a dead letter without its content.
package struct DeadLetterSummary: Sendable {
    package let identifier: Int64
    package let position: SourcePosition
    package let writtenAt: String
    package let receivedAt: String?
    package let reason: String
    package let detail: String
    package let platform: String?
    package let key: String?
    package let account: String?
    /// Nil where there is no payload (any more).
    package let payloadBytes: Int?
    package let redriveCount: Int
}

package final class DeadLetterAdministration {
    /// One statement deletes at most so many, so that none runs past its timeout.
    private static let purgeBatch: Int64 = 10_000

    private let session: AdministrationSession
    private let group: String

    package init(_ options: PostgresOptions) throws(DatabaseFailure) {
        session = try AdministrationSession(options: options, name: "deadletters")
        group = options.consumerGroup
    }

    private static let columns = """
        d.dead_letter_id, d.source_topic, d.source_partition, d.source_offset, \
        to_char(d.written_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), \
        to_char(d.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), \
        d.reason, d.detail, d.platform, d.key, d.account, octet_length(d.payload), d.redrive_count
        """

    /// Oldest first.
    package func list(_ filter: DeadLetterFilter, limit: Int64) throws(DatabaseFailure) -> [DeadLetterSummary] {
        let conditions = filter.conditions(consumerGroup: group)
        let rows = try session.query(
            """
            SELECT \(Self.columns) FROM winnow.dead_letters AS d WHERE \(conditions.sql)
            ORDER BY d.dead_letter_id LIMIT \(max(limit, 0))
            """, conditions.parameters, activity: "Reading the dead letters")
        return rows.map(Self.summary)
    }

    /// How many by reason.
    package func counts(_ filter: DeadLetterFilter) throws(DatabaseFailure) -> [String: Int64] {
        let conditions = filter.conditions(consumerGroup: group)
        let rows = try session.query(
            "SELECT d.reason, count(*) FROM winnow.dead_letters AS d WHERE \(conditions.sql) GROUP BY 1",
            conditions.parameters, activity: "Counting the dead letters")
        return Dictionary(rows.map { ($0[0] ?? "", $0[1].flatMap { Int64($0) } ?? 0) }) { $1 }
    }

    /// One letter with its record, byte for byte; nil where the group has none of this number.
    package func letter(
        _ identifier: Int64
    ) throws(DatabaseFailure) -> (summary: DeadLetterSummary, recordKey: [UInt8]?, payload: [UInt8]?)? {
        var filter = DeadLetterFilter()
        filter.identifiers = [identifier]
        let conditions = filter.conditions(consumerGroup: group)
        let rows = try session.query(
            """
            SELECT \(Self.columns), encode(d.record_key, 'hex'), encode(d.payload, 'hex')
            FROM winnow.dead_letters AS d WHERE \(conditions.sql)
            """, conditions.parameters, activity: "Reading the dead letter")
        guard let row = rows.first else { return nil }
        return (Self.summary(row), row[13].map(HexadecimalBytes.bytes), row[14].map(HexadecimalBytes.bytes))
    }

    /// Forgets letters for good; their records stay counted as dead. Letters that somebody works on now are left.
    package func purge(_ filter: DeadLetterFilter, limit: Int64 = .max) throws(DatabaseFailure) -> Int64 {
        var total: Int64 = 0
        while total < limit {
            let conditions = filter.conditions(consumerGroup: group)
            let most = min(Self.purgeBatch, limit - total)
            let rows = try session.query(
                """
                WITH gone AS (
                    DELETE FROM winnow.dead_letters AS l WHERE l.dead_letter_id IN (
                        SELECT d.dead_letter_id FROM winnow.dead_letters AS d WHERE \(conditions.sql)
                        ORDER BY d.dead_letter_id LIMIT \(most) FOR UPDATE SKIP LOCKED)
                    RETURNING 1)
                SELECT count(*) FROM gone
                """, conditions.parameters, activity: "Purging dead letters")
            let count = (rows.first?.first ?? nil).flatMap { Int64($0) } ?? 0
            total += count
            if count < most { break }
        }
        return total
    }

    private static func summary(_ row: [String?]) -> DeadLetterSummary {
        func number(_ column: Int) -> Int64 { row[column].flatMap { Int64($0) } ?? 0 }
        return DeadLetterSummary(
            identifier: number(0),
            position: SourcePosition(
                topicPartition: TopicPartition(topic: row[1] ?? "", partition: Int32(number(2))), offset: number(3)),
            writtenAt: row[4] ?? "", receivedAt: row[5], reason: row[6] ?? "", detail: row[7] ?? "", platform: row[8],
            key: row[9], account: row[10], payloadBytes: row[11].flatMap { Int($0) }, redriveCount: Int(number(12)))
    }
}

/// PostgreSQL's `encode(…, 'hex')`, read back.
enum HexadecimalBytes {
    static func bytes(_ text: String) -> [UInt8] {
        func value(_ digit: UInt8) -> UInt8 { digit <= UInt8(ascii: "9") ? digit - 48 : digit - 87 }
        let digits = Array(text.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).map { value(digits[$0]) << 4 | value(digits[$0 + 1]) }
    }
}
