// `winnow label` as a person runs it: one line out for each line in, and an interrupted file is gone on with. The model is the
// tests' tiny one: what it says is of no account here, only the form.
import Foundation
import Testing

struct LabelCommandTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("label-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private var output: URL { folder.appendingPathComponent("labels.jsonl") }

    private func label(_ posts: URL, _ more: String...) async throws -> (code: Int32, said: String) {
        let process = try WinnowProcess(
            ["label", "--model", WinnowProcess.tinyModel, "--posts", posts.path, "--output", output.path, "--workers", "2"] + more)
        defer { try? FileManager.default.removeItem(at: process.log) }
        return (try await process.exitCode(within: .seconds(60)), process.output)
    }

    private func write(_ lines: [String]) throws -> URL {
        let file = folder.appendingPathComponent("posts.jsonl")
        try (lines.joined(separator: "\n") + "\n").write(to: file, atomically: true, encoding: .utf8)
        return file
    }

    @Test func everyLineHasItsDistributions() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let posts = try write([#"{"id":"a","text":"hello Lisbon 😀"}"#, "no JSON", #"{"id":2,"text":""}"#])
        let (code, said) = try await label(posts)
        #expect(code == 0, "\(said)")
        let lines = try Data(contentsOf: output).split(separator: 0x0A).map {
            try #require(try JSONSerialization.jsonObject(with: $0) as? [String: Any])
        }
        #expect(lines.count == 3)
        #expect(lines.map { $0["id"] as? String } == ["a", nil, "2"])
        #expect((lines[1]["error"] as? [String: Any])?["code"] as? String == "malformed_json")
        for line in [lines[0], lines[2]] {
            #expect(Set(line.keys) == ["id", "text", "model", "heads", "entities", "words"])
            let heads = try #require(line["heads"] as? [String: [String: Double]])
            #expect(!heads.isEmpty)
            let sentiment = try #require(heads["sentiment"])
            #expect(abs(sentiment.values.reduce(0, +) - 1) < 1e-4)
        }
    }

    /// A model beside itself says what it says alone; another name of the teacher goes on with no file of this one.
    @Test func anEnsembleIsTheAverage() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let posts = try write([#"{"id":"a","text":"hello Lisbon, at last"}"#])
        #expect(try await label(posts).code == 0)
        let alone = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: output)) as? [String: Any])
        let refused = try await label(posts, "--model", WinnowProcess.tinyModel)
        #expect(refused.code == 1 && refused.said.contains("was written by the model"), "\(refused.said)")
        try FileManager.default.removeItem(at: output)
        #expect(try await label(posts, "--model", WinnowProcess.tinyModel, "--threads", "1").code == 0)
        let twice = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: output)) as? [String: Any])
        let name = try #require(alone["model"] as? String)
        #expect(twice["model"] as? String == "\(name) & \(name)")
        for part in ["heads", "entities", "words"] {
            let (one, two) = (alone[part] as? NSObject, twice[part] as? NSObject)
            #expect(one != nil && one == two, "\(part)")
        }
        let words = try #require(alone["words"] as? [String: [[String: Any]]])
        let tags = try #require(words.values.first?.first?["tags"] as? [String: Double])
        #expect(abs(tags.values.reduce(0, +) - 1) < 0.02 && tags["O"] ?? 0 < 0.999)
    }

    /// Cut anywhere, the file comes to be what it would have been.
    @Test func aCutFileIsGoneOnWith() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let posts = try write((0..<300).map { #"{"id":\#($0),"text":"post number \#($0) of many"}"# })
        #expect(try await label(posts).code == 0)
        let whole = try Data(contentsOf: output)
        for cut in [0, 1, whole.count / 3, whole.count / 2 + 7, whole.count - 1, whole.count] {
            try whole.prefix(cut).write(to: output)
            let (code, said) = try await label(posts)
            #expect(code == 0, "\(said)")
            #expect(try Data(contentsOf: output) == whole, "cut at \(cut)")
        }
    }

    @Test func anotherInputIsNotMixedIn() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try await label(write([#"{"id":1,"text":"one"}"#, #"{"id":2,"text":"two"}"#])).code == 0)
        let other = try await label(write([#"{"id":1,"text":"one"}"#, #"{"id":2,"text":"another"}"#, #"{"id":3,"text":"three"}"#]))
        #expect(other.code == 1 && other.said.contains("does not fit the input"), "\(other.said)")
        let shorter = try await label(write([#"{"id":1,"text":"one"}"#]))
        #expect(shorter.code == 1 && shorter.said.contains("more lines than the input"), "\(shorter.said)")
    }

    @Test func anotherMaskIsNotMixedIn() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let posts = try write([#"{"id":1,"text":"one"}"#, #"{"id":2,"text":"two"}"#])
        #expect(try await label(posts, "--mask", "rules").code == 0)
        let lines = try String(contentsOf: output, encoding: .utf8)
        #expect(lines.contains(", mask rules"))
        let other = try await label(posts)
        #expect(other.code == 1 && other.said.contains("mask rules"), "\(other.said)")
        #expect(try String(contentsOf: output, encoding: .utf8) == lines)
    }

    /// A file that was written with heads that this run would leave out.
    @Test func otherHeadsAreNotMixedIn() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let posts = try write([#"{"id":1,"text":"one"}"#, #"{"id":2,"text":"two"}"#])
        #expect(try await label(posts).code == 0)
        let more = try String(contentsOf: output, encoding: .utf8).replacing(#""heads":{"#, with: #""heads":{"extra":{"a":1.000000},"#)
        try more.write(to: output, atomically: true, encoding: .utf8)
        let other = try await label(posts)
        #expect(other.code == 1 && other.said.contains("--all-heads"), "\(other.said)")
    }
}
