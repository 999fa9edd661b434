// `winnow quantize` as a person runs it: the built binary and the tests' tiny model.
import Foundation
import Testing

struct QuantizeCommandTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("quantize-\(UUID().uuidString)")

    private func quantize(_ model: String, to output: String, _ arguments: String...) async throws -> (Int32, String) {
        let process = try WinnowProcess(["quantize", "--model", model, "--output", output] + arguments)
        defer { try? FileManager.default.removeItem(at: process.log) }
        return (try await process.exitCode(within: .seconds(60)), process.output)
    }

    private func weights(_ model: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: model).appendingPathComponent("model.safetensors"))
    }

    @Test(arguments: ["float16", "mixed", "int8", "int4-words"])
    func sizesAreThoseOfTheFiles(precision: String) async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let (code, output) = try await quantize(WinnowProcess.tinyModel, to: folder.path, "--precision", precision)
        let before = try weights(WinnowProcess.tinyModel).count
        let after = try weights(folder.path).count
        #expect(code == 0, "\(output)")
        #expect(after < before)
        #expect(output.contains("weights before      \(before) bytes"))
        #expect(output.contains("weights after       \(after) bytes"))
        #expect(output.contains("largest difference  0.0") && output.contains(" in "), "\(output)")
    }

    @Test func fullPrecisionChangesNoWeight() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let (code, output) = try await quantize(WinnowProcess.tinyModel, to: folder.path, "--precision", "float32")
        #expect(code == 0)
        #expect(output.contains("largest difference  0.0 no weight changed"), "\(output)")
    }

    @Test func longerTextsCanBeRead() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let (code, output) = try await quantize(WinnowProcess.tinyModel, to: folder.path, "--maximum-tokens", "160")
        #expect(code == 0, "\(output)")
        let configuration = try String(contentsOf: folder.appendingPathComponent("config.json"), encoding: .utf8)
        #expect(configuration.contains("\"maximum_tokens\" : 160"))
    }

    @Test func longerTextsThanTheModelHasPositionsAreRefused() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let (code, output) = try await quantize(WinnowProcess.tinyModel, to: folder.path, "--maximum-tokens", "161")
        #expect(code == 1 && output.contains("--maximum-tokens") && output.contains("positions"), "\(output)")
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    @Test func aModelIsNotWrittenOverItselfByWayOfALink() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let model = folder.appendingPathComponent("model").path
        let link = folder.appendingPathComponent("link").path
        try FileManager.default.copyItem(atPath: WinnowProcess.tinyModel, toPath: model)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: model)
        let (code, output) = try await quantize(model, to: link + "/")
        #expect(code == 1)
        #expect(output.contains("name another folder to write to"), "\(output)")
        #expect(try weights(model) == weights(WinnowProcess.tinyModel))
    }

    @Test func wrongUsageEndsWithTwo() async throws {
        let (code, _) = try await quantize(WinnowProcess.tinyModel, to: folder.path, "--precision", "int3")
        #expect(code == 2)
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }
}
