// `winnow benchmark --stage decode`: how many Jetstream posts a second one core decodes. Records are made up
// beforehand; no broker, database or model takes part.
import Foundation
import Posts

/// Decodes the same made-up records again and again, in rounds, on one thread.
struct BenchmarkDecode {
    struct Result {
        /// Posts a second, a value a round.
        let rates: [Double]
        let bytesPerRecord: Double

        var summary: String {
            let sorted = rates.sorted()
            let middle = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
            let megabytes = middle * bytesPerRecord / 1e6
            return "decode: median \(Int(middle)) posts/s on one core (\(Int(megabytes)) MB/s), "
                + "slowest round \(Int(sorted.first ?? 0)), fastest \(Int(sorted.last ?? 0)), \(sorted.count) rounds, "
                + "\(Int(bytesPerRecord)) bytes a record"
        }
    }

    private let records: [SourceRecord]
    private let decoder: PostDecoder

    init(format: PostFormat = .jetstream) {
        let partition = TopicPartition(topic: "benchmark", partition: 0)
        records = (0..<2_000).map { number in
            SourceRecord(
                position: SourcePosition(topicPartition: partition, offset: Int64(number)), timestamp: nil, key: nil,
                value: Array(Self.event(number).utf8))
        }
        decoder = PostDecoder(format: format)
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
        return Result(rates: rates, bytesPerRecord: Double(bytes) / Double(records.count))
    }

    /// A create as the feed has it: a third with emoji, a third with escapes, half of them replies.
    static func event(_ number: Int) -> String {
        let texts = [
            "just missed the last train again, walking home in the rain with cold chips number \(number)",
            "おはよう☀️ 今日はいい天気ですね 🌸 散歩に行こうかな \(number)",
            #"she said \"never again\"\nand then ordered \ud83c\udf55 twice, see https://example.org/\#(number)"#,
        ]
        let reply = """
            "reply":{"parent":{"cid":"bafyreib\(number)",\
            "uri":"at://did:plc:p\(number)/app.bsky.feed.post/3kp\(number)"},\
            "root":{"cid":"bafyreic\(number)","uri":"at://did:plc:r\(number)/app.bsky.feed.post/3kr\(number)"}},
            """
        return """
            {"did":"did:plc:abcdefghijklmnop\(number)","time_us":\(1_783_175_888_090_631 + number),"kind":"commit",\
            "commit":{"rev":"3mptbyp\(number)","operation":"create","collection":"app.bsky.feed.post",\
            "rkey":"3mptbyo\(number)","record":{"$type":"app.bsky.feed.post","createdAt":"2026-07-04T14:38:06.240Z",\
            "facets":[{"features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://example.org/\(number)"}],\
            "index":{"byteEnd":31,"byteStart":0}}],"langs":["en"],\(number % 2 == 0 ? reply : "")\
            "text":"\(texts[number % 3])"},"cid":"bafyreiapzyf65cmq55jklpnrihiygze2jmmdqvvkwqeiomd72pbp2iazuu"}}
            """
    }
}
