// Made-up posts for the sink's benchmark: sizes and shapes of a microblog feed, each with its own key. No two runs
// share keys.
import Posts
import StreamCore

struct BenchmarkPosts {
    private static let words = [
        "the", "harbour", "market", "rain", "again", "tonight", "why", "is", "nobody", "talking", "about", "this", "match",
        "election", "coffee", "train", "late", "love", "new", "album", "video", "game", "city", "council", "vote", "summer",
        "price", "update", "phone", "great", "terrible", "honestly", "cannot", "believe", "film", "ending", "😂", "☀️",
    ]
    private static let names = ["Lisbon", "Maria Keller", "Northwind", "River Cup", "Sam Okafor", "Old Town", "Helios Labs"]
    private static let topics = ["news", "sports", "music", "film", "gaming", "science", "business", "food", "travel", "daily"]
    private static let sentiments = ["negative", "neutral", "positive"]
    private static let model = ModelVersion(name: "benchmark", version: "1", weightsHash: "000000000000")

    private let run: String
    private let entityCount: Int
    private var state: UInt64

    init(run: String, seed: UInt64, entityCount: Int = 2) {
        self.run = run
        self.entityCount = entityCount
        state = seed | 1
    }

    private mutating func number(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }

    private mutating func letters(_ count: Int) -> String {
        var bytes: [UInt8] = []
        for _ in 0..<count { bytes.append(UInt8(ascii: "a") + UInt8(number(below: 26))) }
        return String(decoding: bytes, as: UTF8.self)
    }

    mutating func records(from offset: Int64, count: Int, at time: Timestamp) -> [DeliverableRecord] {
        (0..<count).map { index in record(offset: offset + Int64(index), at: time) }
    }

    private mutating func record(offset: Int64, at time: Timestamp) -> DeliverableRecord {
        let author = "did:plc:author\(number(below: 200_000))"
        var text = ""
        for _ in 0..<(6 + number(below: 30)) { text += Self.words[number(below: Self.words.count)] + " " }
        let post = Post(
            key: PostKey(platform: "bluesky", key: "at://\(author)/app.bsky.feed.post/\(letters(8))\(run)\(offset)"),
            version: EventVersion(text: "3m\(letters(3))\(offset)", scope: "rev"), author: author, createdAt: time,
            language: "en", text: text, replyTo: number(below: 2) == 0 ? "at://\(author)/app.bsky.feed.post/parent" : nil)
        var mentions: [EntityMention] = []
        for index in 0..<entityCount {
            let name = Self.names[number(below: Self.names.count)] + (number(below: 3) == 0 ? letters(4) : "")
            mentions.append(
                EntityMention(type: "PER", text: name, span: CodePointSpan(start: index * 9, length: 8), score: 0.91))
        }
        return DeliverableRecord(offset: offset, receivedAt: time, content: .post(post, enrichment(mentions)))
    }

    private mutating func enrichment(_ mentions: [EntityMention]) -> Enrichment {
        let sentiment = number(below: Self.sentiments.count)
        let topic = number(below: Self.topics.count)
        return Enrichment(
            language: "en",
            sentiment: Classification(
                label: Self.sentiments[sentiment],
                scores: Self.sentiments.enumerated().map {
                    LabelScore(label: $1, score: $0 == sentiment ? 0.8125 : 0.09375)
                }),
            topic: Classification(
                label: Self.topics[topic],
                scores: Self.topics.enumerated().map { LabelScore(label: $1, score: $0 == topic ? 0.6412 : 0.03987) }),
            entities: mentions,
            mask: MaskSummary(
                keptShare: 0.82, dropped: [CodePointSpan(start: 0, length: 4), CodePointSpan(start: 20, length: 6)]),
            model: Self.model)
    }
}
