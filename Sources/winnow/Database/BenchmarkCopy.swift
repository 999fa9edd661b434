// What the same rows cost with nothing but binary COPY: into copies of the tables with the same indexes, batch by
// batch, each batch one transaction. No keys are looked up, no fence, no counts: the ceiling beside which the sink is
// measured.
import Foundation
import PostgresDelivery
import Posts
import StreamCore
import Synchronization

struct BenchmarkCopy {
    let url: String
    let batch: Int
    let connections: Int

    /// Posts a second.
    func run(seconds: Double) throws -> Double {
        try AdministrationSession(url: url).script(
            """
            DROP SCHEMA IF EXISTS copied CASCADE; CREATE SCHEMA copied;
            CREATE TABLE copied.post_keys (LIKE winnow.post_keys INCLUDING ALL);
            CREATE TABLE copied.posts (LIKE winnow.posts INCLUDING ALL);
            CREATE TABLE copied.entities (LIKE winnow.entities INCLUDING ALL)
            """)
        let total = Atomic<Int>(0)
        let failure = Mutex<String?>(nil)
        let clock = ContinuousClock()
        let start = clock.now
        let group = DispatchGroup()
        withExtendedLifetime(total) {
            for number in 0..<connections {
                group.enter()
                let (url, batch) = (url, batch)
                Thread.detachNewThread {
                    do {
                        let session = try AdministrationSession(url: url)
                        var posts = BenchmarkPosts(run: "copy\(number)x", seed: UInt64(number) + 99)
                        var first = Int64(number) << 40
                        while clock.now - start < .seconds(seconds) {
                            try Self.copy(posts.records(from: first, count: batch, at: Self.now), session)
                            first += Int64(batch)
                            total.add(batch, ordering: .relaxed)
                        }
                    } catch {
                        failure.withLock { $0 = "\(error)" }
                    }
                    group.leave()
                }
            }
            group.wait()
        }
        if let text = failure.withLock({ $0 }) { throw CopyFailure(description: text) }
        return Double(total.load(ordering: .relaxed)) / ((clock.now - start) / .seconds(1))
    }

    private struct CopyFailure: Error, CustomStringConvertible { let description: String }

    private static var now: Timestamp { Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }

    private static func copy(_ records: [DeliverableRecord], _ session: AdministrationSession) throws {
        var keys = CopyRows()
        var rows = CopyRows()
        var entities = CopyRows()
        for record in records {
            guard case .post(let post, let enrichment) = record.content else { continue }
            keys.begin(8)
            keys.add(record.offset)
            keys.add(record.receivedAt)
            for text in [post.key.platform, post.key.key, "live", post.version.text, post.version.scope, post.author] { keys.add(text) }
            rows.addPost(post, enrichment, record)
            for mention in enrichment.entities {
                entities.begin(8)
                entities.add(record.offset)
                entities.add(record.receivedAt)
                entities.add(Int32(mention.span.start))
                entities.add(Int32(mention.span.length))
                entities.add(mention.score)
                for text in [mention.type, mention.text, mention.text.lowercased()] { entities.add(text) }
            }
        }
        try session.script("BEGIN")
        try session.copyIn(
            """
            COPY copied.post_keys (post_id, partition_time, platform, key, state, version, version_scope, account) \
            FROM STDIN (FORMAT binary)
            """, keys.finished)
        try session.copyIn("COPY copied.posts FROM STDIN (FORMAT binary)", rows.finished)
        try session.copyIn("COPY copied.entities FROM STDIN (FORMAT binary)", entities.finished)
        try session.script("COMMIT")
    }
}

/// Rows in the binary format of COPY: signature, then a field count and length-prefixed fields for each row.
private struct CopyRows {
    private var bytes: [UInt8] = Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0] + [UInt8](repeating: 0, count: 8)

    var finished: [UInt8] { bytes + [0xff, 0xff] }

    mutating func begin(_ fieldCount: Int16) { put(fieldCount) }

    mutating func add(_ value: Int64) { put(Int32(8)); put(value) }
    mutating func add(_ value: Int32) { put(Int32(4)); put(value) }
    mutating func add(_ value: Float) { put(Int32(4)); put(value.bitPattern) }
    /// PostgreSQL counts from 2000.
    mutating func add(_ value: Timestamp) { add(value.microseconds - 946_684_800_000_000) }

    mutating func add(_ value: String?) {
        guard let value else { return put(Int32(-1)) }
        put(Int32(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    mutating func add(_ values: [Float]) {
        put(Int32(20 + 8 * values.count))
        for header in [1, 0, 700, Int32(values.count), 1] { put(header) }
        for value in values { add(value) }
    }

    mutating func add(_ values: [Int32]) {
        put(Int32(20 + 8 * values.count))
        for header in [1, 0, 23, Int32(values.count), 1] { put(header) }
        for value in values { add(value) }
    }

    mutating func addPost(_ post: Post, _ enrichment: Enrichment, _ record: DeliverableRecord) {
        begin(23)
        add(record.offset)
        add(record.receivedAt)
        add(record.receivedAt)
        add(record.receivedAt)
        add(record.offset)
        add(Int32(0))
        add(Int32(1))
        add(enrichment.mask.keptShare)
        for text in [
            "benchmark", post.key.platform, post.key.key, post.author, post.language, enrichment.sentiment?.label,
            enrichment.topic?.label,
        ] { add(text) }
        add((enrichment.sentiment?.scores ?? []).map(\.score))
        add((enrichment.topic?.scores ?? []).map(\.score))
        add(enrichment.mask.dropped.flatMap { [Int32($0.start), Int32($0.length)] })
        for text in [post.replyTo, post.replyRoot, post.repostOf, post.quoteOf, post.text] { add(text) }
    }

    private mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
