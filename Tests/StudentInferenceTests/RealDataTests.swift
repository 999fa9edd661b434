// Measurements on real posts and real weights: they print what they find, and skip loudly where the data is absent.
import Foundation
import Masking
import ModelFiles
import Posts
import StudentInference
import Testing
import Tokenization

@Suite struct RealDataTests {
    /// WINNOW_TOKENIZER_REFERENCE names the file that Deploy/benchmarks/encoder/tokenizer_reference.py writes: one JSON
    /// object a line, the text and Hugging Face's ids.
    @Test func idsAgreeWithTheReferenceOnRealPosts() throws {
        guard let path = ProcessInfo.processInfo.environment["WINNOW_TOKENIZER_REFERENCE"],
            let folder = Golden.miniLMFolder()
        else { return print("SKIPPED: WINNOW_TOKENIZER_REFERENCE and WINNOW_MINILM are needed for this comparison.") }
        struct Row: Decodable {
            let text: String
            let ids: [Int32]
        }
        let tokenizer = try Student.load(folder: folder).tokenizer
        let bytes = try FileBytes.read(path, what: "reference", limit: 1 << 30)
        var rows = 0, equal = 0
        for line in bytes.split(separator: 10) {
            let row = try JSONDecoder().decode(Row.self, from: Data(line))
            rows += 1
            if tokenizer.tokenize(row.text).tokens.map(\.id) == row.ids { equal += 1 }
        }
        print("tokenizer: \(equal) of \(rows) posts have the reference's ids")
        #expect(Double(equal) >= 0.9999 * Double(rows))
    }

    /// How far the states move when the matrices are stored smaller.
    @Test func smallerStoragesStayClose() throws {
        guard let folder = Golden.miniLMFolder() else { return }
        let source = try ModelFolder(path: folder)
        let texts = try Golden.miniLM().texts
        let reference = try pooled(source, texts)
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("winnow-storage-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: place) }
        let bounds: [(ModelQuantizer.Precision, Float)] = [(.int8, 0.995), (.mixed, 0.998), (.float16, 0.99999)]
        for (precision, bound) in bounds {
            let name = precision.rawValue
            try ModelQuantizer.quantize(source, to: place + "/\(name)", precision: precision)
            let written = try ModelFolder(path: place + "/\(name)")
            let cosines = zip(reference, try pooled(written, texts)).map(cosine).sorted()
            let attributes = try FileManager.default.attributesOfItem(atPath: place + "/\(name)/model.safetensors")
            let megabytes = (attributes[.size] as? Int ?? 0) / 1_000_000
            print("\(name): \(megabytes) MB, cosine to F32 median \(cosines[cosines.count / 2]), worst \(cosines[0])")
            #expect(cosines[0] > bound)
        }
    }

    private func pooled(_ folder: ModelFolder, _ texts: [String]) throws -> [[Float]] {
        let worker = StudentWorker(student: try Student(folder), mask: .none)
        let width = folder.configuration.encoder.width
        return worker.hiddenStates(texts.map(worker.prepare)).map { states in
            (0..<width).map { column in
                stride(from: column, to: states.count, by: width).reduce(Float(0)) { $0 + states[$1] }
            }
        }
    }

    private func cosine(_ left: [Float], _ right: [Float]) -> Float {
        func dot(_ one: [Float], _ other: [Float]) -> Float { zip(one, other).reduce(0) { $0 + $1.0 * $1.1 } }
        return dot(left, right) / (dot(left, left) * dot(right, right)).squareRoot()
    }

    /// What the rules drop of real posts, in figures.
    @Test func rulesOnRealPosts() throws {
        guard let path = ProcessInfo.processInfo.environment["WINNOW_TOKENIZER_REFERENCE"],
            let folder = Golden.miniLMFolder()
        else { return print("SKIPPED: WINNOW_TOKENIZER_REFERENCE and WINNOW_MINILM are needed for this measurement.") }
        struct Row: Decodable { let text: String }
        let tokenizer = try Student.load(folder: folder).tokenizer
        let bytes = try FileBytes.read(path, what: "reference", limit: 1 << 30)
        var tokens = 0, kept = 0, posts = 0, untouched = 0
        for line in bytes.split(separator: 10) {
            let text = try JSONDecoder().decode(Row.self, from: Data(line)).text
            let tokenized = tokenizer.tokenize(text)
            let masked = MaskPolicy.rules.apply(to: tokenized, text: text)
            posts += 1
            tokens += tokenized.tokens.count
            kept += masked.kept?.count ?? tokenized.tokens.count
            if masked.kept == nil { untouched += 1 }
        }
        print("rules: \(posts) posts, \(untouched) untouched, tokens kept \(Double(kept) / Double(max(1, tokens)))")
        #expect(kept < tokens && kept * 2 > tokens)
    }
}
