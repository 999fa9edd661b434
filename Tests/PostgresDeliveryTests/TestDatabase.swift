// One temporary cluster for the whole test process, one migrated database for each test.
import Foundation
import PostgresDelivery
import Posts
import StreamCore
import Synchronization

enum TestCluster {
    /// Ends with the process. Durability is off: these tests crash clients, and crash the server only where they bring
    /// their own.
    static let shared: Result<SharedCluster, any Error> = Result {
        let cluster = try SharedCluster()
        atexit { if case .success(let cluster) = TestCluster.shared { cluster.stop() } }
        return cluster
    }

    final class SharedCluster: Sendable {
        private let server: Mutex<TemporaryPostgres?>
        let url: String

        init() throws {
            let server = try TemporaryPostgres(settings: ["fsync = off", "max_connections = 200"])
            url = server.url
            self.server = Mutex(server)
        }

        func stop() {
            server.withLock { server in
                server?.stop()
                server = nil
            }
        }
    }
}

/// A database of one test.
final class TestDatabase {
    let url: String
    let name: String
    private static let numbers = Atomic<Int>(0)

    init(isMigrated: Bool = true) throws {
        let cluster = try TestCluster.shared.get()
        name = "test_\(Self.numbers.add(1, ordering: .relaxed).newValue)"
        url = cluster.url.replacing("/winnow", with: "/\(name)")
        try AdministrationSession(url: cluster.url).script("CREATE DATABASE \(name)")
        if isMigrated { _ = try MigrationRunner(options: options()).run() }
    }

    /// The same database by another way.
    init(url: String, name: String) {
        self.url = url
        self.name = name
    }

    func options(group: String = "group") -> PostgresOptions {
        PostgresOptions(url: url, consumerGroup: group)
    }

    /// As an instance of a release before migration 0027 has them.
    func olderOptions() -> PostgresOptions {
        var options = options()
        options.deliveryFunction = .oneDocument
        return options
    }

    /// The same database, signed in as another role.
    func url(as role: String) -> String { url.replacing("//postgres@", with: "//\(role)@") }

    func options(as role: String) -> PostgresOptions { PostgresOptions(url: url(as: role), consumerGroup: "group") }

    func session() throws -> AdministrationSession { try AdministrationSession(url: url) }

    func sink(_ name: String = "test", group: String = "group") -> PostgresSink {
        PostgresSinkProvider(options: options(group: group)).makeSink(name: name)
    }

    /// The first column of the first row.
    func value(_ sql: String, _ texts: [String?] = []) throws -> String? {
        try session().rows(sql, texts).first?.first ?? nil
    }
}

enum Samples {
    static let topic = "posts"
    static let cluster = "cluster-1"
    static let model = ModelVersion(name: "tiny", version: "1", weightsHash: "0123456789ab")
    /// 2026-11-20 12:00 UTC.
    static let noon = Timestamp(microseconds: 1_795_176_000_000_000)

    static func partition(_ number: Int32) -> TopicPartition { TopicPartition(topic: topic, partition: number) }

    static func claimRequest(_ number: Int32, low: Int64 = 0, high: Int64 = 1_000_000) -> ClaimRequest {
        ClaimRequest(
            topicPartition: partition(number), clusterIdentifier: cluster,
            bounds: PartitionBounds(low: low, high: high), startOffsets: [0: 0, 1: 0, 2: 0, 3: 0])
    }

    static func claim(_ number: Int32, by sink: PostgresSink) throws -> PartitionClaim {
        guard case .claimed(let claim) = sink.claim(claimRequest(number)) else { throw UnexpectedResult() }
        return claim
    }

    static func post(
        _ key: String, version: UInt64, author: String? = "alice", text: String = "the harbour bridge opens on Friday"
    ) -> DeliverableContent {
        .post(
            Post(
                key: PostKey(platform: "test", key: key), version: EventVersion(number: version), author: author,
                text: text),
            enrichment(entities: 1))
    }

    static func delete(_ key: String, version: UInt64) -> DeliverableContent {
        .delete(
            PostDeletion(
                key: PostKey(platform: "test", key: key), version: EventVersion(number: version), author: nil))
    }

    static func account(_ name: String, _ kind: AccountChange.Kind, version: UInt64) -> DeliverableContent {
        .account(AccountChange(platform: "test", account: name, kind: kind, version: EventVersion(number: version)))
    }

    static func enrichment(entities count: Int) -> Enrichment {
        Enrichment(
            language: "en",
            sentiment: Classification(
                label: "neutral",
                scores: [LabelScore(label: "negative", score: 0.125), LabelScore(label: "neutral", score: 0.875)]),
            topic: Classification(label: "news", scores: [LabelScore(label: "news", score: 1)]),
            entities: (0..<count).map { index in
                EntityMention(
                    type: "LOC", text: "Harbour Bridge", span: CodePointSpan(start: 4 + index, length: 14), score: 0.5)
            },
            mask: MaskSummary(keptShare: 0.75, dropped: [CodePointSpan(start: 0, length: 3)]), model: model)
    }

    /// A delivery of one partition: contents at successive offsets from the expected one.
    static func slice(
        _ claim: PartitionClaim, from offset: Int64, _ contents: [DeliverableContent], at time: Timestamp = noon
    ) -> PartitionSlice {
        PartitionSlice(
            claim: claim, expectedOffset: offset, newOffset: offset + Int64(contents.count),
            records: contents.enumerated().map { index, content in
                DeliverableRecord(offset: offset + Int64(index), receivedAt: time, content: content)
            })
    }

    static func delivery(
        _ claim: PartitionClaim, from offset: Int64, _ contents: [DeliverableContent], at time: Timestamp = noon
    ) -> Delivery {
        Delivery(slices: [slice(claim, from: offset, contents, at: time)])
    }
}

struct UnexpectedResult: Error {}

extension DeliveryResult {
    /// Counts of a committed delivery, by outcome.
    var counts: [Outcome: Int]? {
        guard case .committed(let counts) = self else { return nil }
        return counts.values.reduce(into: [:]) { sum, part in sum.merge(part, uniquingKeysWith: +) }
    }

    var failure: DatabaseFailure? {
        guard case .failed(let failure) = self else { return nil }
        return failure
    }

    var fenced: [TopicPartition]? {
        guard case .fenced(let partitions) = self else { return nil }
        return partitions
    }
}
