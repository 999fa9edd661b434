// Whole model folders that are broken on purpose, of both kinds of tokenizer: each is refused in one sentence that names what is
// wrong, and none is read as if it were well. Damage at random is read or refused, never a crash.
import Foundation
import ModelFiles
import StudentInference
import TensorKernels
import Testing
import Tokenization

@Suite struct HostileModelFolderTests {
    enum Kind: String, CaseIterable {
        case wordPiece, unigram
    }

    private static let weights = ModelFolder.weightsFile
    private static let configuration = ModelFolder.configurationFile

    /// A small folder that is well, in a temporary place.
    private func folder(_ kind: Kind) throws -> (path: String, tokenizer: String) {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("winnow-hostile-\(UUID())").path
        if kind == .wordPiece {
            try FileManager.default.copyItem(atPath: Golden.tinyFolder, toPath: path)
            return (path, "vocab.txt")
        }
        let bytes = try Array(Data(contentsOf: Golden.fixtures.appendingPathComponent("unigram/tokenizer.json")))
        let pieces = try TokenizerFile.read(json: bytes, maximumTokens: 64).pieceCount
        let configuration = ModelConfiguration(
            name: "small", version: "1",
            encoder: EncoderSizes(layers: 1, width: 8, heads: 2, feedForward: 16, vocabulary: pieces, positions: 64),
            tokenizer: TokenizerSettings(kind: .unigram, file: "tokenizer.json", lowercase: false, maximumTokens: 64),
            heads: [HeadSettings(name: "sentiment", kind: .classes, labels: ["negative", "positive"])])
        try ModelFolder.write(
            path: path, configuration: configuration, vocabulary: bytes, storage: { _ in .float32 }
        ) { FloatStorage((0..<$0.shape.reduce(1, *)).map { Float(($0 * 7919) % 101) / 101 - 0.5 }) }
        return (path, "tokenizer.json")
    }

    private func refusal(_ path: String) -> String? {
        do {
            _ = try Student.load(folder: path)
            return nil
        } catch {
            return error.description
        }
    }

    private func bytes(_ path: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(fileURLWithPath: path))) }

    private func write(_ bytes: some Sequence<UInt8>, _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// A hole of this many bytes: large, without a disk that is.
    private func stretch(_ path: String, to size: UInt64) throws {
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.truncate(atOffset: size)
        try handle.close()
    }

    @Test(arguments: Kind.allCases)
    func brokenFilesAreRefusedInOneSentence(kind: Kind) throws {
        let (well, _) = try folder(kind)
        defer { try? FileManager.default.removeItem(atPath: well) }
        #expect(refusal(well) == nil)
        let damages: [(name: String, part: String, damage: (String, String) throws -> Void)] = [
            ("truncated weights", Self.weights, { path, _ in
                try write(bytes(path + "/" + Self.weights).dropLast(100), path + "/" + Self.weights)
            }),
            ("half a header", Self.weights, { path, _ in
                try write(bytes(path + "/" + Self.weights).prefix(60), path + "/" + Self.weights)
            }),
            ("empty weights", Self.weights, { path, _ in try write([], path + "/" + Self.weights) }),
            ("weights of five gibibytes", "the most is", { path, _ in try stretch(path + "/" + Self.weights, to: 5 << 30) }),
            ("a folder in place of the weights", "not a regular file", { path, _ in
                try FileManager.default.removeItem(atPath: path + "/" + Self.weights)
                try FileManager.default.createDirectory(
                    atPath: path + "/" + Self.weights, withIntermediateDirectories: false)
            }),
            ("a pipe in place of the weights", "not a regular file", { path, _ in
                try FileManager.default.removeItem(atPath: path + "/" + Self.weights)
                #expect(mkfifo(path + "/" + Self.weights, 0o600) == 0)
            }),
            ("truncated configuration", Self.configuration, { path, _ in
                try write(bytes(path + "/" + Self.configuration).dropLast(50), path + "/" + Self.configuration)
            }),
            ("deep configuration", Self.configuration, { path, _ in
                try write(String(repeating: "[", count: 200_000).utf8, path + "/" + Self.configuration)
            }),
            ("huge configuration", "the most is", { path, _ in try stretch(path + "/" + Self.configuration, to: 5 << 20) }),
            ("huge tokenizer", "the most is", { path, tokenizer in try stretch(path + "/" + tokenizer, to: 65 << 20) }),
            ("empty tokenizer", "", { path, tokenizer in try write([], path + "/" + tokenizer) }),
            ("binary tokenizer", "", { path, tokenizer in
                try write((0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 131) }, path + "/" + tokenizer)
            }),
            ("half a tokenizer", "", { path, tokenizer in
                let whole = try bytes(path + "/" + tokenizer)
                try write(whole.prefix(tokenizer == "vocab.txt" ? 3 : whole.count / 2), path + "/" + tokenizer)
            }),
        ]
        for (name, part, damage) in damages {
            let (path, tokenizer) = try folder(kind)
            defer { try? FileManager.default.removeItem(atPath: path) }
            try damage(path, tokenizer)
            let sentence = try #require(refusal(path), "\(name) was accepted")
            #expect(sentence.contains(part.isEmpty ? tokenizer : part), "\(name): \(sentence)")
            #expect(sentence.hasSuffix(".") && !sentence.contains("\n") && sentence.count < 500, "\(name): \(sentence)")
        }
    }

    @Test(arguments: Kind.allCases)
    func sizesThatDoNotFitTheWeightsAreRefused(kind: Kind) throws {
        let (path, _) = try folder(kind)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = path + "/" + Self.configuration
        let well = try ModelConfiguration(json: bytes(file), source: file)
        let changes: [(String, (inout ModelConfiguration) -> Void)] = [
            ("wider", { $0.encoder.width *= 2 }), ("deeper", { $0.encoder.layers += 1 }),
            ("as large as allowed", {
                $0.encoder.vocabulary = 1_000_000
                $0.encoder.width = 4096
                $0.encoder.feedForward = 16_384
                $0.encoder.layers = 48
            }),
            ("larger than allowed", { $0.encoder.vocabulary = Int.max }),
            ("more labels", { $0.heads[0].labels.append("one more") }),
            ("another head", { $0.heads.append(HeadSettings(name: "mood", kind: .classes, labels: ["a"])) }),
            ("fewer heads", { $0.heads.removeLast() }), ("no width", { $0.encoder.width = 0 }),
            ("negative positions", { $0.encoder.positions = -1 }),
            ("a mask without weights", { $0.mask = MaskSettings(defaultMode: .learned, hidden: 8, features: 14) }),
        ]
        for (name, change) in changes {
            var configuration = well
            change(&configuration)
            try write(configuration.json(), file)
            let sentence = try #require(refusal(path), "\(name) was accepted")
            #expect(sentence.hasSuffix(".") && !sentence.contains("\n") && sentence.contains(path), "\(name): \(sentence)")
        }
    }

    @Test(arguments: Kind.allCases)
    func anotherModelsTokenizerIsRefused(kind: Kind) throws {
        let (path, tokenizer) = try folder(kind)
        let (other, otherTokenizer) = try folder(kind == .unigram ? .wordPiece : .unigram)
        defer { for path in [path, other] { try? FileManager.default.removeItem(atPath: path) } }
        try write(bytes(other + "/" + otherTokenizer), path + "/" + tokenizer)
        let sentence = try #require(refusal(path))
        #expect(sentence.contains(tokenizer) && !sentence.contains("\n"), "\(sentence)")
    }

    @Test(arguments: Kind.allCases)
    func damageAtRandomIsReadOrRefused(kind: Kind) throws {
        let (path, tokenizer) = try folder(kind)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var state: UInt64 = kind == .unigram ? 5 : 6
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for name in [tokenizer, Self.configuration] {
            let well = try bytes(path + "/" + name)
            for _ in 0..<40 {
                var damaged = well
                for _ in 0...next(4) { damaged[next(damaged.count)] = UInt8(next(256)) }
                if next(3) == 0 { damaged.removeLast(next(damaged.count)) }
                if next(4) == 0 { damaged.insert(contentsOf: damaged.prefix(next(200)), at: next(damaged.count)) }
                try write(damaged, path + "/" + name)
                do {
                    let student = try Student.load(folder: path)
                    let worker = StudentWorker(student: student, mask: .rules)
                    let states = worker.hiddenStates([worker.prepare("so good, @user 😀 \u{200B} مرحبا")])
                    #expect(states[0].count == states[0].count { $0.isFinite })
                } catch {
                    #expect(!error.description.contains("\n"))
                }
            }
            try write(well, path + "/" + name)
        }
        #expect(refusal(path) == nil)
    }
}
