// Batch files out and in: the form that the batch interface has, joined by our keys.
import Foundation
import Testing

@testable import Distillation

struct BatchFileTests {
    private func answer(_ key: String, _ content: String, status: Int = 200) throws -> Data {
        let body = try JSONSerialization.jsonObject(with: ScriptedTeacher.completion(content))
        return try JSONSerialization.data(withJSONObject: [
            "id": "batch_req_1", "custom_id": key, "error": NSNull(),
            "response": ["status_code": status, "request_id": "r", "body": status == 200 ? body : ["error": ["code": "x"]]],
        ])
    }

    @Test func answersAreTakenOnce() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("batch-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let log = try AnswerLog(folder.appendingPathComponent("log.jsonl"))
        let plan = TeachingPlan(
            posts: ["one", "two", "three", "two"].enumerated().map { TeacherPost(id: "\($0.offset)", text: $0.element) }, samples: 2,
            schedule: PromptSchedule(try PromptSet.embedded()), parameters: ChatParameters(model: "m"))
        let open = plan.openRequests(in: log)
        #expect(open.count == 6, "the text that comes twice is asked about once a sample")
        let line = try #require(
            JSONSerialization.jsonObject(with: BatchFiles.line(open[0], dialect: EndpointDialect(), schema: plan.taxonomy.schema))
                as? [String: Any])
        #expect(line["custom_id"] as? String == open[0].key)
        #expect(line["url"] as? String == "/v1/chat/completions" && line["method"] as? String == "POST")
        #expect((line["body"] as? [String: Any])?["model"] as? String == "m")

        let good = TeacherAnswer(sentiment: "neutral", topic: "daily_life", rationale: "It is said plainly.").json
        let lines = [
            try answer(open[1].key, good), try answer(open[0].key, "not the form"), try answer(open[2].key, good, status: 500),
            try answer("request-1", good), try answer(open[1].key, good), Data("{cut".utf8), Data(),
        ]
        let intake = try await BatchFiles.take(Data(lines.joined(separator: [0x0A])), open: open, into: log)
        var expected = BatchFiles.Intake()
        (expected.taken, expected.known, expected.foreign, expected.failed, expected.unreadable) = (2, 1, 1, 1, 1)
        expected.usage = TokenUsage(prompt: 1_400, completion: 120)
        #expect(intake == expected)
        // What came without the form is asked again as a repair; the one that failed as it was.
        let next = plan.openRequests(in: log)
        #expect(next.count == 5)
        #expect(next[0].messages.count == open[0].messages.count + 2)
        #expect(next[0].messages.last?.content.contains("no JSON object") == true)
        #expect(next.dropFirst().map(\.key) == open.dropFirst(2).map(\.key))
    }

    /// WINNOW_BATCH_OUTPUT names a file of answers as the batch interface gave them.
    @Test func realAnswersAreRead() throws {
        guard let path = ProcessInfo.processInfo.environment["WINNOW_BATCH_OUTPUT"] else {
            return print("SKIPPED: WINNOW_BATCH_OUTPUT names no batch file with answers.")
        }
        let lines = try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 0x0A)
        #expect(!lines.isEmpty)
        for line in lines {
            let read = try #require(BatchFiles.read(Data(line)))
            #expect(read.answer?.content.isEmpty == false)
            #expect((read.answer?.promptTokens ?? 0) > 0)
        }
        print("batch file: \(lines.count) answers read")
    }
}
