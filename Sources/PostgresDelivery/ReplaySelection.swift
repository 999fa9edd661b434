// What a replay goes through, as it was asked for. Kept with the replay as JSON, so that the same question finds it again.
internal import Foundation
internal import Posts

package enum ReplaySource: String, Sendable, CaseIterable { case database, kafka }

package enum ReplayMode: String, Sendable, CaseIterable {
    /// Into `enrichments`, beside the live results.
    case beside
    /// In place of the live results.
    case adopt
}

package struct ReplaySelection: Codable, Equatable, Sendable {
    /// Times in microseconds since 1970, half open: of receipt (database), of the record (kafka).
    package var fromTime: Int64?
    package var toTime: Int64?
    /// Source kafka: offsets, half open.
    package var fromOffset: Int64?
    package var toOffset: Int64?
    package var kafkaTopics: [String]?
    package var kafkaPartition: Int32?
    /// Source database: labels and language as the live row has them, the model that wrote it as name-version+hash.
    package var topicLabel: String?
    package var language: String?
    package var platform: String?
    package var writtenBy: String?

    package init() {}

    /// The same for the same question.
    package var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    package init?(text: String) {
        guard let value = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else { return nil }
        self = value
    }

    /// Over `winnow.posts AS p` and `winnow.model_versions AS m`.
    var conditions: SearchConditions {
        var conditions = SearchConditions()
        conditions.add("p.partition_time >= ?", fromTime.map { Timestamp(microseconds: $0) })
        conditions.add("p.partition_time < ?", toTime.map { Timestamp(microseconds: $0) })
        conditions.add("p.topic = ?", topicLabel)
        conditions.add("p.language = ?", language)
        conditions.add("p.platform = ?", platform)
        conditions.add("m.name || '-' || m.version || '+' || m.weights_hash = ?", writtenBy)
        return conditions
    }
}
