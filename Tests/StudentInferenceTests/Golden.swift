// The golden files and where models lie. Written by Deploy/benchmarks/encoder/make_golden.py.
import Foundation
import ModelFiles
import StudentInference
import Testing

struct TinyGolden: Decodable {
    let texts: [String]
    let uncased: [[Int32]]
    let cased: [[Int32]]
    /// First four columns of each token's hidden state, or for long texts the last token's whole state.
    let states: [[Float]]
    let logits: [[String: [Float]]]
}

struct MiniLMGolden: Decodable {
    let texts: [String]
    let ids: [[Int32]]
    /// Every fourth column of the mean over the tokens.
    let pooled: [[Float]]
    /// First 32 columns of the first token's state.
    let first: [[Float]]
}

enum Golden {
    static let fixtures = Bundle.module.resourceURL!.appendingPathComponent("Fixtures")
    static let tinyFolder = fixtures.appendingPathComponent("tiny").path

    static func tiny() throws -> TinyGolden { try decode("tiny/golden.json") }
    static func miniLM() throws -> MiniLMGolden { try decode("minilm_golden.json") }

    private static func decode<Value: Decodable>(_ name: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(contentsOf: fixtures.appendingPathComponent(name)))
    }

    static let packageRoot = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A folder with the unchanged all-MiniLM-L6-v2 weights in F32: WINNOW_MINILM names it. Nil skips, loudly.
    static func miniLMFolder() -> String? {
        if let path = ProcessInfo.processInfo.environment["WINNOW_MINILM"] { return path }
        print("SKIPPED: WINNOW_MINILM names no folder with all-MiniLM-L6-v2; see Deploy/benchmarks/encoder/README.md.")
        return nil
    }

    /// The shipped English model keeps the pieces it was trained from.
    static func miniLMVocabulary() -> String? {
        if let path = ProcessInfo.processInfo.environment["WINNOW_MINILM"] { return path + "/vocab.txt" }
        let shipped = packageRoot.appendingPathComponent("Deploy/models/english/vocab.txt").path
        if FileManager.default.fileExists(atPath: shipped) { return shipped }
        print("SKIPPED: there is no \(shipped), and WINNOW_MINILM names no folder.")
        return nil
    }

    static func difference(_ left: some Sequence<Float>, _ right: some Sequence<Float>) -> Float {
        zip(left, right).map { abs($0 - $1) }.max() ?? 0
    }
}
