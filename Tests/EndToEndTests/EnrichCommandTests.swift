// `winnow enrich` as a person runs it: the built binary, standard input and output. The model is the tests' tiny one:
// what it says is of no account here, only the form.
import Foundation
import Testing

struct EnrichCommandTests {
    private struct Answer {
        let code: Int32
        let lines: [[String: Any]]
        let errors: String
    }

    private static func command(_ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = try WinnowProcess.binary()
        process.arguments = ["enrich", "--model", WinnowProcess.tinyModel] + arguments
        return process
    }

    private func enrich(_ input: Data, _ arguments: String...) async throws -> Answer {
        let (code, answered, complained) = try await onOwnThread {
            let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
            try input.write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let process = try Self.command(arguments)
            let output = Pipe()
            let errors = Pipe()
            process.standardInput = try FileHandle(forReadingFrom: file)
            process.standardOutput = output
            process.standardError = errors
            try process.run()
            let answered = output.fileHandleForReading.readDataToEndOfFile()
            let complained = errors.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return (process.terminationStatus, answered, complained)
        }
        let lines = try answered.split(separator: 0x0A).map {
            try #require(try JSONSerialization.jsonObject(with: $0) as? [String: Any])
        }
        return Answer(code: code, lines: lines, errors: String(decoding: complained, as: UTF8.self))
    }

    @Test func textGivesOneResultALine() async throws {
        let answer = try await enrich(Data("hello @you 😀 world\n\nlast line without end".utf8), "--format", "text")
        #expect(answer.code == 0)
        #expect(answer.lines.map { $0["text"] as? String } == ["hello @you 😀 world", "", "last line without end"])
        for line in answer.lines {
            #expect(Set(line.keys) == ["id", "text", "language", "sentiment", "topic", "entities", "mask", "model"])
            #expect(line["id"] is NSNull)
            #expect((line["mask"] as? [String: Any])?["dropped"] is [Any])
            #expect((line["sentiment"] as? [String: Any])?["scores"] is [String: Any])
        }
        // Positions count code points: the text that an entity quotes lies there.
        for line in answer.lines {
            let scalars = Array((line["text"] as? String ?? "").unicodeScalars)
            for entity in line["entities"] as? [[String: Any]] ?? [] {
                let start = try #require(entity["start"] as? Int)
                let length = try #require(entity["length"] as? Int)
                var quoted = String.UnicodeScalarView()
                quoted.append(contentsOf: scalars[start..<start + length])
                #expect(String(quoted) == entity["text"] as? String)
            }
        }
    }

    @Test func everyKindOfLineHasItsAnswer() async throws {
        let commit = #""commit":{"operation":"delete","collection":"app.bsky.feed.post","rkey":"k"}"#
        let lines = [
            #"{"id":"1","text":"a\u0000b \ud83d!","lang":"en"}"#, "no JSON", #"{"id":"2"}"#, "",
            #"{"did":"did:plc:a","kind":"identity","identity":{}}"#,
            #"{"did":"did:plc:a","kind":"account","account":{"active":false,"status":"deleted"}}"#,
            #"{"did":"did:plc:a","kind":"commit",\#(commit)}"#,
            String(repeating: "x", count: (1 << 20) + 1), #"{"id":3,"text":"the end"}"#,
        ]
        let input = Data((lines.joined(separator: "\n") + "\n").utf8)
        let answer = try await enrich(input)
        #expect(answer.code == 0)
        let kinds = answer.lines.map { line -> String in
            if let reason = line["skipped"] as? String { return reason }
            if let error = line["error"] as? [String: Any] { return error["code"] as? String ?? "" }
            return "post \(line["id"] as? String ?? "")"
        }
        #expect(
            kinds == [
                "post 1", "malformed_json", "missing_text", "malformed_json", "other_event", "account_purge", "delete",
                "too_large", "post 3",
            ])
        #expect(answer.lines.first?["text"] as? String == "ab !")
        #expect(answer.lines.first?["language"] as? String == "en")
        #expect(answer.lines.dropFirst().dropLast().map { $0["line"] as? Int } == [2, 3, 4, 5, 6, 7, 8])
        #expect(try await enrich(input, "--strict").code == 1)
        #expect(try await enrich(Data(), "--strict").lines.isEmpty)
    }

    @Test func manyLinesStayInOrder() async throws {
        let count = 5_000
        let input = (0..<count).map { #"{"id":\#($0),"text":"\#(String(repeating: "word ", count: $0 % 40))"}"# }
        let answer = try await enrich(Data(input.joined(separator: "\n").utf8), "--workers", "3")
        #expect(answer.lines.map { $0["id"] as? String } == (0..<count).map(String.init))
    }

    @Test func aReaderThatGoesAwayEndsItQuietly() async throws {
        let (reason, status, first, complaints) = try await onOwnThread {
            let process = try Self.command(["--format", "text", "--mask", "rules"])
            let input = Pipe()
            let output = Pipe()
            let errors = Pipe()
            process.standardInput = input
            process.standardOutput = output
            process.standardError = errors
            try process.run()
            try input.fileHandleForWriting.write(contentsOf: Data("one\n".utf8))
            let first = output.fileHandleForReading.availableData
            try output.fileHandleForReading.close()
            try input.fileHandleForWriting.write(contentsOf: Data("two\nthree\n".utf8))
            try input.fileHandleForWriting.close()
            process.waitUntilExit()
            return (process.terminationReason, process.terminationStatus, first, errors.fileHandleForReading.readDataToEndOfFile())
        }
        // The first answer comes although the input goes on: nothing waits for a full batch.
        #expect(!first.isEmpty)
        #expect(reason == .exit)
        #expect(status == 0)
        #expect(complaints.isEmpty)
    }

    @Test func wrongUseSaysSo() async throws {
        let mask = try await enrich(Data(), "--mask", "learned")
        #expect(mask.code == 2)
        #expect(mask.errors.contains("no learned mask"))
        let format = try await enrich(Data(), "--format", "xml")
        #expect(format.code == 2)
        #expect(format.errors.contains("--format: format must be one of"))
        #expect(try await enrich(Data(), "--config", "/nowhere/winnow.yaml").code == 2)
    }
}
