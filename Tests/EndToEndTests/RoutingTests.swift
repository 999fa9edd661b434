// `winnow enrich` and `check` with two models, as a person runs them: which model answers is decided by each post's language.
import Foundation
import Testing

struct RoutingTests {
    /// A library of shipped models: the tests' tiny one under the names given.
    private func library(_ names: String...) throws -> URL {
        let home = FileManager.default.temporaryDirectory.appendingPathComponent("winnow-home-\(UUID().uuidString)")
        let models = home.appendingPathComponent("models")
        try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
        for name in names {
            let folder = models.appendingPathComponent(name)
            try FileManager.default.copyItem(at: URL(fileURLWithPath: WinnowProcess.tinyModel), to: folder)
            let file = folder.appendingPathComponent("config.json")
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data(text.replacingOccurrences(of: #""name": "tiny""#, with: #""name": "\#(name)""#).utf8).write(to: file)
        }
        return home
    }

    private func models(_ arguments: [String], home: URL, variables: [String: String] = [:]) async throws -> [String] {
        let input = home.appendingPathComponent("posts.jsonl")
        let lines = [
            #"{"id":"1","text":"good morning","lang":"en-GB"}"#, #"{"id":"2","text":"guten Morgen","lang":"de"}"#,
            #"{"id":"3","text":"bom dia","lang":"pt"}"#, #"{"id":"4","text":"good night","lang":"en"}"#,
        ]
        try Data(lines.joined(separator: "\n").utf8).write(to: input)
        let environment = ["WINNOW_HOME": home.path].merging(variables) { $1 }
        let process = try WinnowProcess(
            ["enrich", "--mask", "rules"] + arguments, environment: environment, input: input)
        let code = try await process.exitCode(within: .seconds(60))
        try #require(code == 0, "\(process.output)")
        return try process.output.split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return String((object?["model"] as? String ?? "").prefix { $0 != "-" })
        }
    }

    @Test func postsAreRoutedByTheirLanguage() async throws {
        let home = try library("english", "multilingual", "lusophone")
        defer { try? FileManager.default.removeItem(at: home) }
        #expect(try await models([], home: home) == ["english", "multilingual", "multilingual", "english"])
        #expect(try await models(["--model", "english"], home: home) == ["english", "english", "english", "english"])
        let routes = ["WINNOW_MODEL_ROUTES": "pt=lusophone,*=english"]
        #expect(
            try await models([], home: home, variables: routes) == ["english", "english", "lusophone", "english"])
    }

    @Test func checkNamesEachModel() async throws {
        let home = try library("english", "multilingual")
        defer { try? FileManager.default.removeItem(at: home) }
        // Neither Kafka nor PostgreSQL is there: what counts are the lines about models.
        let process = try WinnowProcess(
            ["check", "--brokers", "127.0.0.1:1", "--database", "postgresql://127.0.0.1:1/none?connect_timeout=1"],
            environment: ["WINNOW_HOME": home.path, "WINNOW_POSTGRES_CONNECT_TIMEOUT": "1s"])
        _ = try await process.exitCode(within: .seconds(120))
        let lines = process.output.split(separator: "\n").filter { $0.hasPrefix("ok     model") }
        #expect(lines.count == 2, "\(process.output)")
        #expect(lines.contains { $0.contains("english-1+") && $0.contains(" for en,") })
        #expect(lines.contains { $0.contains("multilingual-1+") && $0.contains("all other languages") })
    }
}
