// One connection's worth of delivering and claiming. Used by one thread at a time; connects when it is needed and drops
// the connection after any doubt about it. Never retries: the caller decides when.
internal import Posts
package import StreamCore

package final class PostgresSink: ResultSink {
    private let options: PostgresOptions
    private let name: String
    private let interrupt: InterruptSignal
    private var connection: PostgresConnection?
    private var partitions = KnownPartitions()

    init(options: PostgresOptions, name: String, interrupt: InterruptSignal) {
        self.options = options
        self.name = name
        self.interrupt = interrupt
    }

    package func deliver(_ delivery: Delivery) -> DeliveryResult {
        do throws(CallFailure) {
            if let preparation = partitions.preparation(for: delivery) {
                _ = try transact(preparation, activity: "Making partitions")
                partitions.prepared(for: delivery)
            }
            let call = DeliveryCall(delivery, consumerGroup: options.consumerGroup)
            let answer = try transact([call.statement(options.deliveryFunction)], activity: "The delivery")
            return result(of: delivery, rows: answer)
        } catch {
            if error.isMissingPartition { partitions.forget() }
            return error.isCommitUnknown ? .unknownCommit : .failed(error.failure)
        }
    }

    package func claim(_ request: ClaimRequest) -> ClaimResult {
        do throws(CallFailure) {
            let statement = ClaimStatements.claim(request, consumerGroup: options.consumerGroup)
            let rows = try transact([statement], activity: "The claim of \(request.topicPartition)")
            return ClaimStatements.result(of: request, rows: rows)
        } catch {
            return .failed(error.failure)
        }
    }

    package func knowsTopic(_ topic: String, clusterIdentifier: String) throws(DatabaseFailure) -> Bool {
        let statement = ClaimStatements.knowsTopic(topic, consumerGroup: options.consumerGroup)
        return try answersTrue(statement, activity: "Looking for the topic's partitions")
    }

    package func resolve(_ delivery: Delivery) -> ResolutionResult {
        // On the old connection the answer would come from the backend whose fate is asked for.
        connection = nil
        do throws(CallFailure) {
            let statement = ClaimStatements.resolve(delivery, consumerGroup: options.consumerGroup)
            let rows = try transact([statement], activity: "Asking whether the delivery was committed")
            return ClaimStatements.resolution(of: delivery, rows: rows)
        } catch {
            return .failed(error.failure)
        }
    }

    package func probe() -> DatabaseFailure? {
        do throws(CallFailure) {
            _ = try transact([Statement(sql: "SELECT winnow.probe_v1()")], activity: "The probe transaction")
            return nil
        } catch {
            return error.failure
        }
    }

    package func markSuspect(_ claim: PartitionClaim, offset: Int64) throws(DatabaseFailure) -> Bool {
        let statement = ClaimStatements.markSuspect(claim, offset: offset, consumerGroup: options.consumerGroup)
        return try answersTrue(statement, activity: "Marking a suspect record")
    }

    package func release(_ claim: PartitionClaim) throws(DatabaseFailure) {
        let statement = ClaimStatements.release(claim, consumerGroup: options.consumerGroup)
        do throws(CallFailure) {
            _ = try transact([statement], activity: "Releasing \(claim.topicPartition)")
        } catch {
            throw error.failure
        }
    }

    private func answersTrue(_ statement: Statement, activity: String) throws(DatabaseFailure) -> Bool {
        do throws(CallFailure) {
            return try transact([statement], activity: activity).first?.first == "t"
        } catch {
            throw error.failure
        }
    }

    /// One transaction under the timeouts of the options; answers with the rows of the last statement.
    private func transact(_ statements: [Statement], activity: String) throws(CallFailure) -> [[String?]] {
        if connection == nil {
            do throws(DatabaseFailure) {
                connection = try PostgresConnection.open(options, name: name, interrupt: interrupt)
            } catch {
                throw CallFailure(failure: error, isConnectionLost: true)
            }
        }
        let all = [TransactionTimeouts.statement(options)] + statements
        do throws(CallFailure) {
            let tables = try connection?.transact(all, activity: activity, timeout: options.answerTimeout)
            return tables?.last?.rows ?? []
        } catch {
            if error.isConnectionLost { connection = nil }
            throw error
        }
    }

    private func result(of delivery: Delivery, rows: [[String?]]) -> DeliveryResult {
        var counts: [TopicPartition: [Outcome: Int]] = [:]
        var fenced: [TopicPartition] = []
        for row in rows where row.count == 4 {
            guard let ordinal = row[1].flatMap({ Int($0) }), delivery.slices.indices.contains(ordinal - 1)
            else { continue }
            let slice = delivery.slices[ordinal - 1]
            if row[0] == "fenced" {
                fenced.append(slice.topicPartition)
            } else if let kind = row[2].flatMap(Outcome.Kind.init(rawValue:)), let count = row[3].flatMap({ Int($0) }) {
                counts[slice.topicPartition, default: [:]][Outcome(kind), default: 0] += count
            }
        }
        if !fenced.isEmpty { return .fenced(fenced.sorted()) }
        for slice in delivery.slices {
            for (outcome, count) in DeliveryCounts.decidedBefore(slice) {
                counts[slice.topicPartition, default: [:]][outcome, default: 0] += Int(count)
            }
        }
        return .committed(counts)
    }
}
