// Recorded documents of the real platforms, where this machine has them: each one is accounted for.
import Foundation
import Posts
import Testing

struct WireDataTests {
    struct Recording: CustomTestStringConvertible {
        let file: String
        let format: PostFormat
        /// How many documents come to what.
        let expected: [String: Int]
        var testDescription: String { file }
    }

    static let recordings = [
        Recording(file: "x_v2_filtered_stream.jsonl", format: .x2, expected: ["upsert": 7, "rejected(malformed_json)": 1]),
        Recording(file: "x_v2_tweet_pages.jsonl", format: .x2, expected: ["upsert": 13]),
        Recording(file: "x_v2_compliance.jsonl", format: .x2, expected: ["delete": 4]),
        Recording(file: "x_v1_1_statuses.jsonl", format: .x1, expected: ["upsert": 60]),
        Recording(
            file: "x_v1_1_stream.jsonl", format: .x1, expected: ["upsert": 3, "delete": 1, "skipped(other_event)": 4]),
        Recording(file: "x_v1_1_notices.jsonl", format: .x1, expected: ["delete": 2, "skipped(limit_notice)": 1]),
        Recording(
            file: "mastodon_stream.sse.txt", format: .mastodon,
            expected: ["upsert": 13, "delete": 6, "skipped(other_event)": 7]),
        Recording(file: "reddit_listing_children.jsonl", format: .reddit, expected: ["upsert": 40]),
    ]

    private func documents(_ bytes: [UInt8], _ format: PostFormat) -> [DecodedRecord] {
        let record = Decoding.decode(bytes, format, instances: ["mastodon.example"])
        if case .several(let documents) = record { return documents.map(\.content) }
        return [record]
    }

    /// Line by line, as a collector sends them (server-sent events: the whole file), and all in one record.
    @Test(arguments: recordings)
    func everyDocumentIsAccountedFor(recording: Recording) throws {
        guard let folder = Decoding.sharedData else {
            print("SKIPPED everyDocumentIsAccountedFor(\(recording.file)): no data sets; set WINNOW_SHARED_DATA to their folder")
            return
        }
        let file = folder.appendingPathComponent("wire/\(recording.file)")
        let data = try Data(contentsOf: file)
        let isStream = recording.format == .mastodon
        let records = isStream ? [Array(data)] : data.split(separator: 0x0A).map { Array($0) }
        for format in [recording.format, .auto] {
            for records in [records, [Array(data)]] {
                let documents = records.flatMap { self.documents($0, format) }
                let counts = documents.reduce(into: [:]) { $0[$1.kind, default: 0] += 1 }
                #expect(counts == recording.expected, "\(format)")
                for post in documents.compactMap(\.post) {
                    #expect(post.createdAt != nil && post.author != nil && !post.text.isEmpty)
                    #expect(!post.text.contains("&amp;") && !(isStream && post.text.contains("<p>")))
                }
            }
        }
    }

    @Test func textsAreWhatTheDocumentsHold() throws {
        guard let folder = Decoding.sharedData else {
            print("SKIPPED textsAreWhatTheDocumentsHold: no data sets; set WINNOW_SHARED_DATA to their folder")
            return
        }
        let data = try Data(contentsOf: folder.appendingPathComponent("wire/x_v1_1_statuses.jsonl"))
        for line in data.split(separator: 0x0A) {
            let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
            let text = try #require(object["text"] as? String)
            let unescaped = [("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")].reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
            #expect(Decoding.decode(Array(line), key: nil, .x1).post.map { Array($0.text.utf8) } == Array(unescaped.utf8))
        }
    }
}
