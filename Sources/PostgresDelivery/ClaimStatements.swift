// The calls around a claim and what their rows mean. Pure: builds statements and reads rows, sends nothing.
internal import Posts
internal import StreamCore

enum ClaimStatements {
    static func claim(_ request: ClaimRequest, consumerGroup: String) -> Statement {
        var partitions = BinaryArray(.integer)
        var offsets = BinaryArray(.bigint)
        for (partition, offset) in request.startOffsets.sorted(by: { $0.key < $1.key }) {
            partitions.append(partition)
            offsets.append(offset)
        }
        return Statement(
            sql: """
                SELECT status, counter, token, first_offset, next_offset, crash_count, suspect_offset, \
                suspect_attempts, stored_cluster, (SELECT (extract(epoch FROM p.last_received_at) * 1000000)::bigint \
                FROM winnow.partition_progress AS p \
                WHERE p.consumer_group = $1 AND p.topic = $3 AND p.partition = $4) \
                FROM winnow.claim_v1($1, $2, $3, $4, $5, $6, $7, $8)
                """,
            parameters: [
                .text(consumerGroup), .text(request.clusterIdentifier), .text(request.topicPartition.topic),
                .integer(request.topicPartition.partition), .bigint(request.bounds.low), .bigint(request.bounds.high),
                partitions.parameter, offsets.parameter,
            ])
    }

    static func result(of request: ClaimRequest, rows: [[String?]]) -> ClaimResult {
        guard let row = rows.first, row.count == 10 else { return .failed(unreadable) }
        func number(_ column: Int) -> Int64? { row[column].flatMap { Int64($0) } }
        switch row[0] {
        case "other_cluster":
            return .blocked(.otherCluster(stored: row[8] ?? "", now: request.clusterIdentifier))
        case "above_high":
            guard let stored = number(4) else { return .failed(unreadable) }
            return .blocked(.aboveHighWatermark(stored: stored, high: request.bounds.high))
        default:
            guard let counter = number(1), let token = row[2], let first = number(3), let next = number(4),
                let crashes = number(5)
            else { return .failed(unreadable) }
            let suspect = number(6).map { offset in
                PartitionClaim.Suspect(offset: offset, attempts: Int(number(7) ?? 0))
            }
            return .claimed(
                PartitionClaim(
                    topicPartition: request.topicPartition, counter: counter, token: token, firstOffset: first,
                    nextOffset: next, crashCount: Int(crashes), suspect: suspect,
                    lastReceivedAt: number(9).map { Timestamp(microseconds: $0) }))
        }
    }

    static func knowsTopic(_ topic: String, consumerGroup: String) -> Statement {
        Statement(
            sql: """
                SELECT EXISTS (SELECT FROM winnow.partition_progress WHERE consumer_group = $1 AND topic = $2)
                """,
            parameters: [.text(consumerGroup), .text(topic)])
    }

    static func markSuspect(_ claim: PartitionClaim, offset: Int64, consumerGroup: String) -> Statement {
        Statement(
            sql: "SELECT winnow.mark_suspect_v1($1, $2, $3, $4, $5)",
            parameters: identity(claim, consumerGroup) + [.bigint(offset)])
    }

    static func release(_ claim: PartitionClaim, consumerGroup: String) -> Statement {
        Statement(sql: "SELECT winnow.release_v1($1, $2, $3, $4)", parameters: identity(claim, consumerGroup))
    }

    static func resolve(_ delivery: Delivery, consumerGroup: String) -> Statement {
        var topics = BinaryArray(.text)
        var partitions = BinaryArray(.integer)
        var tokens = BinaryArray(.text)
        var expected = BinaryArray(.bigint)
        var new = BinaryArray(.bigint)
        for slice in delivery.slices {
            topics.append(slice.topicPartition.topic)
            partitions.append(slice.topicPartition.partition)
            tokens.append(slice.claim.token)
            expected.append(slice.expectedOffset)
            new.append(slice.newOffset)
        }
        return Statement(
            sql: "SELECT slice, standing FROM winnow.resolve_v1($1, $2, $3, $4, $5, $6)",
            parameters: [
                .text(consumerGroup), topics.parameter, partitions.parameter, tokens.parameter, expected.parameter,
                new.parameter,
            ])
    }

    /// The delivery was one transaction, so one partition that has moved proves it for all. Where none has, the
    /// partitions that belong to others now are named.
    static func resolution(of delivery: Delivery, rows: [[String?]]) -> ResolutionResult {
        var fenced: [TopicPartition] = []
        for row in rows where row.count == 2 {
            guard let ordinal = row[0].flatMap({ Int($0) }), delivery.slices.indices.contains(ordinal - 1)
            else { continue }
            switch row[1] {
            case "committed": return .committed
            case "fenced": fenced.append(delivery.slices[ordinal - 1].topicPartition)
            default: break
            }
        }
        return fenced.isEmpty ? .notCommitted : .fenced(fenced.sorted())
    }

    private static func identity(_ claim: PartitionClaim, _ consumerGroup: String) -> [PostgresParameter] {
        [
            .text(consumerGroup), .text(claim.topicPartition.topic), .integer(claim.topicPartition.partition),
            .text(claim.token),
        ]
    }

    private static let unreadable = DatabaseFailure(
        failureClass: .unknown, sqlState: "",
        detail: "The claim was answered in a form this version does not know; run `winnow migrate`")
}
