// What each policy drops and what it must not.
import Masking
import ModelFiles
import Posts
import StudentInference
import Testing

@Suite struct MaskTests {
    /// The text without what the rules drop, its words joined by single spaces.
    private func kept(_ text: String, _ policy: MaskPolicy = .rules) throws -> String {
        let student = try Student.load(folder: Golden.tinyFolder)
        let masked = policy.apply(to: student.tokenizer.tokenize(text), text: text)
        var scalars = Array(text.unicodeScalars)
        for span in masked.summary.dropped.reversed() { scalars.removeSubrange(span.start..<span.end) }
        return String(String.UnicodeScalarView(scalars)).split(separator: " ").joined(separator: " ")
    }

    @Test(arguments: [
        ("RT @someone: great news", "great news"),
        ("@a @b_c yes I agree", "yes I agree"),
        ("thanks to @nasa for this", "thanks to @nasa for this"),
        ("lovely day via @weather_bot", "lovely day"),
        ("read this https://t.co/AbC1?x=y now", "read this now"),
        ("look:http://a.example/b", "look:"),
        ("see pic.twitter.com/abcd", "see"),
        ("#MondayMotivation rocks #yes", "MondayMotivation rocks yes"),
        ("so good!!!!! really???", "so good! really?"),
        ("what?!?!", "what?!?!"),
        ("no no no no no", "no no"),
        ("fire 🔥 🔥 🔥 day", "fire 🔥 day"),
        ("R&amp;B is &lt;3", "R&B is 3"),
        ("not bad, not good", "not bad, not good"),
        ("price is #1 at $5", "price is 1 at $5"),
        ("mail me@example.org", "mail me@example.org"),
        ("the cart was at cost", "the cart was at cost"),
    ])
    func rulesDropNoiseAndKeepWords(text: String, expected: String) throws {
        #expect(try kept(text) == expected)
    }

    @Test(arguments: ["https://t.co/abc", "@a @b", "RT @a: https://t.co/x", "!!!!", "", "  "])
    func aPostOfOnlyNoiseIsReadWhole(text: String) throws {
        let student = try Student.load(folder: Golden.tinyFolder)
        let masked = MaskPolicy.rules.apply(to: student.tokenizer.tokenize(text), text: text)
        #expect(masked.kept == nil)
        #expect(masked.summary == MaskSummary(keptShare: 1, dropped: []))
    }

    @Test func droppedSpansAreMergedAndCounted() throws {
        let student = try Student.load(folder: Golden.tinyFolder)
        let text = "RT @test: @it hello"
        let tokens = student.tokenizer.tokenize(text)
        let masked = MaskPolicy.rules.apply(to: tokens, text: text)
        #expect(masked.summary.dropped == [CodePointSpan(start: 0, length: 13)])
        let kept = try #require(masked.kept)
        #expect(kept.first == 0 && kept.last == Int32(tokens.tokens.count - 1))
        #expect(masked.summary.keptShare == Float(kept.count - 2) / Float(tokens.tokens.count - 2))
    }

    @Test func theCutCountsAsNotRead() throws {
        let student = try Student.load(folder: Golden.tinyFolder)
        let text = String(repeating: "hello ", count: 400)
        let masked = MaskPolicy.none.apply(to: student.tokenizer.tokenize(text), text: text)
        #expect(masked.summary.dropped == [CodePointSpan(start: 756, length: 2400 - 756)])
        #expect(abs(masked.summary.keptShare - 126.0 / 400) < 0.01)
    }

    @Test func randomKeepsItsShareOfWholeWordsAndRepeats() throws {
        let student = try Student.load(folder: Golden.tinyFolder)
        let text = (0..<40).map { "hello\($0)" }.joined(separator: " ")
        let tokens = student.tokenizer.tokenize(text)
        let words = Int(tokens.tokens.map(\.word).max()!) + 1
        let policy = MaskPolicy.random(keptShare: 0.5)
        let masked = policy.apply(to: tokens, text: text)
        let kept = Set(try #require(masked.kept).map { tokens.tokens[Int($0)].word }.filter { $0 >= 0 })
        #expect(kept.count == words / 2)
        for (index, token) in tokens.tokens.enumerated() where !token.isSpecial {
            #expect(masked.kept!.contains(Int32(index)) == kept.contains(token.word))
        }
        #expect(policy.apply(to: tokens, text: text).kept == masked.kept)
    }

    /// Units as the texts of their tokens, `|` between them.
    @Test(arguments: [
        ("RT @lemon_heron.example: good day", "rt|@lemon_heron.example:|good|day"),
        ("see https://a.example/b.c?d now", "see|https://a.example/b.c?d|now"),
        ("@one @two yes", "@one|@two|yes"),
        ("#space is big", "#|space|is|big"),
        ("it's fine.", "it|'|s|fine|."),
        ("", ""),
    ])
    func linksAndHandlesAreDroppedWhole(text: String, expected: String) throws {
        let tokens = try Student.load(folder: Golden.tinyFolder).tokenizer.tokenize(text)
        let units = MaskUnits.numbers(tokens.tokens, features: MaskFeatures.values(tokens, text: text))
        let scalars = Array(text.lowercased().unicodeScalars)
        var parts: [String] = []
        for (token, unit) in zip(tokens.tokens, units) {
            #expect(token.isSpecial == (unit < 0))
            if unit < 0 { continue }
            if Int(unit) == parts.count { parts.append("") }
            #expect(Int(unit) == parts.count - 1, "numbers rise by one")
            parts[parts.count - 1] += String(String.UnicodeScalarView(scalars[Int(token.start)..<Int(token.end)]))
        }
        #expect(parts.joined(separator: "|") == expected)
    }

    @Test func learnedIsRefusedOrReplacedAloud() throws {
        let student = try Student.load(folder: Golden.tinyFolder)
        #expect(throws: ModelFileFault.self) { try student.maskChoice(.learned, isExplicit: true) }
        let choice = try student.maskChoice(.learned, isExplicit: false)
        #expect(choice.policy.description == "rules" && choice.notice != nil)
    }
}
