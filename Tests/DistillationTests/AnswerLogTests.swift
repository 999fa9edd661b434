// The log of requests: what was written is there after any cut, and what was under way is known to have been.
import Foundation
import Testing

@testable import Distillation

struct AnswerLogTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("answer-log-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private static let first = ChatAnswer(
        content: "line\nbreak \"quoted\" 😀", model: "m", promptTokens: 7, completionTokens: 3)

    private var file: URL { folder.appendingPathComponent("log.jsonl") }

    private func finish(_ log: AnswerLog, _ key: String, _ content: String) async throws {
        _ = try log.begin(key, estimate: TokenUsage(prompt: 10, completion: 5))
        let answer = ChatAnswer(content: content, model: "m")
        try await log.finish(AnswerLogEntry(key: key, answer: answer, usage: TokenUsage(prompt: 7, completion: 3)))
    }

    @Test(arguments: AnswerLog.Syncing.allCases)
    func answersOutliveTheProcess(syncing: AnswerLog.Syncing) async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            let log = try AnswerLog(file, syncing: syncing)
            try await finish(log, "a", "line\nbreak \"quoted\" 😀")
            try await finish(log, "b", "")
            var refused = AnswerLogEntry(.refused, key: "c")
            (refused.status, refused.reason) = (400, "content_policy")
            try await log.finish(refused)
            #expect(log.stored("a") == .answer(Self.first))
            await log.close()
        }
        let log = try AnswerLog(file)
        #expect(log.recovery == AnswerLog.Recovery(answers: 2, spent: TokenUsage(prompt: 14, completion: 6)))
        #expect(log.stored("a") == .answer(Self.first))
        #expect(log.stored("c") == .refused(status: 400, code: "content_policy"))
        #expect(log.stored("d") == nil)
    }

    /// The file cut at every byte: whole lines stay, half ones go, and the log can be written on.
    @Test func everyCutIsMended() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            let log = try AnswerLog(file)
            for key in ["a", "b"] { try await finish(log, key, "answer of \(key) é") }
            await log.close()
        }
        let bytes = try Data(contentsOf: file)
        let lines = bytes.indices.filter { bytes[$0] == 0x0A }
        for cut in 0...bytes.count {
            try bytes.prefix(cut).write(to: file)
            let whole = lines.last { $0 < cut }.map { $0 + 1 } ?? 0
            do {
                let log = try AnswerLog(file)
                #expect(log.recovery.tornBytes == cut - whole)
                #expect(log.recovery.answers == lines.prefix { $0 < cut }.count / 2)
                #expect(log.recovery.unreadableLines == 0)
                #expect(log.recovery.openRequests == lines.prefix { $0 < cut }.count % 2)
                try await finish(log, "later", "x")
                await log.close()
            }
            let again = try AnswerLog(file)
            #expect(again.stored("later") != nil)
            await again.close()
        }
    }

    @Test func whatWasUnderWayIsARepeatOnce() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let estimate = TokenUsage(prompt: 100, completion: 50)
        do {
            let log = try AnswerLog(file)
            #expect(try log.begin("killed", estimate: estimate) == nil)
            #expect(try log.begin("late", estimate: estimate) == nil)
            try await log.finish(AnswerLogEntry(failed: "late", RetryReason.timedOut.rawValue, usage: estimate))
            #expect(try log.begin("refused", estimate: estimate) == nil)
            try await log.finish(AnswerLogEntry(failed: "refused", RetryReason.rateLimited.rawValue, usage: TokenUsage()))
            #expect(try log.begin("late", estimate: estimate) == .afterTimeout)
            try await log.finish(AnswerLogEntry(failed: "late", RetryReason.timedOut.rawValue, usage: estimate))
            await log.close()
        }
        let log = try AnswerLog(file)
        #expect(log.recovery.openRequests == 1)
        // Twice out of time and once killed: each may be billed.
        #expect(log.recovery.spent == TokenUsage(prompt: 300, completion: 150))
        #expect(try log.begin("killed", estimate: estimate) == .afterKill)
        #expect(try log.begin("killed", estimate: estimate) == nil)
        #expect(try log.begin("late", estimate: estimate) == .afterTimeout)
        #expect(try log.begin("refused", estimate: estimate) == nil)
    }

    @Test func damageInTheMiddleCostsOneLine() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            let log = try AnswerLog(file)
            for key in ["a", "b", "c"] { try await finish(log, key, key) }
            await log.close()
        }
        var lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
        lines[3] = String(lines[3].dropFirst(4))
        try lines.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
        let log = try AnswerLog(file)
        #expect(log.recovery.unreadableLines == 1)
        #expect(log.recovery.answers == 2)
        #expect(log.stored("b") == nil)
        #expect(log.stored("c") == .answer(ChatAnswer(content: "c", model: "m", promptTokens: 7, completionTokens: 3)))
    }

    @Test func oneProcessAtATime() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let log = try AnswerLog(file)
        #expect(throws: AnswerLogFault.self) { try AnswerLog(file) }
        #expect(!log.contains("a"))
    }
}
