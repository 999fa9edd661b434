// The page and pictures of an ablation, from made-up results: held to a golden file, and some of its figures to a hand's reckoning.
import Ablation
import Evaluation
import Foundation
import Testing
import Training

@Suite struct AblationReportTests {
    private func measurement(_ given: String, noise: Double) -> String {
        let truths = "0011001100110011"
        let right = Double(zip(truths, given).filter { $0 == $1 }.count) / 16
        return """
            {"task":"mood","path":"mood/test.jsonl","metric":"accuracy","noise":\(noise),"kept_share":1,"value":\(right),
             "interval":[\(right - 0.1),\(right + 0.1)],"metrics":{"accuracy":\(right)},
             "rows":{"labels":["low","high"],"truths":"\(truths)","given":"\(given)"}}
            """
    }

    private func result(_ name: String, seed: Int, _ clean: String, _ noisy: String) throws -> AblationResult {
        let json = """
            {"run":{"name":"\(name)","parts":["gold"],"mask":"rules","seed":\(seed)},"recipe_sha256":"aa","start_sha256":"bb",
             "subset_share":0.25,"subset_seed":5,
             "data":[{"path":"mood/train.jsonl","sha256":"0123456789abcdef0123","rows":80,"left_out":1},
             {"path":"mood/test.jsonl","sha256":"fedcba9876543210ffff"}],"machine":{"processor":"a processor","cores":2,"gibibytes":24,
             "system":"a system"},"threads":1,"core_seconds":360,"steps":10,"program":"0","model":"m-1+0","development":{"mood accuracy":0.5},
             "tests":[\(measurement(clean, noise: 0)),\(measurement(noisy, noise: 0.5))]}
            """
        return try JSONDecoder().decode(AblationResult.self, from: Data(json.utf8))
    }

    private func report() throws -> AblationReport {
        let tiny = try TinyAblation()
        defer { tiny.remove() }
        var plan = try AblationPlan.read(tiny.planFile)
        plan.runs = ["one", "two", "three", "late"].map { .init(name: $0, parts: ["gold"], mask: .rules, seed: 1) }
        plan.subsetShare = 0.25
        plan.comparisons = [
            .init(title: "Two against one", runs: ["one", "two", "three"]), .init(title: "Not yet", runs: ["late", "one"]),
        ]
        let stored = try JSONDecoder().decode(
            [StoredAnswerScores].self,
            from: Data(
                """
                [{"model":"large","setting":"zero_shot","task":"mood","rows":16,"answered":16,"unasked":0,
                 "metrics":{"accuracy":0.75,"macro_f1":0.7,"macro_recall":0.72},
                 "intervals":{"accuracy":[0.5,0.9],"macro_f1":[0.5,0.8],"macro_recall":[0.6,0.8]}}]
                """.utf8))
        return AblationReport(
            plan: plan,
            results: [
                try result("one", seed: 1, "0000000011111111", "0000000000000000"),
                try result("two", seed: 2, "0011001100110011", "0000000000000011"),
                try result("three", seed: 3, "0000000011111110", "0000000000000000"),
            ], stored: stored, command: "winnow ablate --plan plan.json --data-directory DIRECTORY")
    }

    @Test func thePageIsTheGoldenOne() throws {
        let page = try report().markdown()
        let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/report.md")
        if ProcessInfo.processInfo.environment["WINNOW_WRITE_GOLDEN"] != nil {
            try page.write(to: golden, atomically: true, encoding: .utf8)
        }
        #expect(try page == String(contentsOf: golden, encoding: .utf8))
        // All 16 rows right against 8 of 16; 10 of 16 under noise against 8.
        #expect(page.contains("| two | **+50.0 (+25.0 to +75.0)** | +12.5 (0.0 to +31.2) |"), "\(page)")
        #expect(page.contains("3 of 4; not run: late") && page.contains("used 0.30"))
        #expect(page.contains("Not enough of these runs have finished: late, one."))
        // 8, 16 and 7 of 16.
        #expect(page.contains("| one, two, three | 64.6 (43.8 to 100.0) |"))
    }

    @Test func picturesAreWholeAndBelongToTheirTables() throws {
        let pictures = try report().pictures()
        #expect(pictures.map(\.name) == ["comparison-1.svg"])
        let svg = pictures[0].svg
        #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n") && svg.contains("mood, noisy accuracy"))
        #expect(svg.contains("1 one, 2 two, 3 three"))
    }
}
