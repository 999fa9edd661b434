// `winnow benchmark --stage stream`: Jetstream posts a second from a broker into rows, the model left out. Broker, database and
// stream share the machine, as in a small installation.
import Foundation
import KafkaIngest
import Posts
import PostgresDelivery
import ServiceSettings
import StreamCore
import StreamPipeline
import Synchronization

struct BenchmarkStream {
    struct Result {
        let records: Int
        let connections: Int
        /// From the first COMMIT to the last.
        let postsPerSecond: Double
        /// Posts a second of each second in between.
        let windows: [Double]

        var summary: String {
            let sorted = windows.sorted()
            return """
                stream: \(Int(postsPerSecond)) posts/s from broker to rows, model left out; \(records) Jetstream posts, \
                \(connections) delivery connections
                  seconds: slowest \(Int(sorted.first ?? 0)), median \(Int(sorted.isEmpty ? 0 : sorted[sorted.count / 2])), \
                fastest \(Int(sorted.last ?? 0))
                  machine: \(BenchmarkEncoder.machine()); broker and PostgreSQL included; fsync and synchronous_commit on
                """
        }
    }

    private static let topic = "benchmark"
    private static let partitions: Int32 = 16

    let records: Int
    let connections: Int

    /// What was committed, and when.
    private final class Meter: Sendable {
        private let commits = Mutex<[(time: ContinuousClock.Instant, records: Int)]>([])

        func add(_ records: Int) { commits.withLock { $0.append((ContinuousClock.now, records)) } }
        var total: Int { commits.withLock { $0.reduce(0) { $0 + $1.records } } }
        var all: [(time: ContinuousClock.Instant, records: Int)] { commits.withLock { $0 } }
    }

    func run(progress: (String) -> Void) async throws -> Result {
        let postgres = try TemporaryPostgres(settings: ["shared_buffers = 512MB", "max_wal_size = 4GB"])
        defer { postgres.stop() }
        let broker = try DevelopmentBroker(topics: [.init(name: Self.topic, partitionCount: Self.partitions)])
        let options = PostgresOptions(url: postgres.url, consumerGroup: "benchmark")
        _ = try MigrationRunner(options: options).run()
        progress("filling the topic with \(records) posts")
        try fill(broker.bootstrapServers)
        progress("streaming")
        let meter = Meter()
        let flow = FlowGauge(limits: FlowLimits(bytes: 64 << 20, records: 16_000))
        let clock: @Sendable () -> Timestamp = { Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)) }
        var configuration = StreamEngine<KafkaSource, PostgresSinkProvider, ModellessStageProvider>.Configuration()
        configuration.limits.recordsInFlight = 16_000
        configuration.lanes = connections
        let inbox = StreamInbox<Bool>(limits: configuration.limits, wallClock: clock)
        let source = try KafkaSource(
            configuration: KafkaSourceConfiguration(
                brokers: broker.bootstrapServers, topics: [Self.topic], group: "benchmark"),
            flow: flow) { inbox.post($0) }
        let engine = StreamEngine(
            parts: .init(
                source: source, flow: flow, sinks: PostgresSinkProvider(options: options),
                stages: ModellessStageProvider(decoder: PostDecoder(format: .jetstream)), inbox: inbox),
            configuration: configuration, wallClock: clock
        ) { observation in
            if case .notice(.committed(_, let count, _)) = observation { meter.add(count) }
        }
        source.start()
        let target = records
        // Asks the meter now and then; the stream itself waits for nobody.
        let watcher = DedicatedThread(name: "winnow-meter") {
            let pause = StopFlag()
            let limit = Date(timeIntervalSinceNow: 600)
            while meter.total < target, Date() < limit { _ = pause.wait(until: Date(timeIntervalSinceNow: 0.1)) }
            engine.stop()
        }
        let ending = await engine.run()
        _ = watcher.join(timeout: .seconds(1))
        if let failure = ending.failure { throw CommandFailure("The stream ended early: \(failure)") }
        return result(meter.all)
    }

    private func fill(_ brokers: String) throws {
        let producer = try KafkaProducer(brokers: brokers)
        let source = BenchmarkRecords(format: .jetstream)
        for number in 0..<records {
            try producer.send(
                topic: Self.topic, partition: Int32(number % Int(Self.partitions)),
                value: source.value(number))
        }
        guard producer.flush(within: .seconds(120)) else { throw CommandFailure("The development broker took too long") }
    }

    private func result(_ commits: [(time: ContinuousClock.Instant, records: Int)]) -> Result {
        guard let first = commits.first?.time, let last = commits.last?.time, last > first else {
            return Result(records: records, connections: connections, postsPerSecond: 0, windows: [])
        }
        // What the first COMMIT carried was read before the clock started.
        let counted = commits.dropFirst().reduce(0) { $0 + $1.records }
        var windows: [Int: Int] = [:]
        for commit in commits { windows[Int((commit.time - first) / .seconds(1)), default: 0] += commit.records }
        let whole = Int((last - first) / .seconds(1))
        return Result(
            records: records, connections: connections,
            postsPerSecond: Double(counted) / ((last - first) / .seconds(1)),
            windows: (0..<whole).map { Double(windows[$0] ?? 0) })
    }
}
