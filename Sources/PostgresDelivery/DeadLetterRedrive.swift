// Takes dead letters in again: one transaction a batch, merged as every delivery is (Schemas/sql/0023_redrive.sql says
// how). Used by one thread; decodes nothing: the caller brings what each letter is read as.
internal import Foundation
internal import Posts
package import StreamCore

package final class DeadLetterRedrive {
    private let options: PostgresOptions
    private var session: AdministrationSession?
    private var partitions = KnownPartitions()
    /// A control character, which no configured group has, keeps it apart.
    private var shadow: String { "\u{1}redrive \(options.consumerGroup)" }

    package init(_ options: PostgresOptions) { self.options = options }

    /// The number of the newest letter that the filter takes; letters that are written later are not chased.
    package func lastIdentifier(_ filter: DeadLetterFilter) throws(DatabaseFailure) -> Int64 {
        let conditions = filter.conditions(consumerGroup: options.consumerGroup)
        let rows = try open().query(
            "SELECT max(d.dead_letter_id) FROM winnow.dead_letters AS d WHERE \(conditions.sql)", conditions.parameters,
            activity: "Looking for the dead letters")
        return (rows.first?.first ?? nil).flatMap { Int64($0) } ?? 0
    }

    /// The next letters by number, at least one where there is one, at most `limit` and about `bytes` of payload.
    package func letters(
        _ filter: DeadLetterFilter, after: Int64, through last: Int64, limit: Int, bytes: Int = 16 << 20
    ) throws(DatabaseFailure) -> [HeldLetter] {
        var conditions = filter.conditions(consumerGroup: options.consumerGroup)
        conditions.add("d.dead_letter_id > ?", after)
        conditions.add("d.dead_letter_id <= ?", last)
        let rows = try open().query(
            """
            SELECT l.dead_letter_id, l.source_topic, l.source_partition, l.source_offset,
                   (extract(epoch FROM coalesce(l.received_at, l.written_at)) * 1000000)::bigint, l.reason, l.is_counted,
                   l.redrive_count, encode(l.record_key, 'hex'), encode(l.payload, 'hex')
            FROM (SELECT d.*, row_number() OVER w AS number,
                         sum(octet_length(coalesce(d.payload, ''))) OVER w AS bytes
                  FROM (SELECT d.* FROM winnow.dead_letters AS d WHERE \(conditions.sql)
                        ORDER BY d.dead_letter_id LIMIT \(limit)) AS d
                  WINDOW w AS (ORDER BY d.dead_letter_id)) AS l
            WHERE l.number = 1 OR l.bytes <= \(bytes) ORDER BY l.dead_letter_id
            """, conditions.parameters, activity: "Reading the dead letters")
        return rows.map(Self.letter)
    }

    private static func letter(_ row: [String?]) -> HeldLetter {
        func number(_ column: Int) -> Int64 { row[column].flatMap { Int64($0) } ?? 0 }
        let place = TopicPartition(topic: row[1] ?? "", partition: Int32(number(2)))
        let received = Timestamp(microseconds: number(4))
        return HeldLetter(
            identifier: number(0),
            record: SourceRecord(
                position: SourcePosition(topicPartition: place, offset: number(3)), timestamp: received,
                key: row[8].map(HexadecimalBytes.bytes), value: row[9].map(HexadecimalBytes.bytes)),
            receivedAt: received, reason: row[5] ?? "", isCounted: row[6] == "t", redriveCount: Int32(number(7)))
    }

    /// Applies a batch; answers with what became of its letters, those that stay as `dead(reason)`.
    ///
    /// Where the database refuses the data the batch is halved until the letter stands alone, which then stays.
    /// - Throws: the class `wait` where letters or connection were lost: read the letters again, and try again.
    package func apply(_ batch: RedriveBatch) throws(DatabaseFailure) -> [Outcome: Int] {
        let failure: DatabaseFailure
        do throws(DatabaseFailure) {
            return try transact(batch)
        } catch {
            failure = error
        }
        guard failure.failureClass != .wait, !batch.taken.isEmpty else { throw failure }
        if batch.taken.count > 1 {
            let half = batch.taken.count / 2
            let first = try apply(RedriveBatch(batch.taken[..<half] + batch.refused))
            return try first.merging(apply(RedriveBatch(batch.taken[half...]))) { $0 + $1 }
        }
        // A fault of the database as a whole is no letter's fault.
        if failure.failureClass == .unknown {
            _ = try open().query("SELECT winnow.probe_v1()", activity: "The probe transaction")
        }
        let reason: RejectionReason = failure.failureClass == .data ? .databaseRefusedData : .databaseFailure
        return try transact(RedriveBatch(batch.taken.map { $0.refused(reason, failure.description) } + batch.refused))
    }

    private func open() throws(DatabaseFailure) -> AdministrationSession {
        if let session { return session }
        let opened = try AdministrationSession(options: options, name: "redrive")
        session = opened
        return opened
    }

    private func transact(_ batch: RedriveBatch) throws(DatabaseFailure) -> [Outcome: Int] {
        let token = UUID().uuidString.lowercased()
        let delivery = Self.delivery(batch.taken, token: token)
        do throws(DatabaseFailure) {
            let session = try open()
            if let preparation = partitions.preparation(for: delivery) {
                _ = try session.pipeline(preparation, activity: "Making partitions")
                partitions.prepared(for: delivery)
            }
            var statements = [TransactionTimeouts.statement(options), begin(batch, token: token)]
            if !batch.taken.isEmpty {
                statements.append(DeliveryCall(delivery, consumerGroup: shadow).statement(options.deliveryFunction))
            }
            statements.append(end(batch))
            let tables = try session.pipeline(statements, activity: "The redrive")
            return Self.outcomes(batch, delivered: batch.taken.isEmpty ? [] : tables[2])
        } catch {
            if error.failureClass == .wait {
                session = nil
                partitions.forget()
            }
            throw error
        }
    }

    /// For the shadow group: no offset moves.
    private static func delivery(_ taken: [RedrivenLetter], token: String) -> Delivery {
        let byPartition = Dictionary(grouping: taken) { $0.letter.record.position.topicPartition }
        let slices = byPartition.sorted { $0.key < $1.key }.map { place, letters in
            PartitionSlice(
                claim: PartitionClaim(
                    topicPartition: place, counter: 0, token: token, firstOffset: 0, nextOffset: 0),
                expectedOffset: 0, newOffset: 0,
                records: letters.sorted { $0.letter.record.position.offset < $1.letter.record.position.offset }.map {
                    DeliverableRecord(
                        offset: $0.letter.record.position.offset, receivedAt: $0.letter.receivedAt, content: $0.content)
                })
        }
        return Delivery(slices: slices)
    }

    private static func outcomes(_ batch: RedriveBatch, delivered rows: [[String?]]) -> [Outcome: Int] {
        var counts: [Outcome: Int] = [:]
        for row in rows where row.count == 4 {
            guard let kind = row[2].flatMap(Outcome.Kind.init(rawValue:)), let count = row[3].flatMap({ Int($0) })
            else { continue }
            counts[Outcome(kind), default: 0] += count
        }
        for letter in batch.letters {
            if let outcome = DeliveryCounts.decidedBefore(letter.content) { counts[outcome, default: 0] += 1 }
        }
        return counts
    }

    /// PostgreSQL takes no NUL in texts, and a letter must be able to stay.
    private static func withoutNUL(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\0" }))
    }

    private func begin(_ batch: RedriveBatch, token: String) -> Statement {
        var topics = BinaryArray(.text)
        var partitions = BinaryArray(.integer)
        var letters = BinaryArray(.bigint)
        var tries = BinaryArray(.integer)
        for place in Set(batch.letters.map(\.letter.record.position.topicPartition)).sorted() {
            topics.append(place.topic)
            partitions.append(place.partition)
        }
        for letter in batch.letters {
            letters.append(letter.letter.identifier)
            tries.append(letter.letter.redriveCount)
        }
        return Statement(
            sql: "SELECT winnow.begin_redrive_v1($1, $2, $3, $4, $5, $6, $7)",
            parameters: [
                .text(options.consumerGroup), .text(shadow), .text(token), topics.parameter, partitions.parameter,
                letters.parameter, tries.parameter,
            ])
    }

    private func end(_ batch: RedriveBatch) -> Statement {
        let taken = batch.taken.map(\.letter)
        let refused = batch.refused.compactMap { letter in
            letter.rejection.map { (letter: letter.letter, rejection: $0) }
        }
        func texts(_ values: [String?]) -> PostgresParameter {
            var array = BinaryArray(.text)
            for value in values { array.append(value.map(Self.withoutNUL)) }
            return array.parameter
        }
        func numbers(_ values: [Int64]) -> PostgresParameter {
            var array = BinaryArray(.bigint)
            for value in values { array.append(value) }
            return array.parameter
        }
        var partitions = BinaryArray(.integer)
        for letter in taken { partitions.append(letter.record.position.topicPartition.partition) }
        return Statement(
            sql: """
                SELECT winnow.end_redrive_v1($1, $2, $3 = 'yes', $4 = 'yes', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
                """,
            parameters: [
                .text(options.consumerGroup), .text(shadow), .text(batch.isCounted ? "yes" : "no"),
                .text(batch.mayBeGone ? "yes" : "no"), numbers(taken.map(\.identifier)),
                texts(taken.map(\.record.position.topicPartition.topic)), partitions.parameter,
                texts(taken.map(\.reason)), numbers(refused.map(\.letter.identifier)),
                texts(refused.map(\.rejection.reason.rawValue)), texts(refused.map(\.rejection.detail)),
                texts(refused.map(\.rejection.key?.platform)), texts(refused.map(\.rejection.key?.key)),
                texts(refused.map(\.rejection.author)),
            ])
    }
}
