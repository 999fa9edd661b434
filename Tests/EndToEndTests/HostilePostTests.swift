// Posts of any kind through `winnow enrich` with the model that ships: each is enriched or refused, in its place, and the program
// ends as it should.
import Foundation
import Testing

struct HostilePostTests {
    private static let posts: [String] = [
        "", " ", "\t", "😀", String(repeating: "😀", count: 5_000), String(repeating: "👨‍👩‍👧‍👦", count: 2_000),
        String(repeating: "x", count: 100_000), String(repeating: "lol ", count: 25_000),
        String(repeating: "wort und noch ein wort, ", count: 4_200), "مرحبا بالعالم، كيف حالك اليوم؟", "שלום עולם",
        "\u{202E}abc\u{202C} def", "\u{200B}\u{200D}\u{FEFF}", String(repeating: "\u{200B}", count: 100_000),
        String(repeating: "e\u{301}", count: 40_000), String(repeating: "\u{301}", count: 3_000),
        "日本語の投稿です。今日はいい天気ですね。", String(repeating: "한", count: 20_000), "ไทย ภาษา", "हिन्दी में एक पोस्ट",
        "https://" + String(repeating: "a", count: 90_000), String(repeating: "@a ", count: 30_000),
        String(repeating: "#tag", count: 20_000), "RT @you: RT @me: RT", "\u{0000}\u{0001}\u{001F}", "\u{10FFFF}\u{E000}\u{FFFD}",
        "a\u{0300}\u{0301}\u{0302}\u{0303} zalgo", String(repeating: "!?", count: 40_000), "&amp;lt;&amp;", "\\u0000 \\ud800",
        "{\"text\":\"not an object of ours\"}", String(repeating: "ﷺ", count: 5_000),
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿🇩🇪🇫", String(repeating: "0", count: 100_000),
    ]

    private var shipped: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Deploy/models/english").path
    }

    @Test(arguments: ["learned", "none"])
    func everyPostHasItsAnswer(mask: String) async throws {
        let input = FileManager.default.temporaryDirectory.appendingPathComponent("winnow-posts-\(UUID()).jsonl")
        defer { try? FileManager.default.removeItem(at: input) }
        var lines = Data()
        for (number, text) in Self.posts.enumerated() {
            lines += try JSONSerialization.data(withJSONObject: ["id": String(number), "text": text]) + Data([0x0A])
        }
        // A lone surrogate, bytes that are no UTF-8, and a line that ends too early.
        let broken = [#"{"id":"a","text":"lone \ud83d surrogate"}"#, "{\"id\":\"b\",\"text\":\"", "{\"id\":\"c\",\"text\":"]
        lines += Data(broken[0].utf8) + Data([0x0A]) + Data(broken[1].utf8) + Data([0xFF, 0xFE, 0x22, 0x7D, 0x0A])
        lines += Data(broken[2].utf8) + Data([0x0A])
        try lines.write(to: input)
        let process = try WinnowProcess(["enrich", "--model", shipped, "--mask", mask, "--format", "generic"], input: input)
        let code = try await process.exitCode(within: .seconds(240))
        #expect(code == 0)
        let answers = Data(process.output.utf8).split(separator: 0x0A)
        try #require(answers.count == Self.posts.count + 3, "\(answers.count) answers, \(process.output.suffix(300))")
        for (number, answer) in answers.enumerated() {
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(answer)) as? [String: Any], "answer \(number)")
            if number < Self.posts.count, object["error"] == nil {
                #expect(object["id"] as? String == String(number))
                let text = try #require(object["text"] as? String)
                let dropped = try #require((object["mask"] as? [String: Any])?["dropped"] as? [[Int]])
                #expect(dropped.allSatisfy { $0[0] >= 0 && $0[1] > 0 && $0[0] + $0[1] <= text.unicodeScalars.count })
                let scores = (object["sentiment"] as? [String: Any])?["scores"] as? [String: Any]
                let sum = (scores ?? [:]).values.reduce(0) { $0 + (($1 as? NSNumber)?.doubleValue ?? .nan) }
                #expect(abs(sum - 1) < 0.01, "post \(number)")
            } else {
                let isRead = ["a", "b"].contains(object["id"] as? String ?? "")
                #expect(isRead || object["error"] != nil, "answer \(number)")
            }
        }
    }
}
