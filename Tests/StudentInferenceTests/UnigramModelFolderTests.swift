// A whole model folder with a Unigram tokenizer: read, answers, and refused where the tokenizer is another one.
import Foundation
import ModelFiles
import StudentInference
import TensorKernels
import Testing
import Tokenization

@Suite struct UnigramModelFolderTests {
    private static let file = Golden.fixtures.appendingPathComponent("unigram/tokenizer.json")

    private func write(
        kind: TokenizerSettings.Kind = .unigram, lowercase: Bool = false, missingRows: Int = 0, spoilt: Float? = nil,
        tokenizer bytes: [UInt8]? = nil
    ) throws -> String {
        let own = try Array(Data(contentsOf: Self.file))
        let pieces = try TokenizerFile.read(json: own, maximumTokens: 64).pieceCount
        let configuration = ModelConfiguration(
            name: "small", version: "1",
            encoder: EncoderSizes(
                layers: 1, width: 8, heads: 2, feedForward: 16, vocabulary: pieces - missingRows, positions: 64),
            tokenizer: TokenizerSettings(kind: kind, file: "tokenizer.json", lowercase: lowercase, maximumTokens: 64),
            heads: [HeadSettings(name: "sentiment", kind: .classes, labels: ["negative", "positive"])])
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("winnow-unigram-\(UUID())").path
        try ModelFolder.write(
            path: folder, configuration: configuration, vocabulary: bytes ?? own, storage: { _ in .float32 }
        ) { parameter in
            var values = (0..<parameter.shape.reduce(1, *)).map { Float(($0 * 7919) % 101) / 101 - 0.5 }
            if let spoilt { values[values.count / 2] = spoilt }
            return FloatStorage(values)
        }
        return folder
    }

    private func refusal(_ folder: String) -> String? {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            _ = try Student.load(folder: folder)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        "Hello, world!", "", "😀😀😀", "\u{200B}\u{200D}", "مرحبا بالعالم", String(repeating: "x", count: 100_000),
        String(repeating: "lol ", count: 30_000),
    ])
    func postsOfAnyKindAreAnswered(text: String) throws {
        let folder = try write()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let student = try Student.load(folder: folder)
        let worker = StudentWorker(student: student, mask: .rules)
        let states = worker.hiddenStates([worker.prepare(text)])
        #expect(states[0].count >= 2 * 8)
        let isFinite = states[0].allSatisfy { $0.isFinite }
        #expect(isFinite)
    }

    @Test func anotherTokenizerIsRefusedInOneSentence() throws {
        let other = try FileBytes.read(Golden.tinyFolder + "/vocab.txt", what: "vocabulary", limit: 1 << 20)
        let cases: [(String, String?)] = [
            ("another tokenizer", refusal(try write(kind: .wordPiece))),
            ("another tokenizer", refusal(try write(lowercase: true))),
            ("the encoder knows", refusal(try write(missingRows: 3))),
            ("no tokenizer.json", refusal(try write(tokenizer: other))),
            ("no tokenizer.json", refusal(try write(tokenizer: []))),
            ("not a finite number", refusal(try write(spoilt: .nan))),
            ("not a finite number", refusal(try write(spoilt: .infinity))),
        ]
        for (part, found) in cases {
            let sentence = try #require(found, "\(part)")
            #expect(sentence.contains(part) && !sentence.contains("\n"), "\(sentence)")
        }
    }

    @Test func linksThatEndNowhereAndMissingFilesAreRefused() throws {
        for name in ["tokenizer.json", "config.json", "model.safetensors"] {
            for isLoop in [true, false] {
                let folder = try write()
                let path = folder + "/" + name
                try FileManager.default.removeItem(atPath: path)
                if isLoop { try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path) }
                let sentence = try #require(refusal(folder))
                #expect(sentence.contains(path) && sentence.contains("cannot be opened"), "\(sentence)")
            }
        }
    }
}
