// Stored answers of large models, scored against a test file: joined by id, each model and setting apart, what is no label wrong.
import Evaluation
import Foundation
import Testing

@Suite struct StoredAnswerTests {
    private func file(_ lines: [String]) throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("stored-\(UUID().uuidString).jsonl")
        try Data(lines.joined(separator: "\n").utf8).write(to: url)
        return url
    }

    private let rows = [
        #"{"id":"1","text":"secret","label":"high"}"#, #"{"id":"2","text":"b","label":"high"}"#,
        #"{"id":"3","text":"c","label":"low"}"#, #"{"id":"4","text":"d","label":"low"}"#, #"{"id":"5","text":"e","label":"low"}"#,
    ]

    private func answer(_ id: String, _ label: String?, _ model: String = "big", _ setting: String = "zero_shot") -> String {
        let written = label.map { "\"\($0)\"" } ?? "null"
        return #"{"id":"\#(id)","task":"mood","model":"\#(model)","setting":"\#(setting)","raw":"x","label":\#(written)}"#
    }

    @Test func answersAreJoinedById() throws {
        let answers = try file([
            answer("3", "low"), answer("1", "high"), answer("2", "low"), answer("4", nil), answer("5", "no idea"),
            answer("1", "low", "big", "12_shot"), #"{"id":"1","task":"other","model":"big","label":"x"}"#, answer("1", "high", "small"),
            answer("9", "high", "small"),
        ])
        let scores = try StoredAnswers.scores(task: "mood", answers: answers, rows: file(rows))
        #expect(scores.map { "\($0.model) \($0.setting)" } == ["big 12_shot", "big zero_shot", "small zero_shot"])
        let big = scores[1]
        #expect(big.rows == 5 && big.answered == 3 && big.unasked == 0)
        // high: 1 of 2 right, 1 given; low: 1 of 3 right, 2 given.
        #expect(abs((big.metrics["accuracy"] ?? 0) - 0.4) < 1e-12)
        #expect(abs((big.metrics["macro_recall"] ?? 0) - (0.5 + 1.0 / 3) / 2) < 1e-12)
        #expect(abs((big.metrics["macro_f1"] ?? 0) - (2.0 / 3 + 2.0 / 5) / 2) < 1e-12)
        let interval = try #require(big.intervals["accuracy"])
        #expect(interval[0] < 0.4 && interval[1] > 0.4)
        #expect(scores[2].rows == 1 && scores[2].unasked == 4 && scores[2].metrics["accuracy"] == 1)
        #expect(StoredAnswers.table(scores).contains("40.0 %"))
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let wrong = #expect(throws: DatasetFailure.self) {
            try StoredAnswers.scores(task: "topic", answers: file([answer("1", "low")]), rows: file(rows))
        }
        #expect(wrong?.description.contains("no answers for the task topic") == true)
        let broken = #expect(throws: DatasetFailure.self) {
            try StoredAnswers.scores(task: "mood", answers: file([answer("1", "low")]), rows: file(rows + [#"{"text":"secret"}"#]))
        }
        #expect(broken?.description.contains("line 6 lacks id and label") == true)
        #expect(broken?.description.contains("secret") == false)
    }

    /// The figures that were computed from the same files by other means.
    @Test func theLargeModelsRowsAreThoseOfTheData() throws {
        guard let folder = ProcessInfo.processInfo.environment["WINNOW_SHARED_DATA"] else {
            return print("SKIPPED: WINNOW_SHARED_DATA with the unpacked data is needed for the large models' rows.")
        }
        let data = URL(fileURLWithPath: folder)
        let expected: [(String, String, String, Double, Double)] = [
            ("sentiment", "gpt-3.5", "zero_shot", 0.708, 0.666), ("sentiment", "gpt-3.5", "12_shot", 0.708, 0.686),
            ("emotion", "gpt-4", "12_shot", 0.803, 0.836), ("hate", "gpt-4", "zero_shot", 0.695, 0.656),
            ("offensive", "gpt-3.5", "zero_shot", 0.779, 0.731), ("offensive", "gpt-4", "12_shot", 0.674, 0.805),
        ]
        for (task, model, setting, recall, accuracy) in expected {
            let file = data.appendingPathComponent("\(task == "sentiment" ? "sentiment_tweeteval" : "tweeteval_" + task)/test.jsonl")
            guard FileManager.default.fileExists(atPath: file.path) else {
                return print("SKIPPED: \(file.path) is not there or not unpacked.")
            }
            let scores = try StoredAnswers.scores(
                task: task, answers: data.appendingPathComponent("teacher_gpt_on_tweeteval_test/answers.jsonl"), rows: file,
                bootstrap: Bootstrap(resamples: 40))
            let found = try #require(scores.first { $0.model == model && $0.setting == setting })
            #expect(abs((found.metrics["macro_recall"] ?? 0) - recall) < 0.0006, "\(task) \(model) \(setting)")
            #expect(abs((found.metrics["accuracy"] ?? 0) - accuracy) < 0.0006, "\(task) \(model) \(setting)")
        }
    }
}
