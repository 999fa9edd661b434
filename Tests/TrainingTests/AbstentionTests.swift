// What a head leaves without an answer: the measures against counting by hand, and the fit of the threshold.
import Evaluation
import Foundation
import Testing
import Training

@Suite struct AbstentionTests {
    private func answer(_ truth: Int?, _ given: Int, _ score: Double) -> ClassAnswer {
        ClassAnswer(truth: truth, given: given, confidence: score)
    }

    @Test func theMeasuresAreWhatCountingGives() throws {
        let answers = [
            answer(0, 0, 0.9), answer(1, 0, 0.8), answer(1, 1, 0.4), answer(0, 0, 0.6), answer(nil, 0, 0.5), answer(nil, 1, 0.7),
        ]
        let scores = try #require(AbstentionScores(answers, threshold: 0.55))
        #expect(scores.coverage == 0.75 && scores.outsideRows == 2 && scores.outsideRefused == 0.5)
        #expect(abs(scores.answeredAccuracy - 2.0 / 3) < 1e-12)
        // Pairs of inside and outside, in which inside scores higher: 0.9 and 0.8 beat both, 0.6 beats one, 0.4 none.
        #expect(scores.auroc == 5.0 / 8)
        let always = try #require(AbstentionScores(answers, threshold: nil))
        #expect(always.coverage == 1 && always.outsideRefused == 0)
        #expect(AbstentionScores(Array(answers.prefix(4)), threshold: 0.5) == nil)
    }

    @Test func theAreaCountsTiesHalf() {
        var random = RandomSource(seed: 5)
        for _ in 0..<20 {
            let inside = (0..<13).map { _ in Double(Int.random(in: 2...9, using: &random)) }
            let outside = (0..<7).map { _ in Double(Int.random(in: 0...7, using: &random)) }
            var wins = 0.0
            for one in inside { for other in outside { wins += one > other ? 1 : one == other ? 0.5 : 0 } }
            #expect(abs(AbstentionScores.auroc(inside: inside, outside: outside) - wins / 91) < 1e-12)
        }
        #expect(AbstentionScores.auroc(inside: [], outside: [1]) == 0.5)
    }

    /// Inside posts have one clear class, outside posts none; some of either lie among the others.
    @Test func theThresholdParts() throws {
        var random = RandomSource(seed: 9)
        func logits(_ label: Int?, _ height: Float) -> [Float] {
            (0..<3).map { ($0 == label ? height : 0) + 0.3 * random.normal() }
        }
        let inside = (0..<300).map { row in (logits: logits(row % 3, 3), label: row % 3) }
        let outside = (0..<100).map { _ in logits(nil, 0) }
        let fit = try #require(AbstentionFit(inside: inside, outside: outside, leastCoverage: 0.9))
        #expect(fit.threshold > 0.3 && fit.threshold < 1)
        #expect(fit.scores.coverage >= 0.9 && fit.scores.outsideRefused > 0.9 && fit.scores.auroc > 0.95)
        let strict = try #require(AbstentionFit(inside: inside, outside: outside, leastCoverage: 1))
        #expect(strict.scores.coverage == 1 && strict.threshold <= fit.threshold)
        // Where outside looks like inside there is nothing to gain much by refusing.
        let same = try #require(AbstentionFit(inside: inside, outside: inside.map(\.logits), leastCoverage: 0))
        #expect(same.scores.outsideRefused == 1 - same.scores.coverage)
        #expect(AbstentionFit(inside: inside, outside: [], leastCoverage: 0.5) == nil)
        #expect(AbstentionFit(inside: [], outside: outside, leastCoverage: 0.5) == nil)
    }

    @Test func rowsOutsideAndGroupsAreRead() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).jsonl")
        defer { try? FileManager.default.removeItem(at: url) }
        let lines = [
            #"{"text":"a","label":"x","lang":"de"}"#, #"{"text":"b","label":null,"lang":"fr"}"#,
            #"{"text":"c","label":"x","lang":7}"#,
        ]
        try Data(lines.joined(separator: "\n").utf8).write(to: url)
        let expected = [("a", "x", "de"), ("b", "", "fr"), ("c", "x", "7")].map {
            LabelledText(text: $0.0, label: $0.1, group: $0.2)
        }
        #expect(try DatasetReader.read(url, groupedBy: "lang", takesOutside: true) == .classes(expected))
        let refusal = #expect(throws: DatasetFailure.self) { try DatasetReader.read(url) }
        #expect(refusal?.description.contains("line 2") == true)
        let missing = #expect(throws: DatasetFailure.self) {
            try DatasetReader.read(url, groupedBy: "country", takesOutside: true)
        }
        #expect(missing?.description.contains("no field country") == true)
    }

    @Test func groupsHaveTheirOwnFiguresAndAMean() throws {
        let rows = [("de", 0, 0), ("de", 1, 1), ("fr", 0, 1), ("fr", 1, 1)].map {
            ClassAnswer(truth: $0.1, given: $0.2, confidence: 0.8, group: $0.0)
        }
        let scores = GroupScores(.classes(rows, labels: ["a", "b"], abstainThreshold: nil), field: "lang")
        #expect(scores.groups["de"]?.metrics["accuracy"] == 1 && scores.groups["fr"]?.metrics["accuracy"] == 0.5)
        #expect(scores.groups["fr"]?.rows == 2 && scores.mean["accuracy"] == 0.75 && scores.field == "lang")
    }

    @Test func theMarkdownHoldsEveryPart() throws {
        var report = EvaluationReport.classes(
            task: "mood", model: "m-1+abc", mask: "rules", labels: ["a|b", "c"],
            answers: [(0, 0, 0.9), (1, 0, 0.6), (1, 1, 0.7)], keptShare: 0.8)
        report.abstention = AbstentionScores([answer(0, 0, 0.9), answer(nil, 0, 0.2)], threshold: 0.5)
        let page = report.markdown(
            ReportOrigin(commandLine: "winnow evaluate --task mood", files: [("test.jsonl", "0123")]))
        for part in [
            "# mood: m-1+abc", "`macro_f1`", "a\\|b", "## Confusion", "## Calibration", "## Abstention", "SHA-256 `0123`",
            "winnow evaluate --task mood", "80.0 % of the tokens",
        ] { #expect(page.contains(part), "\(part)") }
    }
}
