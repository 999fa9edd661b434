// Writes one batch of a replay: results, counts and position in one transaction (Schemas/sql/0025_write_replay.sql).
package import Posts
package import StreamCore

/// What became of a post or record of a replay. The counts of a replay add up to what is behind it.
package enum ReplayOutcome: String, Sendable, CaseIterable {
    /// The result stands in `enrichments`.
    case written
    /// The result is the live one now.
    case adopted
    /// The live stream edited the post meanwhile.
    case changed
    /// The post was deleted, purged, or dropped by retention.
    case gone
    /// The database never had the post: taking it in is the stream's job.
    case absent
    /// The database holds another version of the post than this record.
    case otherVersion = "other_version"
    /// The live result is of the replay's model already.
    case sameModel = "same_model"
    /// The same version of the post came before in this batch.
    case repeated
    /// The record is no post.
    case skipped
    /// The record cannot be read.
    case unreadable
    /// The offset holds no record any more.
    case gap
}

/// One batch: results, what needed none, and how far the replay is after it.
package struct ReplayBatch: Sendable {
    package var results: [(post: StoredPost, enrichment: Enrichment)] = []
    package var decided: [ReplayOutcome: Int64] = [:]
    package var nextPost: Int64?
    package var nextOffsets: [TopicPartition: Int64] = [:]

    package init() {}

    /// How far `done` moves.
    package var advance: Int64 { Int64(results.count) + decided.values.reduce(0, +) }
}

package enum ReplayWrite: Sendable {
    case written([ReplayOutcome: Int64])
    /// Nothing was written: another process has gone on with this replay, or ended it.
    case fenced
}

package final class ReplayWriter {
    private let options: PostgresOptions
    private var session: AdministrationSession?

    package init(_ options: PostgresOptions) { self.options = options }

    /// - Throws: the class `wait` where it may work later. After a lost connection the batch may have been written: the
    ///   replay's books say so, and writing it again is fenced.
    package func write(_ batch: ReplayBatch, of replay: Replay) throws(DatabaseFailure) -> ReplayWrite {
        let rows: [[String?]]
        do throws(DatabaseFailure) {
            rows = try open().pipeline(
                [TransactionTimeouts.statement(options), Self.statement(batch, of: replay)], activity: "The replay")
                .last ?? []
        } catch {
            session = nil
            throw error
        }
        var outcomes = batch.decided
        for row in rows {
            if row[0] == "fenced" { return .fenced }
            guard let outcome = row[0].flatMap(ReplayOutcome.init(rawValue:)) else { continue }
            outcomes[outcome, default: 0] += row[1].flatMap { Int64($0) } ?? 0
        }
        return .written(outcomes)
    }

    private func open() throws(DatabaseFailure) -> AdministrationSession {
        if let session { return session }
        let opened = try AdministrationSession(options: options, name: "replay")
        session = opened
        return opened
    }

    private static func statement(_ batch: ReplayBatch, of replay: Replay) -> Statement {
        var parameters = NamedParameters()
        parameters.add("replay", .bigint(replay.identifier))
        parameters.add("expected", .bigint(replay.done))
        parameters.add("done", .bigint(batch.advance))
        parameters.add("next_post", PostgresParameter.optionalBigint(batch.nextPost))
        addPositions(batch, to: &parameters)
        addModel(batch.results.first?.enrichment, to: &parameters)
        addPosts(batch.results, to: &parameters)
        addEntities(batch.results, to: &parameters)
        let adopts = replay.mode == .adopt ? "true" : "false"
        return Statement(
            sql: "SELECT outcome, count FROM winnow.write_replay_v1(p_adopts => \(adopts), \(parameters.arguments))",
            parameters: parameters.values)
    }

    private static func addPositions(_ batch: ReplayBatch, to parameters: inout NamedParameters) {
        var topics = BinaryArray(.text)
        var partitions = BinaryArray(.integer)
        var offsets = BinaryArray(.bigint)
        for (place, offset) in batch.nextOffsets.sorted(by: { $0.key < $1.key }) {
            topics.append(place.topic)
            partitions.append(place.partition)
            offsets.append(offset)
        }
        var outcomes = BinaryArray(.text)
        var counts = BinaryArray(.bigint)
        for (outcome, count) in batch.decided.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            outcomes.append(outcome.rawValue)
            counts.append(count)
        }
        parameters.add("topic", topics)
        parameters.add("partition", partitions)
        parameters.add("next_offset", offsets)
        parameters.add("outcome", outcomes)
        parameters.add("count", counts)
    }

    /// All results of a replay are of one model.
    private static func addModel(_ enrichment: Enrichment?, to parameters: inout NamedParameters) {
        func labels(_ classification: Classification?) -> PostgresParameter {
            var array = BinaryArray(.text)
            for score in classification?.scores ?? [] { array.append(score.label) }
            return array.parameter
        }
        parameters.add("model_name", .text(enrichment?.model.name))
        parameters.add("model_version", .text(enrichment?.model.version))
        parameters.add("model_hash", .text(enrichment?.model.weightsHash))
        parameters.add("model_sentiments", labels(enrichment?.sentiment))
        parameters.add("model_topics", labels(enrichment?.topic))
    }

    private static func addPosts(
        _ results: [(post: StoredPost, enrichment: Enrichment)], to parameters: inout NamedParameters
    ) {
        var identifiers = BinaryArray(.bigint)
        var times = BinaryArray(.timestamp)
        var kept = BinaryArray(.real)
        var dropped = BinaryArray(.text)
        for result in results {
            identifiers.append(result.post.identifier)
            times.append(result.post.partitionTime)
            kept.append(result.enrichment.mask.keptShare)
            dropped.appendList(result.enrichment.mask.dropped.lazy.flatMap { [$0.start, $0.length] })
        }
        func texts(_ value: ((post: StoredPost, enrichment: Enrichment)) -> String?) -> BinaryArray {
            var array = BinaryArray(.text)
            for result in results { array.append(value(result)) }
            return array
        }
        func scores(_ classification: (Enrichment) -> Classification?) -> BinaryArray {
            var array = BinaryArray(.text)
            for result in results {
                if let found = classification(result.enrichment) {
                    array.appendList(found.scores.lazy.map(\.score))
                } else {
                    array.appendNull()
                }
            }
            return array
        }
        parameters.add("post_id", identifiers)
        parameters.add("post_time", times)
        parameters.add("post_platform", texts { $0.post.key.platform })
        parameters.add("post_key", texts { $0.post.key.key })
        parameters.add("post_version", texts { $0.post.version.text })
        parameters.add("post_scope", texts { $0.post.version.scope })
        parameters.add("post_kept", kept)
        parameters.add("post_sentiment", texts { $0.enrichment.sentiment?.label })
        parameters.add("post_sentiment_scores", scores(\.sentiment))
        parameters.add("post_topic", texts { $0.enrichment.topic?.label })
        parameters.add("post_topic_scores", scores(\.topic))
        parameters.add("post_dropped", dropped)
    }

    private static func addEntities(
        _ results: [(post: StoredPost, enrichment: Enrichment)], to parameters: inout NamedParameters
    ) {
        var posts = BinaryArray(.integer)
        var types = BinaryArray(.text)
        var names = BinaryArray(.text)
        var normalized = BinaryArray(.text)
        var starts = BinaryArray(.integer)
        var lengths = BinaryArray(.integer)
        var scores = BinaryArray(.real)
        for (index, result) in results.enumerated() {
            for mention in result.enrichment.entities {
                posts.append(Int32(index + 1))
                types.append(mention.type)
                names.append(mention.text)
                normalized.append(EntityName.normalized(mention.text))
                starts.append(Int32(clamping: mention.span.start))
                lengths.append(Int32(clamping: mention.span.length))
                scores.append(mention.score)
            }
        }
        parameters.add("entity_post", posts)
        parameters.add("entity_type", types)
        parameters.add("entity_name", names)
        parameters.add("entity_normalized", normalized)
        parameters.add("entity_start", starts)
        parameters.add("entity_length", lengths)
        parameters.add("entity_score", scores)
    }
}
