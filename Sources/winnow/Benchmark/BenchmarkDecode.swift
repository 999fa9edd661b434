// `winnow benchmark --stage decode`: how many posts a second one core decodes. Records are made up beforehand; no broker,
// registry, database or model takes part.
import Foundation
import Posts
import RegistryFormats
import StreamCore

/// Decodes the same made-up records again and again, in rounds, on one thread.
struct BenchmarkDecode {
    struct Result {
        let format: BenchmarkFormat
        /// Posts a second, a value a round.
        let rates: [Double]
        let bytesPerRecord: Double

        var summary: String {
            let sorted = rates.sorted()
            let middle = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
            let megabytes = middle * bytesPerRecord / 1e6
            return "decode \(format.rawValue): median \(Int(middle)) posts/s on one core (\(Int(megabytes)) MB/s), "
                + "slowest round \(Int(sorted.first ?? 0)), fastest \(Int(sorted.last ?? 0)), \(sorted.count) rounds, "
                + "\(Int(bytesPerRecord)) bytes a record"
        }
    }

    private let format: BenchmarkFormat
    private let records: [SourceRecord]
    private let decoder: RecordDecoder

    init(format: BenchmarkFormat) throws(CommandFailure) {
        self.format = format
        let partition = TopicPartition(topic: "benchmark", partition: 0)
        let source = BenchmarkRecords(format: format)
        records = (0..<2_000).map { number in
            SourceRecord(
                position: SourcePosition(topicPartition: partition, offset: Int64(number)), timestamp: nil, key: nil,
                value: source.value(number))
        }
        decoder = RecordDecoder(posts: PostDecoder(format: format.posts), payloads: try Self.payloads(format))
        // A record that is no post would count for nothing and make the rest look fast.
        for record in records {
            guard case .event(.upsert(let post)) = decoder.decode(record), !post.text.isEmpty else {
                throw CommandFailure("A made-up record of \(format.rawValue) is not read as a post; please report it.")
            }
        }
    }

    /// The schema is known beforehand, so nobody is asked.
    private static func payloads(_ format: BenchmarkFormat) throws(CommandFailure) -> RegistryPayloads? {
        guard let schema = format.schema else { return nil }
        let payloads = RegistryPayloads(
            RegistryConfiguration(
                url: "http://127.0.0.1", credentials: .none, timeout: .seconds(1),
                retries: RetryPolicy(first: .seconds(1), last: .seconds(1)), cachedSchemas: 1), observe: { _ in })
        guard payloads.keep(schema: schema.text, type: schema.type, as: 1) else {
            throw CommandFailure("The schema of the \(format.rawValue) records is not usable; please report it.")
        }
        return payloads
    }

    func run(rounds: Int = 9, roundSeconds: Double = 0.5) -> Result {
        let clock = ContinuousClock()
        var rates: [Double] = []
        // The first round warms up and is not counted.
        for round in 0...rounds {
            var posts = 0
            let start = clock.now
            while clock.now - start < .seconds(roundSeconds) {
                for record in records {
                    if case .event(.upsert(let post)) = decoder.decode(record), !post.text.isEmpty { posts += 1 }
                }
            }
            let elapsed = clock.now - start
            if round > 0 { rates.append(Double(posts) / (elapsed / .seconds(1))) }
        }
        let bytes = records.reduce(0) { $0 + ($1.value?.count ?? 0) }
        return Result(format: format, rates: rates, bytesPerRecord: Double(bytes) / Double(records.count))
    }
}
