// How the poll loop takes the client's events other than records: rebalances, errors, commits, statistics, log lines.
import CRdKafka
import Posts
import StreamCore

extension PollLoop {
    func handle(_ event: OpaquePointer, now: ContinuousClock.Instant) {
        switch rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_REBALANCE: handleRebalance(event, now: now)
        case RD_KAFKA_EVENT_ERROR: handleError(event)
        case RD_KAFKA_EVENT_OFFSET_COMMIT: hinter.finished(KafkaErrorCode(rd_kafka_event_error(event)))
        case RD_KAFKA_EVENT_STATS:
            guard let json = rd_kafka_event_stats(event) else { return }
            statistics.update(json: String(cString: json))
            // The event that says so is raised at times while a broker answers.
            if statistics.current.connectedBrokers > 0 { areBrokersDown = false }
        case RD_KAFKA_EVENT_LOG: handleLog(event, now: now)
        default: break
        }
    }

    private func handleRebalance(_ event: OpaquePointer, now: ContinuousClock.Instant) {
        let list = rd_kafka_event_topic_partition_list(event)
        let partitions = TopicPartitionList.entries(of: list).map(\.partition)
        let code = KafkaErrorCode(rd_kafka_event_error(event))
        switch code {
        case .assignPartitions:
            perform(machine.groupAssigned(partitions))
        case .revokePartitions:
            perform(machine.groupRevoked(partitions, isLost: client.isAssignmentLost, now: now))
        default:
            // The rebalance itself failed: whatever we hold is no longer agreed upon.
            notice(code, "The group could not be balanced: \(code.explanation)", now: now)
            perform(machine.groupRevoked(assignedPartitions.sorted(), isLost: true, now: now))
        }
    }

    private func handleError(_ event: OpaquePointer) {
        let code = KafkaErrorCode(rd_kafka_event_error(event))
        var partition: TopicPartition?
        var offset: Int64?
        if let place = rd_kafka_event_topic_partition(event) {
            defer { rd_kafka_topic_partition_destroy(place) }
            if let topic = place.pointee.topic {
                partition = TopicPartition(topic: String(cString: topic), partition: place.pointee.partition)
                offset = place.pointee.offset
            }
        }
        reportError(code, partition: partition, offset: offset)
    }

    func reportError(_ code: KafkaErrorCode, partition: TopicPartition?, offset: Int64?) {
        let now = ContinuousClock.now
        if code == .fatal || client.fatalCode != nil {
            let cause = client.fatalCode ?? code
            perform(
                machine.failed(
                    SourceFailure(
                        code: cause.description,
                        detail: "The Kafka client stopped for good: \(cause.explanation); start Winnow again",
                        isRetriable: false)))
            return
        }
        switch code {
        case .partitionEnd:
            if let partition, let offset { reachedEnd(partition, end: offset) }
        case .autoOffsetReset, .offsetOutOfRange:
            guard let partition else { return }
            positioner.markDead(partition)
            let actions = machine.offsetOutOfRange(partition)
            guard !actions.isEmpty else { return }
            positioner.remove(partition)
            reconcilePauses()
            emit(
                .notice(
                    SourceNotice(
                        code: "offset_out_of_range",
                        detail: "Kafka does not have the offset asked for of \(partition): claiming it again")))
            perform(actions)
        case .allBrokersDown:
            areBrokersDown = true
            notice(code, "No Kafka broker can be reached; the client goes on trying", now: now)
        default:
            let place = partition.map { " for \($0)" } ?? ""
            let advice = code.advice.map { "; \($0)" } ?? ""
            notice(code, "Kafka reported\(place): \(code.explanation)\(advice)", now: now)
        }
    }

    private func handleLog(_ event: OpaquePointer, now: ContinuousClock.Instant) {
        var facility: UnsafePointer<CChar>?
        var text: UnsafePointer<CChar>?
        var level: Int32 = 0
        guard rd_kafka_event_log(event, &facility, &text, &level) == 0, let facility, let text else { return }
        // Informational lines (6) and debug output (7) are for whoever asked librdkafka for them.
        notice(
            named: level <= 5 ? "librdkafka_log" : "librdkafka_debug",
            "librdkafka \(String(cString: facility)): \(String(cString: text))", now: now)
    }

    private func notice(_ code: KafkaErrorCode, _ detail: String, now: ContinuousClock.Instant) {
        notice(named: code.description, detail, now: now)
    }

    private func notice(named code: String, _ detail: String, now: ContinuousClock.Instant) {
        let (isAdmitted, suppressed) = logLimiter.admit(now: now)
        guard isAdmitted else { return }
        let suffix = suppressed > 0 ? " (\(suppressed) more were held back)" : ""
        emit(.notice(SourceNotice(code: code, detail: detail + suffix)))
    }
}
