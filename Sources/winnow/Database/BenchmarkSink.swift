// `winnow benchmark --stage sink`: posts a second into a PostgreSQL of its own, with the schema as migrated, rows
// preloaded, synchronous_commit on and checkpoints inside; beside it the plain binary COPY of rows like these.
import Foundation
import PostgresDelivery
import Posts
import StreamCore
import Synchronization

struct BenchmarkSink {
    struct Plan {
        var batch = 500
        var connections = 2
        var seconds = 60.0
        var preloadedRows = 1_000_000
        var copySeconds = 20.0
        /// An existing, empty database; nil: a temporary cluster.
        var url: String?
        /// Where to deliver, when not straight to `url`: a pooler's address.
        var poolerURL: String?
    }

    struct Result {
        let plan: Plan
        /// Posts a second of each window of five seconds.
        let windows: [Double]
        let postsPerSecond: Double
        let copyPerSecond: Double
        /// Seconds of one delivery, sorted.
        let latencies: [Double]
        let checkpoints: String
        let catalogBytes: (before: Int, after: Int)

        var summary: String {
            let sorted = windows.sorted()
            let middle = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
            func percentile(_ share: Double) -> String {
                guard !latencies.isEmpty else { return "-" }
                return String(format: "%.0f ms", latencies[min(Int(share * Double(latencies.count)), latencies.count - 1)] * 1_000)
            }
            return """
                sink: \(Int(postsPerSecond)) posts/s over \(Int(plan.seconds)) s, batches of \(plan.batch), \
                \(plan.connections) connections\(plan.poolerURL == nil ? "" : " through a pooler")
                  windows of 5 s: slowest \(Int(sorted.first ?? 0)), median \(Int(middle)), \
                fastest \(Int(sorted.last ?? 0))
                  one delivery: median \(percentile(0.5)), 95 % \(percentile(0.95)), 99 % \(percentile(0.99))
                  checkpoints during the run: \(checkpoints); catalogue \
                \(catalogBytes.before) -> \(catalogBytes.after) bytes
                plain binary COPY of the same rows into the same tables and indexes: \(Int(copyPerSecond)) posts/s
                  machine: \(ProcessInfo.processInfo.activeProcessorCount) cores; fsync on, synchronous_commit on; \
                \(plan.preloadedRows) posts preloaded, two entities a post
                """
        }
    }

    private static let topic = "benchmark"
    private let plan: Plan

    init(_ plan: Plan) { self.plan = plan }

    func run(progress: (String) -> Void) throws -> Result {
        // A cluster for this run, like a small server's: settings are part of the result.
        let cluster = plan.url == nil
            ? try TemporaryPostgres(settings: ["shared_buffers = 512MB", "max_wal_size = 4GB", "checkpoint_timeout = 30s"]) : nil
        defer { cluster?.stop() }
        let url = plan.url ?? cluster?.url ?? ""
        let options = PostgresOptions(url: url, consumerGroup: "benchmark")
        _ = try MigrationRunner(options: options).run()
        progress("preloading \(plan.preloadedRows) posts")
        try BenchmarkPreload.run(url: url, rows: plan.preloadedRows)
        let session = try AdministrationSession(url: url)
        let before = try checkpointCount(session)
        let catalogBefore = try catalogBytes(session)
        progress("delivering for \(Int(plan.seconds)) s")
        var deliverOptions = PostgresOptions(url: plan.poolerURL ?? url, consumerGroup: "benchmark")
        deliverOptions.lockTimeout = .seconds(10)
        let (windows, latencies, rate) = try deliver(deliverOptions)
        let after = try checkpointCount(session)
        let catalogAfter = try catalogBytes(session)
        progress("copying for \(Int(plan.copySeconds)) s")
        let copied = plan.copySeconds > 0
            ? try BenchmarkCopy(url: url, batch: plan.batch, connections: plan.connections)
                .run(seconds: plan.copySeconds) : 0
        return Result(
            plan: plan, windows: windows, postsPerSecond: rate, copyPerSecond: copied, latencies: latencies.sorted(),
            checkpoints: "\(after - before)", catalogBytes: (catalogBefore, catalogAfter))
    }

    private func checkpointCount(_ session: AdministrationSession) throws -> Int {
        Int(try session.rows("SELECT checkpoints_timed + checkpoints_req FROM pg_stat_bgwriter").first?[0] ?? "") ?? 0
    }

    private func catalogBytes(_ session: AdministrationSession) throws -> Int {
        let sql = "SELECT pg_total_relation_size('pg_class') + pg_total_relation_size('pg_attribute')"
        return Int(try session.rows(sql).first?[0] ?? "") ?? 0
    }

    private struct Samples {
        var windows: [Int: Int] = [:]
        var latencies: [Double] = []
        var failure: String?
    }

    /// One thread a connection, each with a partition of its own.
    private func deliver(_ options: PostgresOptions) throws -> ([Double], [Double], Double) {
        let samples = Mutex(Samples())
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + .seconds(plan.seconds)
        let group = DispatchGroup()
        let provider = PostgresSinkProvider(options: options)
        for number in 0..<Int32(plan.connections) {
            group.enter()
            let batch = plan.batch
            let connections = Int32(plan.connections)
            Thread.detachNewThread {
                let partition = TopicPartition(topic: Self.topic, partition: number)
                let failure = Self.deliver(
                    provider, partition, of: connections, batch: batch, start: start, end: end,
                    note: { window, seconds in
                        samples.withLock {
                            $0.windows[window, default: 0] += batch
                            $0.latencies.append(seconds)
                        }
                    })
                if let failure { samples.withLock { $0.failure = failure } }
                group.leave()
            }
        }
        group.wait()
        let elapsed = (clock.now - start) / .seconds(1)
        let result = samples.withLock { $0 }
        if let failure = result.failure { throw TemporaryFailure(description: failure) }
        let full = Int(plan.seconds / 5)
        let rates = (0..<max(full, 1)).map { Double(result.windows[$0] ?? 0) / 5 }
        return (rates, result.latencies, Double(result.latencies.count * plan.batch) / elapsed)
    }

    private struct TemporaryFailure: Error, CustomStringConvertible { let description: String }

    /// - Returns: why it ended early, nil at the end of the time.
    private static func deliver(
        _ provider: PostgresSinkProvider, _ partition: TopicPartition, of count: Int32, batch: Int,
        start: ContinuousClock.Instant, end: ContinuousClock.Instant, note: (Int, Double) -> Void
    ) -> String? {
        let sink = provider.makeSink(name: "benchmark")
        let request = ClaimRequest(
            topicPartition: partition, clusterIdentifier: "benchmark", bounds: PartitionBounds(low: 0, high: .max),
            startOffsets: Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, 0) }))
        guard case .claimed(let claim) = sink.claim(request) else { return "the partition could not be claimed" }
        let run = String(UInt64(Date().timeIntervalSince1970 * 1_000), radix: 36)
        var posts = BenchmarkPosts(run: "\(run)x\(partition.partition)x", seed: UInt64(partition.partition) + 7)
        var offset = claim.nextOffset
        let clock = ContinuousClock()
        while clock.now < end {
            let now = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
            let slice = PartitionSlice(
                claim: claim, expectedOffset: offset, newOffset: offset + Int64(batch),
                records: posts.records(from: offset, count: batch, at: now))
            let before = clock.now
            switch sink.deliver(Delivery(slices: [slice])) {
            case .committed: break
            case .fenced: return "the partition was claimed by another process"
            case .failed(let failure): return failure.description
            case .unknownCommit: return "the connection broke"
            }
            offset += Int64(batch)
            let after = clock.now
            note(Int((after - start) / .seconds(5)), (after - before) / .seconds(1))
        }
        return nil
    }
}
