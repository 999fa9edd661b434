// Where a replay's texts come from. Each feed goes on from the replay's own position, and says how far each portion goes.
import Foundation
import KafkaIngest
import Posts
import PostgresDelivery
import StreamCore

/// Posts to be read by the model, what needs no model, and the position after both.
struct ReplayPortion {
    var posts: [StoredPost] = []
    var decided: [ReplayOutcome: Int64] = [:]
    var nextPost: Int64?
    var nextOffsets: [TopicPartition: Int64] = [:]
    var isEnd = false

    mutating func count(_ outcome: ReplayOutcome, _ number: Int64 = 1) {
        if number > 0 { decided[outcome, default: 0] += number }
    }

    /// Takes a post whose stored version is the one that was read.
    mutating func add(_ post: StoredPost) {
        if post.isOfSameModel { count(.sameModel) } else { posts.append(post) }
    }

    var isEmpty: Bool { posts.isEmpty && decided.isEmpty }
}

protocol ReplayFeed {
    /// Blocks for a short time at most; an empty portion that is not the end means: ask again.
    /// - Throws: `DatabaseFailure`, `SourceFailure`.
    mutating func next(_ replay: Replay, limit: Int) throws -> ReplayPortion
}

/// The stored texts, by number of the post.
struct StoredFeed: ReplayFeed {
    let options: PostgresOptions
    private var reader: StoredPostReader?

    init(options: PostgresOptions) { self.options = options }

    mutating func next(_ replay: Replay, limit: Int) throws -> ReplayPortion {
        let page: [StoredPost]
        do throws(DatabaseFailure) {
            if reader == nil { reader = try StoredPostReader(options) }
            page = try reader?.page(of: replay, limit: limit) ?? []
        } catch {
            reader = nil
            throw error
        }
        var portion = ReplayPortion()
        portion.isEnd = page.isEmpty
        portion.nextPost = page.last?.identifier
        for post in page { portion.add(post) }
        return portion
    }
}

/// Records of Kafka, of which those count whose version the database still holds.
struct KafkaFeed: ReplayFeed {
    private static let patience = Duration.seconds(60)
    let options: PostgresOptions
    let decoder: RecordDecoder
    private let source: KafkaRangeReader
    private var expected: [TopicPartition: Int64]
    private let ends: [TopicPartition: Int64]
    private var reader: StoredPostReader?
    private var pending: KafkaRangeReader.Portion?
    private var lastArrival = ContinuousClock.now

    init(
        _ replay: Replay, options: PostgresOptions, kafka: KafkaSourceConfiguration, decoder: RecordDecoder
    ) throws(SourceFailure) {
        self.options = options
        self.decoder = decoder
        expected = Dictionary(replay.spans.map { ($0.topicPartition, $0.nextOffset) }) { $1 }
        ends = Dictionary(replay.spans.map { ($0.topicPartition, $0.endOffset) }) { $1 }
        source = try KafkaRangeReader(
            kafka, ranges: Dictionary(replay.spans.map { ($0.topicPartition, $0.nextOffset..<$0.endOffset) }) { $1 })
    }

    mutating func next(_ replay: Replay, limit: Int) throws -> ReplayPortion {
        // Kept until its keys were looked up: a database that fails then loses no record.
        if pending == nil {
            let portion = try source.next(records: limit, within: .milliseconds(500))
            if portion.records.isEmpty && portion.ended.isEmpty {
                if source.isAtEnd { return atEnd() }
                guard ContinuousClock.now - lastArrival < Self.patience else {
                    throw SourceFailure(
                        code: "replay_starved",
                        detail: "Kafka has sent no record for \(Self.patience); check kafka.brokers, then replay again",
                        isRetriable: true)
                }
                return ReplayPortion()
            }
            pending = portion
        }
        lastArrival = .now
        guard let portion = pending else { return ReplayPortion() }
        let result = try sort(portion, replay)
        pending = nil
        return result
    }

    private func atEnd() -> ReplayPortion {
        var portion = ReplayPortion()
        portion.isEnd = true
        return portion
    }

    private mutating func sort(_ portion: KafkaRangeReader.Portion, _ replay: Replay) throws(DatabaseFailure) -> ReplayPortion {
        let decoded = portion.records.map { decoder.decode($0) }
        let stored = try lookUp(decoded, replay)
        var result = ReplayPortion()
        var seen: Set<Int64> = []
        for (record, content) in zip(portion.records, decoded) {
            let place = record.position.topicPartition
            result.count(.gap, record.position.offset - (expected[place] ?? record.position.offset))
            expected[place] = record.position.offset + 1
            result.nextOffsets[place] = record.position.offset + 1
            switch content {
            // Records with several documents are replayed from the stored text: one record has one outcome here.
            case .skip, .event(.delete), .event(.account), .several: result.count(.skipped)
            case .reject: result.count(.unreadable)
            case .event(.upsert(let post)):
                switch stored[post.key] {
                case .none: result.count(.absent)
                case .some(.none): result.count(.gone)
                case .some(.some(let known)) where known.version != post.version: result.count(.otherVersion)
                case .some(.some(let known)) where !seen.insert(known.identifier).inserted: result.count(.repeated)
                case .some(.some(let known)): result.add(known.reading(post.text, post.language))
                }
            }
        }
        for place in portion.ended {
            guard let end = ends[place] else { continue }
            result.count(.gap, end - (expected[place] ?? end))
            expected[place] = end
            result.nextOffsets[place] = end
        }
        return result
    }

    private mutating func lookUp(
        _ decoded: [DecodedRecord], _ replay: Replay
    ) throws(DatabaseFailure) -> [PostKey: StoredPost?] {
        var keys: [PostKey] = []
        for case .event(.upsert(let post)) in decoded { keys.append(post.key) }
        do throws(DatabaseFailure) {
            if reader == nil { reader = try StoredPostReader(options) }
            return try reader?.stored(keys, model: replay.model) ?? [:]
        } catch {
            reader = nil
            throw error
        }
    }
}
