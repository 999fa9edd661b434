// `winnow teach` against an endpoint with faults, killed in the middle and started again: no answer is lost, none that was received
// is asked for again, and repeats keep to their bound. WINNOW_TEACH_REQUESTS sets the size; a few seconds' worth without it.
import Foundation
import Synchronization
import Testing

@testable import Distillation

@Suite(.serialized) struct TeachCommandTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("teach-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func writePosts(_ count: Int) throws -> URL {
        let file = folder.appendingPathComponent("posts.jsonl")
        let lines = (0..<count).map { "{\"id\":\"p\($0)\",\"text\":\"walked \($0) steps through Lisbon today\"}\n" }
        try lines.joined().write(to: file, atomically: true, encoding: .utf8)
        return file
    }

    private static let content = TeacherAnswer(
        sentiment: "neutral", topic: "daily_life", entities: [.init(type: "location", text: "Lisbon")],
        rationale: "A walk is told without feeling.").json

    private func lines(_ name: String) throws -> [[String: Any]] {
        try Data(contentsOf: folder.appendingPathComponent("out/\(name)")).split(separator: 0x0A).map {
            try #require(try JSONSerialization.jsonObject(with: $0) as? [String: Any])
        }
    }

    private func arguments(_ teacher: ScriptedTeacher, _ posts: URL, _ more: [String] = []) -> [String] {
        ["--posts", posts.path, "--output", folder.appendingPathComponent("out").path, "--base-url", teacher.baseURL, "--model", "m"] + more
    }

    @Test func killedThreeTimesNothingIsLost() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let count = ProcessInfo.processInfo.environment["WINNOW_TEACH_REQUESTS"].flatMap { Int($0) } ?? 300
        let concurrency = 16
        let posts = try writePosts(count)
        // The endpoint kills the process itself, right after an answer left: the worst moment, and the same one in every run.
        let victim = Mutex<Int32>(0)
        let kills = Mutex<[Int]>([1, 2, 3].map { count * $0 / 4 })
        let teacher = try ScriptedTeacher(
            afterAnswer: { answered in
                victim.withLock { process in
                    guard process > 0, let next = kills.withLock({ $0.first }), answered >= next else { return }
                    kill(process, SIGKILL)
                    process = 0
                    kills.withLock { _ = $0.removeFirst() }
                }
            },
            script: { request in
                // Five of a hundred requests meet a fault, each kind in its turn.
                guard request.number % 20 == 7 else { return .answer(Self.content) }
                switch request.number / 20 % 6 {
                case 0: return .status(429, headers: ["Retry-After": "0.05"])
                case 1: return .status(500)
                case 2: return .truncated(Self.content)
                case 3: return .reset
                case 4: return .raw(ScriptedTeacher.head(200, length: 9) + Data("{\"a\":[1,2".utf8))
                default: return .late(milliseconds: 8_000, Self.content)
                }
            })
        defer { teacher.stop() }
        let started = ContinuousClock.now
        var codes: [Int32] = []
        for _ in 0..<4 {
            let more = ["--concurrency", "\(concurrency)", "--timeout", "3", "--json"]
            let process = try TeachProcess(arguments(teacher, posts, more), folder: folder)
            victim.withLock { $0 = process.identifier }
            codes.append(try await process.end(within: .seconds(1_200)))
        }
        #expect(codes == [137, 137, 137, 0])
        let seconds = (ContinuousClock.now - started) / .seconds(1)

        let answers = try lines(AnswerFiles.answers)
        #expect(answers.compactMap { $0["id"] as? String } == (0..<count).map { "p\($0)" })
        let log = try lines(AnswerFiles.log)
        var received: Set<String> = []
        for entry in log {
            let key = try #require(entry["key"] as? String)
            switch entry["kind"] as? String {
            case "asked": #expect(!received.contains(key), "an answer that was received is asked for again")
            case "answered": #expect(received.insert(key).inserted)
            default: break
            }
        }
        #expect(received.count == count)
        let timeouts = log.filter { $0["reason"] as? String == RetryReason.timedOut.rawValue }.count
        let repeats = teacher.answered.values.reduce(0) { $0 + $1 - 1 }
        #expect(repeats <= 3 * concurrency + timeouts)
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: folder.appendingPathComponent("out/report.json"))) as? [String: Any])
        let requests = try #require(report["requests"] as? [String: Any])
        #expect((requests["repeats_after_kill"] as? Int ?? .max) <= concurrency)
        #expect(report["end"] as? String == "complete" && report["answers"] as? Int == count)
        print(
            "teach: \(count) posts, \(teacher.requests) requests, \(repeats) answered twice, bound \(3 * concurrency + timeouts) "
                + "(\(timeouts) timeouts, 3 kills of \(concurrency)), \(Int(seconds)) s")
    }

    @Test func secondRunAsksNothing() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let posts = try writePosts(20)
        let teacher = try ScriptedTeacher { _ in .answer(Self.content) }
        defer { teacher.stop() }
        for _ in 0..<2 {
            let process = try TeachProcess(arguments(teacher, posts), folder: folder)
            #expect(try await process.end(within: .seconds(60)) == 0, "\(process.output)")
            #expect(process.output.contains("20 to learn from"))
        }
        #expect(teacher.requests == 20)
    }

    /// What is rejected lies in a file of its own; the key is sent and never shown.
    @Test func rejectedPostsAreFiled() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let posts = folder.appendingPathComponent("posts.txt")
        try "fine\nangry\nsorry\nwrong\nharm\nmail jo@example.org\nmeasured sentence that nobody may learn from\nInvented\nbroken\n".write(
            to: posts, atomically: true, encoding: .utf8)
        let measured = folder.appendingPathComponent("test.jsonl")
        let row = #"{"text":"Measured sentence that nobody may learn from!","label":"x"}"#
        try (row + "\n").write(to: measured, atomically: true, encoding: .utf8)
        let teacher = try ScriptedTeacher { request in
            func answer(
                _ sentiment: String, _ rationale: String, _ entities: [TeacherAnswer.Entity] = [], harmful: Bool = false
            ) -> ScriptedTeacher.Reply {
                let answer = TeacherAnswer(
                    sentiment: sentiment, topic: "daily_life", entities: entities, rationale: rationale, isHarmful: harmful)
                return .answer(answer.json)
            }
            switch request.post {
            case "angry": return answer("positive", "The writer is angry.")
            case "sorry": return .answer("I'm sorry, but I cannot do that.")
            case "wrong": return answer("furious", "It says so.")
            case "harm": return answer("negative", "It threatens somebody.", harmful: true)
            case "Invented": return answer("neutral", "It names a city.", [.init(type: "location", text: "Paris")])
            case "broken": return .answer("neutral, I think")
            default: return request.post == "fine" ? answer("positive", "'fine' is approval.") : .answer("still neutral")
            }
        }
        defer { teacher.stop() }
        let key = "sk-very-secret"
        let process = try TeachProcess(
            arguments(teacher, posts, ["--evaluation", measured.path]), environment: ["WINNOW_TEACHER_KEY": key], folder: folder)
        #expect(try await process.end(within: .seconds(60)) == 0, "\(process.output)")
        #expect(try lines(AnswerFiles.answers).compactMap { $0["text"] as? String } == ["fine"])
        #expect(try lines(AnswerFiles.harmfulPosts).compactMap { $0["text"] as? String } == ["harm"])
        for (reason, id) in [
            (FilterReason.contradiction, "2"), (.refusal, "3"), (.outsideTaxonomy, "4"), (.personalDataInPost, "6"),
            (.nearDuplicate, "7"), (.inventedEntity, "8"), (.malformed, "9"),
        ] {
            #expect(try lines("rejected/\(reason.rawValue).jsonl").compactMap { $0["id"] as? String } == [id], "\(reason)")
        }
        #expect(teacher.requests == 8, "seven posts and one repair")
        let written = try FileManager.default.subpathsOfDirectory(atPath: folder.path).compactMap {
            try? String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
        }
        #expect(written.allSatisfy { !$0.contains(key) })
    }

    @Test func interruptedItWaitsAndSaysSo() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let posts = try writePosts(200)
        let victim = Mutex<Int32>(0)
        let teacher = try ScriptedTeacher(
            afterAnswer: { answered in
                victim.withLock { process in
                    guard process > 0, answered >= 30 else { return }
                    kill(process, SIGTERM)
                    process = 0
                }
            },
            script: { _ in .late(milliseconds: 20, Self.content) })
        defer { teacher.stop() }
        let process = try TeachProcess(arguments(teacher, posts, ["--concurrency", "4"]), folder: folder)
        victim.withLock { $0 = process.identifier }
        #expect(try await process.end(within: .seconds(60)) == 130, "\(process.output)")
        let kept = try lines(AnswerFiles.answers).count
        #expect(kept == teacher.answered.count, "every answer that left is kept")
        #expect(kept < 200)
    }

    @Test func wrongUseEndsWithTwo() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let posts = try writePosts(2)
        let out = folder.appendingPathComponent("out").path
        for (arguments, word) in [
            (["--posts", posts.path, "--output", out, "--model", "m"], "--base-url"),
            (["--posts", "/nowhere", "--output", out, "--model", "m", "--base-url", "http://127.0.0.1:1/v1"], "cannot be read"),
            (["--posts", posts.path, "--output", out, "--model", "m", "--base-url", "http://teacher.example/v1"], "unencrypted"),
            (["--posts", posts.path, "--output", out, "--model", "m", "--base-url", "ftp://x/v1"], "--base-url"),
            (["--posts", posts.path, "--output", out, "--model", "m", "--cost-budget", "5"], "--price-prompt"),
            (["--posts", posts.path, "--output", out, "--model", "m", "--prompts", "/nowhere"], "prompts.json"),
        ] {
            let process = try TeachProcess(arguments, environment: ["WINNOW_TEACHER_KEY": "k"], folder: folder)
            #expect(try await process.end(within: .seconds(60)) == 2)
            #expect(process.output.contains(word), "\(process.output)")
        }
    }

    @Test func dryRunAndBatchAskNothing() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let posts = try writePosts(3)
        let dry = try TeachProcess(
            ["--posts", posts.path, "--model", "m", "--dry-run", "--price-prompt", "2", "--price-completion", "8"], folder: folder)
        #expect(try await dry.end(within: .seconds(60)) == 0)
        #expect(dry.output.contains("requests    3 open") && dry.output.contains("walked 0 steps") && dry.output.contains("cost"))
        let batch = folder.appendingPathComponent("requests.jsonl")
        let base = ["--posts", posts.path, "--model", "m", "--output", folder.appendingPathComponent("out").path]
        let out = try TeachProcess(base + ["--batch-out", batch.path], folder: folder)
        #expect(try await out.end(within: .seconds(60)) == 0, "\(out.output)")
        let answers = folder.appendingPathComponent("answers-in.jsonl")
        let completion = String(decoding: ScriptedTeacher.completion(Self.content), as: UTF8.self)
        var lines = ""
        for line in try Data(contentsOf: batch).split(separator: 0x0A) {
            let request = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
            let key = try #require(request["custom_id"] as? String)
            lines += "{\"custom_id\":\"\(key)\",\"response\":{\"status_code\":200,\"body\":\(completion)},\"error\":null}\n"
        }
        try lines.write(to: answers, atomically: true, encoding: .utf8)
        let taken = try TeachProcess(base + ["--batch-in", answers.path, "--json"], folder: folder)
        #expect(try await taken.end(within: .seconds(60)) == 0, "\(taken.output)")
        #expect(try self.lines(AnswerFiles.answers).count == 3)
    }
}
