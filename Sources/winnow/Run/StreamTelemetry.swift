// Turns what the stream tells into log lines, metrics and health. Called from the pipeline's threads; never blocks for long,
// and is never given post text.
import Foundation
import Logging
import Observability
import Posts
import RegistryFormats
import StreamCore
import StreamPipeline
import Synchronization

final class StreamTelemetry: Sendable {
    /// How far one partition is, for lag and for the report at the end.
    struct Progress: Sendable {
        var nextOffset: Int64
        var lastTimestamp: Timestamp?
    }

    let registry: PrometheusRegistry
    let health: HealthState
    private let logger: Logger
    private let progress = Mutex<[TopicPartition: Progress]>([:])
    private let committed = Mutex<[Outcome: Int]>([:])

    init(registry: PrometheusRegistry, health: HealthState, logger: Logger) {
        self.registry = registry
        self.health = health
        self.logger = logger
    }

    /// Partitions that this instance owns and has claimed.
    var positions: [TopicPartition: Progress] { progress.withLock { $0 } }
    /// What this process has committed since its start.
    var outcomes: [Outcome: Int] { committed.withLock { $0 } }

    func observe(_ observation: StreamObservation) {
        switch observation {
        case .notice(let notice): observe(notice)
        case .source(let notice):
            registry.add(to: .notices, notice.code)
            logger.info("Kafka: \(notice.detail)", metadata: ["code": "\(notice.code)"])
        case .stage(let stage, let took, _): registry.observe(took, .stageSeconds, stage.rawValue)
        case .microBatch(let posts, let tokens, let reason):
            registry.add(to: .batchesClosed, "micro_batch", reason.rawValue)
            registry.observe(Double(posts), .microBatchPosts)
            registry.observe(Double(tokens), .microBatchTokens)
        case .committedAges(let ages): for age in ages { registry.observe(age, .endToEndSeconds) }
        case .committedThrough(let positions):
            progress.withLock { progress in
                for (partition, position) in positions where progress[partition] != nil {
                    progress[partition]?.nextOffset = position.nextOffset
                    if let time = position.lastTimestamp { progress[partition]?.lastTimestamp = time }
                }
            }
        case .hinted(let offsets): registry.add(offsets.count, to: .hints, "sent")
        case .inFlight(let records): registry.set(Double(records), .recordsInFlight)
        }
    }

    func observe(_ notice: RegistryNotice) {
        switch notice {
        case .waiting(let schema, let reason, let wait):
            health.notReady("schema registry", reason)
            logger.warning("schema \(schema) cannot be read yet: \(reason); asked again in \(wait.seconds)")
        case .recovered:
            health.ready("schema registry")
            logger.notice("the schema registry answers again")
        }
    }

    private func observe(_ notice: StreamNotice) {
        switch notice {
        case .claimed(let claim): claimed(claim)
        case .claimRetry(let partition, let reason, let wait):
            registry.add(to: .claims, "failed")
            health.notReady("database", "a claim failed: \(reason)")
            logger.warning("\(partition): cannot claim yet: \(reason); again in \(wait.seconds)")
        case .blocked(let partition, let fault): blocked(partition, fault)
        case .revoking(let partition, let inFlight):
            registry.add(to: .rebalances, "revoked")
            logger.info("\(partition): asked back by the group, \(inFlight) records in flight")
        case .drained(let partition, let abandoned):
            gone(partition, abandoned: abandoned)
            logger.info("\(partition): drained; \(abandoned) records not started are left to the next owner")
        case .drainDeadlinePassed(let partition, let abandoned):
            gone(partition, abandoned: abandoned)
            logger.warning("\(partition): not drained in time; \(abandoned) records are left to the next owner")
        case .lost(let partition, let abandoned):
            registry.add(to: .rebalances, "lost")
            gone(partition, abandoned: abandoned)
            logger.warning("\(partition): lost to the group; \(abandoned) records in flight were dropped")
        case .fenced(let partition, let abandoned):
            registry.add(to: .fenced)
            registry.add(to: .deliveries, "fenced")
            gone(partition, abandoned: abandoned)
            logger.warning("\(partition): fenced, another instance holds it or its offset was moved")
        default: observeDelivery(notice)
        }
    }

    private func observeDelivery(_ notice: StreamNotice) {
        switch notice {
        case .committed(_, let records, let counts): delivered(records, counts)
        case .resolvedCommitted(_, let records):
            registry.add(to: .deliveries, "committed")
            logger.notice("an unknown COMMIT of \(records) records had taken effect")
        case .deliveryRetry(let lane, let failure, let wait):
            registry.add(to: .retries, failure.failureClass.rawValue)
            registry.add(to: .deliveries, "failed")
            registry.set(0, .databaseConnected, "delivery-\(lane)")
            health.notReady("database", failure.description)
            logger.warning("delivery \(lane) waits: \(failure); again in \(wait.seconds)")
        case .deliveryRecovered(let lane): logger.notice("delivery \(lane) goes on")
        case .unknownCommit(let lane):
            registry.add(to: .deliveries, "unknown")
            logger.warning("delivery \(lane): the connection broke inside COMMIT; asking what became of it")
        case .bisecting(let lane, let records, let failure):
            registry.add(to: .retries, failure.failureClass.rawValue)
            logger.warning("delivery \(lane): \(failure); looking for the record among \(records)")
        case .condemned(let partition, let offset, let reason):
            logger.error("\(partition)@\(offset) becomes a dead letter: \(reason.rawValue)")
        case .isolating(let partition, let from, let until):
            logger.error(
                "\(partition): claimed again and again without progress; trying records one by one from \(from) to \(until)")
        case .isolationEnded(let partition): logger.notice("\(partition): reads in batches again")
        case .duplicateDropped(let partition): logger.debug("\(partition): a record was polled twice")
        default: break
        }
    }

    private func claimed(_ claim: PartitionClaim) {
        registry.add(to: .claims, "claimed")
        registry.add(to: .rebalances, "assigned")
        health.ready("kafka")
        health.ready("database")
        progress.withLock {
            $0[claim.topicPartition] = Progress(nextOffset: claim.nextOffset, lastTimestamp: claim.lastReceivedAt)
        }
        logger.info("\(claim.topicPartition): claimed at offset \(claim.nextOffset), claim \(claim.counter)")
    }

    private func blocked(_ partition: TopicPartition, _ fault: PositionFault) {
        registry.add(to: .claims, "blocked")
        let what =
            switch fault {
            case .aboveHighWatermark(let stored, let high):
                "the database is at offset \(stored), the topic ends at \(high): it was truncated or made anew"
            case .otherCluster(let stored, let now):
                "its rows come from Kafka cluster \(stored), this is \(now)"
            }
        health.notReady("\(partition)", what)
        let command = "winnow offsets set --topic \(partition.topic) --partition \(partition.partition) --to earliest"
        logger.error("\(partition) is stopped: \(what); decide with: \(command)")
    }

    private func gone(_ partition: TopicPartition, abandoned: Int) {
        if abandoned > 0 { registry.add(abandoned, to: .abandoned) }
        progress.withLock { $0[partition] = nil }
        registry.remove(.lagMessages, partition.topic, String(partition.partition))
        registry.remove(.lagSeconds, partition.topic, String(partition.partition))
    }

    private func delivered(_ records: Int, _ counts: [TopicPartition: [Outcome: Int]]) {
        registry.add(to: .deliveries, "committed")
        registry.observe(Double(records), .deliveryRecords)
        health.ready("database")
        var sum: [Outcome: Int] = [:]
        for (outcome, count) in counts.values.joined() { sum[outcome, default: 0] += count }
        for (outcome, count) in sum {
            registry.add(count, to: .records, outcome.kind.rawValue, outcome.reason)
            if outcome.kind == .dead { registry.add(count, to: .deadLetters, outcome.reason) }
        }
        committed.withLock { $0.merge(sum, uniquingKeysWith: +) }
    }
}

extension Duration {
    /// For people: `1.25 s`.
    var seconds: String { String(format: "%.2f s", self / .seconds(1)) }
}
