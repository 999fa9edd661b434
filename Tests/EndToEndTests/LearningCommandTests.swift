// `train --examples`, `evaluate` and `calibrate` as a person runs them, one after the other on files of their own. The model is the
// tests' tiny one: what counts is that the commands fit together, not how good it is.
import Foundation
import Testing

struct LearningCommandTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("winnow-learning-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func write(_ text: String, _ name: String) throws -> String {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        return path(name)
    }

    private func winnow(_ arguments: String..., input: String? = nil) async throws -> (code: Int32, output: String) {
        let file = try input.map { try write($0, "input.txt") }
        let process = try WinnowProcess(arguments, input: file.map { URL(fileURLWithPath: $0) })
        let code = try await process.exitCode(within: .seconds(120))
        return (code, process.output)
    }

    private func object(_ text: String) throws -> [String: Any] {
        let line = try #require(text.split(separator: "\n").last { $0.hasPrefix("{") })
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test func labelsOfOnesOwnGoFromAFileToTheOutput() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var csv = "text,label\n"
        var lines = ""
        for number in 0..<60 {
            let label = number % 3 == 0 ? "calm" : "tense"
            csv += "\"post \(number), \(label == "calm" ? "so quiet" : "what a noise!") @user\",\(label)\n"
            lines += "{\"text\":\"post \(number) again\",\"label\":\"\(label)\",\"lang\":\"\(number % 2 == 0 ? "de" : "fr")\"}\n"
        }
        let (examples, test) = (try write(csv, "posts.csv"), try write(lines, "test.jsonl"))
        let trained = try await winnow(
            "train", "--examples", examples, "--head", "mood", "--start-from", WinnowProcess.tinyModel, "--output", path("own"))
        try #require(trained.code == 0, "\(trained.output)")
        #expect(trained.output.contains("60 rows, 2 labels") && trained.output.contains("12 to judge by"))
        #expect(try String(contentsOfFile: path("own/README.md"), encoding: .utf8).contains("`mood` has 2 labels"))

        let enriched = try await winnow("enrich", "--model", path("own"), "--format", "text", input: "so quiet here\n")
        let heads = try #require(try object(enriched.output)["heads"] as? [String: Any])
        let mood = try #require(heads["mood"] as? [String: Any])
        #expect(Set((mood["scores"] as? [String: Any] ?? [:]).keys) == ["calm", "tense"])

        let measured = try await winnow(
            "evaluate", "--task", "mood", "--data", test, "--model", path("own"), "--group-by", "lang", "--report",
            path("report.md"), "--outside", test, "--json")
        let report = try object(measured.output)
        #expect(measured.code == 0 && report["rows"] as? Int == 60)
        #expect(Set((report["metrics"] as? [String: Any] ?? [:]).keys) == ["accuracy", "ece", "macro_f1", "macro_recall"])
        #expect((report["abstention"] as? [String: Any])?["outside_rows"] as? Int == 60)
        let page = try String(contentsOfFile: path("report.md"), encoding: .utf8)
        #expect(page.contains("## Abstention") && page.contains("SHA-256") && page.contains("winnow evaluate --task mood"))

        let calibrated = try await winnow(
            "calibrate", "--model", path("own"), "--head", "mood", "--inside", test, "--outside", test, "--write")
        #expect(calibrated.code == 0 && calibrated.output.contains("AUROC"), "\(calibrated.output)")
        #expect(try String(contentsOfFile: path("own/config.json"), encoding: .utf8).contains("abstain_threshold"))

        let compared = try await winnow(
            "evaluate", "--task", "mood", "--data", test, "--model", path("own"), "--compare-masks", "--json")
        let masks = try object(compared.output)["masks"] as? [[String: Any]]
        #expect(masks?.map { $0["mask"] as? String } == ["none", "rules", "random"])
        let swept = try await winnow(
            "evaluate", "--task", "mood", "--data", test, "--model", path("own"), "--noise", "0,0.5", "--picture",
            path("noise.svg"), "--json")
        #expect((try object(swept.output)["points"] as? [[String: Any]])?.count == 12)
        #expect(try String(contentsOfFile: path("noise.svg"), encoding: .utf8).hasPrefix("<svg"))
        let removed = try await winnow("evaluate", "--task", "removal", "--data", test, "--model", path("own"), "--json")
        #expect(try object(removed.output)["rows"] as? Int == 60)
    }

    @Test func wrongUseIsRefusedInOneSentence() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let csv = try write("text,mood\nsecret post,a\n", "posts.csv")
        let missing = try await winnow(
            "train", "--examples", csv, "--head", "mood", "--start-from", WinnowProcess.tinyModel, "--output", path("own"))
        #expect(missing.code == 1 && missing.output.contains("--label-column") && !missing.output.contains("secret"))
        #expect(try await winnow("train", "--examples", csv, "--start-from", "x", "--output", "y").code == 2)
        #expect(try await winnow("train").code == 2)
        #expect(try await winnow("evaluate", "--task", "mood", "--data", csv, "--noise", "0,2").code == 2)
        let rationale = try await winnow(
            "evaluate", "--task", "rationale", "--data", try write("{\"text\":\"secret\",\"label\":\"a\"}", "r.jsonl"), "--model",
            WinnowProcess.tinyModel)
        #expect(rationale.code == 1 && rationale.output.contains("no row whose span"))
    }
}
