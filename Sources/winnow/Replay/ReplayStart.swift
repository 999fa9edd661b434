// Finds or begins the replay that a command means: what was asked for becomes numbers, once, so that a replay that was
// broken off goes on over the same range.
import Foundation
import KafkaIngest
import Posts
import PostgresDelivery
import ServiceSettings
import StreamCore

struct ReplayStart {
    let source: ReplaySource
    let mode: ReplayMode
    let model: ModelVersion
    let selection: ReplaySelection
    let settings: Settings
    let options: PostgresOptions

    struct Range {
        var total: Int64 = 0
        var endPost: Int64 = 0
        var spans: [Replay.Span] = []
    }

    /// - Throws: `DatabaseFailure`, `SourceFailure`, `CommandFailure`.
    func range() throws -> Range {
        switch source {
        case .database:
            let extent = try ReplayLedger(options).extent(of: selection)
            return Range(total: extent.posts, endPost: extent.endPost)
        case .kafka:
            let spans = try spans()
            return Range(total: spans.reduce(0) { $0 + $1.endOffset - $1.nextOffset }, spans: spans)
        }
    }

    /// The one that was broken off, unless `isAnew`, else a new one.
    func replay(isAnew: Bool) throws -> (replay: Replay, isResumed: Bool) {
        let ledger = try ReplayLedger(options)
        if !isAnew,
            let known = try ledger.findUnfinished(source: source, mode: mode, model: model, selection: selection)
        {
            return (known, true)
        }
        let range = try range()
        return (
            try ledger.begin(
                source: source, mode: mode, model: model, selection: selection, total: range.total,
                endPost: range.endPost, spans: range.spans), false
        )
    }

    static func kafkaConfiguration(_ settings: Settings) -> KafkaSourceConfiguration {
        KafkaSourceConfiguration(
            brokers: settings.kafka.bootstrapList, topics: settings.kafka.topics, group: settings.kafka.group,
            properties: KafkaProperties(settings.kafka.properties.mapValues(\.text)))
    }

    private func spans() throws -> [Replay.Span] {
        let inquiry = try KafkaInquiry(Self.kafkaConfiguration(settings))
        var spans: [Replay.Span] = []
        for topic in selection.kafkaTopics ?? [] {
            guard !topic.hasPrefix("^") else {
                throw CommandFailure("A replay needs the names of topics, not the pattern \(topic): give --topic")
            }
            let numbers = try inquiry.partitions(ofTopic: topic)
            let chosen = numbers.filter { number in selection.kafkaPartition.map { $0 == number } ?? true }
                .map { TopicPartition(topic: topic, partition: $0) }
            let starts = try offsets(selection.fromTime, of: chosen, inquiry)
            let ends = try offsets(selection.toTime, of: chosen, inquiry)
            for place in chosen {
                let bounds = try inquiry.bounds(of: place)
                // A time after the last record is the end.
                let start = starts.map { $0[place] ?? bounds.high } ?? selection.fromOffset ?? bounds.low
                let end = ends.map { $0[place] ?? bounds.high } ?? selection.toOffset ?? bounds.high
                let first = min(max(start, bounds.low), bounds.high)
                spans.append(
                    Replay.Span(topicPartition: place, nextOffset: first, endOffset: max(first, min(end, bounds.high))))
            }
        }
        if spans.isEmpty {
            throw CommandFailure("No partition of \(selection.kafkaTopics ?? []) was chosen: check --topic and --partition")
        }
        return spans
    }

    private func offsets(
        _ time: Int64?, of partitions: [TopicPartition], _ inquiry: KafkaInquiry
    ) throws(SourceFailure) -> [TopicPartition: Int64]? {
        guard let time, !partitions.isEmpty else { return nil }
        return try inquiry.offsets(of: partitions, at: Timestamp(microseconds: time))
    }
}
