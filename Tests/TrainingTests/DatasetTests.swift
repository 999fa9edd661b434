// Reading of data sets, the loose form of texts, the leak guard, label maps and recipes: what they take and what
// they refuse. Files are made in a temporary directory; no data of others is needed.
import Evaluation
import Foundation
import Testing
import Training

@Suite struct DatasetTests {
    private func file(_ content: String, _ name: String = "data.jsonl", in directory: URL? = nil) throws -> URL {
        let place = directory ?? FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        let url = place.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content.utf8).write(to: url)
        return url
    }

    @Test func rowsOfBothFormsAreRead() throws {
        let texts = try DatasetReader.read(file("{\"text\":\"so good\",\"label\":\"high\",\"id\":7}\n\n"))
        #expect(texts == .classes([LabelledText(text: "so good", label: "high")]))
        let tokens = try DatasetReader.read(file("{\"tokens\":[\"in\",\"Ulm\"],\"tags\":[\"O\",\"B-location\"]}"))
        #expect(tokens == .spans([TaggedTokens(tokens: ["in", "Ulm"], tags: ["O", "B-location"])]))
    }

    @Test(arguments: [
        ("{\"text\":\"secret words\",\"label\":3}", "line 1"), ("{\"text\":\"secret words\"}", "line 1"),
        ("", "no rows"),
        ("{\"tokens\":[\"secret\",\"words\"],\"tags\":[\"O\"]}", "2 tokens and 1 tags"),
        ("not json secret", "line 1"),
        ("{\"text\":\"secret\",\"label\":\"b\"}\n{\"tokens\":[],\"tags\":[]}", "mixes"),
    ])
    func otherRowsAreRefusedWithoutQuotingThem(content: String, part: String) throws {
        let url = try file(content)
        let failure = #expect(throws: DatasetFailure.self) { try DatasetReader.read(url) }
        let description = failure?.description ?? ""
        #expect(description.contains(part))
        #expect(!description.contains("secret"))
    }

    @Test func compressedFilesAreNamedAsSuch() throws {
        let url = try file("x", "data.jsonl.gz")
        let failure = #expect(throws: DatasetFailure.self) { try DatasetReader.read(url) }
        #expect(failure?.description.contains("gunzip") == true)
    }

    @Test(arguments: [
        ("RT @some_one: Happy  Birthday!! https://t.co/abc", "happybirthday"), ("happy birthday", "happybirthday"),
        ("@a.b see www.x.org/y now", "bseenow"), ("rt", ""), ("Ünïcode 😀", "ünïcode😀"), ("art RT x", "artrtx"),
    ])
    func looseTextDropsWhatDoesNotIdentifyAPost(text: String, loose: String) {
        #expect(LooseText(text).text == loose)
    }

    @Test func rowsOfEvaluationFilesAreRefused() throws {
        let test = try file(
            "{\"text\":\"What a goal!\",\"label\":\"x\"}\n{\"text\":\"@you\",\"label\":\"x\"}", "set/test.jsonl")
        let directory = test.deletingLastPathComponent().deletingLastPathComponent()
        _ = try file("{\"tokens\":[\"Ulm\",\"rocks\"],\"tags\":[\"O\",\"O\"]}", "other/dev.jsonl", in: directory)
        let leakGuard = try LeakGuard(directory: directory)
        #expect(leakGuard.files == ["other/dev.jsonl", "set/test.jsonl"])
        #expect(leakGuard.refuses("@fan what a goal"))
        #expect(leakGuard.refuses("ulm ROCKS"))
        #expect(!leakGuard.refuses("what a game"))
        #expect(!leakGuard.refuses("@other"))
        #expect(try !LeakGuard(directory: directory, exceptions: ["other/dev.jsonl"]).refuses("ulm rocks"))
    }

    @Test func variedTextsKeepTheirWordsAndLoseTheirPlaceholders() {
        let original = "@user {{USERNAME}} saw {@Green Team@} win &amp; cried {{URL}}"
        var seen = Set<String>()
        for stream in 0..<200 as Range<UInt64> {
            var random = RandomSource(seed: 5, stream: stream)
            let varied = TextVariation().varied(original, &random)
            #expect(varied.contains(" saw ") && varied.contains("Green") && varied.contains(" cried "))
            seen.insert(varied)
        }
        #expect(seen.contains { !$0.contains("{") && !$0.contains("@user ") && $0.contains("://") })
        #expect(seen.contains { $0.contains("{{URL}}") && $0.contains("@user") })
    }
}
