// Masked-language training: exact gradients of the tied output, what is hidden of a post, and a whole stage that learns, does not
// depend on threads and resumes bit for bit.
import Foundation
import Testing
import Tokenization
import Training

private struct GuessingNetwork {
    let network: StudentNetwork
    let parameters: FloatBlock
    let examples: [TrainingExample]

    init(embeddings: Float = 1, piecesAtOnce: Int = 4) {
        let tiny = TinyNetwork()
        let stage = LanguageModelRecipe(
            files: ["posts.jsonl"], steps: 1, examplesInBatch: 1, peakRate: 1, warmUpShare: 0, dropout: 0,
            encoder: EncoderRates(embeddings: embeddings))
        network = StudentNetwork(
            languageModel: stage, shape: tiny.network.encoder.shape, piecesAtOnce: piecesAtOnce)
        parameters = network.startingParameters(seed: 7)
        var random = RandomSource(seed: 8)
        for index in 0..<parameters.count { parameters.pointer[index] += 0.25 * random.normal() }
        let hidden: [[HiddenPiece]] = [
            [HiddenPiece(token: 1, piece: 10), HiddenPiece(token: 3, piece: 4)], [],
            [HiddenPiece(token: 2, piece: 7)],
        ]
        examples = zip(tiny.examples, hidden).map {
            TrainingExample(ids: $0.ids, positions: $0.positions, targets: [], hidden: $1)
        }
    }

    func loss(dropout: Dropout = .none) -> (sum: Double, gradient: [Float]) {
        let worker = NetworkWorker(network: network)
        let losses = worker.learn(examples, parameters: parameters.pointer, scale: 1 / 3, dropout: dropout)
        return (losses.reduce(0, +), worker.gradients.values)
    }
}

@Suite struct LanguageModelGradientTests {
    /// Eleven pieces, four at once: the last chunk is a part of one.
    @Test(arguments: [0 as Float, 0.25])
    func everyParameterAgreesWithFiniteDifferences(probability: Float) {
        let guessing = GuessingNetwork()
        let dropout = Dropout(probability: probability, seed: 99)
        let exact = guessing.loss(dropout: dropout).gradient
        let step: Float = 4e-3
        var worst: (name: String, difference: Double) = ("", 0)
        for entry in guessing.network.table.entries {
            for index in entry.offset..<entry.offset + entry.count {
                let value = guessing.parameters.pointer[index]
                guessing.parameters.pointer[index] = value + step
                let above = guessing.loss(dropout: dropout).sum
                let upper = guessing.parameters.pointer[index]
                guessing.parameters.pointer[index] = value - step
                let below = guessing.loss(dropout: dropout).sum
                let difference = Double(upper - guessing.parameters.pointer[index])
                guessing.parameters.pointer[index] = value
                let numeric = (above - below) / difference
                let error = abs(numeric - Double(exact[index])) / max(0.1, abs(numeric))
                if error > worst.difference { worst = (entry.name, error) }
            }
        }
        print("masked-language training: largest relative difference to central differences: \(worst)")
        #expect(worst.difference < 2e-3, "in \(worst.name)")
        #expect(exact.contains { abs($0) > 0.05 })
    }

    @Test func chunksOfTheVocabularyDoNotChangeTheResult() {
        let whole = GuessingNetwork(piecesAtOnce: 100).loss()
        for size in [1, 4, 11] {
            let parts = GuessingNetwork(piecesAtOnce: size).loss()
            #expect(abs(parts.sum - whole.sum) < 1e-5)
            for (one, other) in zip(parts.gradient, whole.gradient) { #expect(abs(one - other) < 1e-5) }
        }
    }

    /// As a loss over all pieces in double precision would have it.
    @Test func theLossIsTheCrossEntropyOfTheTiedProduct() throws {
        let guessing = GuessingNetwork()
        let (network, parameters) = (guessing.network, guessing.parameters.values)
        let (width, pieces) = (network.encoder.shape.width, network.encoder.shape.vocabulary)
        let words = try #require(network.table["embeddings.word_embeddings.weight"]).offset
        let bias = try #require(network.table["language_model.bias"]).offset
        var expected = 0.0
        for example in guessing.examples where !example.hidden.isEmpty {
            var batch = PackedTokens()
            batch.append(ids: example.ids, positions: example.positions)
            let pass = EncoderPass(layout: network.encoder)
            let hidden = pass.forward(batch, parameters: guessing.parameters.pointer)
            for place in example.hidden {
                let scores = (0..<pieces).map { piece -> Double in
                    var score = Double(parameters[bias + piece])
                    for column in 0..<width {
                        let (state, word) = (hidden[place.token * width + column], parameters[words + piece * width + column])
                        score += Double(state) * Double(word)
                    }
                    return score
                }
                let sum = scores.reduce(0) { $0 + exp($1) }
                expected += (log(sum) - scores[Int(place.piece)]) / 3
            }
        }
        #expect(abs(guessing.loss().sum - expected) < 1e-5)
    }

    /// Frozen embeddings keep what reaches them as inputs out of the optimiser; the product's share is not even computed.
    @Test func frozenEmbeddingsLeaveTheOtherGradientsAsTheyAre() {
        let (whole, frozen) = (GuessingNetwork(), GuessingNetwork(embeddings: 0))
        let (expected, actual) = (whole.loss().gradient, frozen.loss().gradient)
        for entry in frozen.network.table.entries where !entry.name.hasPrefix("embeddings.") {
            for index in entry.offset..<entry.offset + entry.count { #expect(actual[index] == expected[index]) }
        }
    }
}

@Suite struct HiddenPiecesTests {
    private let stage = LanguageModelRecipe(
        files: ["posts.jsonl"], hiddenShare: 0.15, steps: 10, examplesInBatch: 16, peakRate: 5e-3, warmUpShare: 0.1,
        dropout: 0, encoder: EncoderRates())

    private func source(
        _ texts: [String], tokenizer: TextTokenizer, seed: UInt64 = 5
    ) throws -> HiddenPieces {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("winnow-hidden-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let lines = try texts.map { String(decoding: try JSONEncoder().encode(["text": $0]), as: UTF8.self) + "\n" }
        try Data(lines.joined().utf8).write(to: directory.appendingPathComponent("posts.jsonl"))
        return try HiddenPieces(stage, seed: seed, directory: directory, tokenizer: tokenizer, leakGuard: .off)
    }

    private func wordPiece() throws -> TextTokenizer {
        let pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused0]", "good", "##ly", "##ness", "day", "fox", "."]
        return .wordPiece(
            WordPieceTokenizer(
                vocabulary: try Vocabulary(lines: Array(pieces.joined(separator: "\n").utf8)), lowercases: true,
                maximumTokens: 128))
    }

    @Test func wholeWordsAreHiddenInTheRightShares() throws {
        let tokenizer = try wordPiece()
        var random = RandomSource(seed: 3)
        let texts = (0..<300).map { _ in
            (0..<20).map { _ in ["goodlyness", "day", "fox", "goodly"].randomElement(using: &random) ?? "" }
                .joined(separator: " ")
        }
        let source = try source(texts, tokenizer: tokenizer)
        var (all, hidden, masked, kept, replaced) = (0, 0, 0, 0, 0)
        for reading in 0..<source.count {
            let tokens = tokenizer.tokenize(texts[reading]).tokens
            let example = source.example(reading, epoch: 1)
            #expect(!example.hidden.isEmpty && example.ids.count == tokens.count)
            let places = Set(example.hidden.map(\.token))
            for (index, token) in tokens.enumerated() where !token.isSpecial {
                all += 1
                guard places.contains(index) else {
                    #expect(example.ids[index] == token.id)
                    continue
                }
                hidden += 1
                masked += example.ids[index] == 4 ? 1 : 0
                kept += example.ids[index] == token.id ? 1 : 0
                replaced += ![4, token.id].contains(example.ids[index]) ? 1 : 0
                #expect(example.ids[index] == 4 || example.ids[index] >= 6, "no special takes a place")
                // The other pieces of the word are hidden too.
                for (other, piece) in tokens.enumerated() where piece.word == token.word { #expect(places.contains(other)) }
            }
            for place in example.hidden { #expect(place.piece == tokens[place.token].id) }
        }
        let share = { (count: Int, of: Int) in Double(count) / Double(of) }
        #expect(abs(share(hidden, all) - 0.15) < 0.01, "\(share(hidden, all))")
        #expect(abs(share(masked, hidden) - 0.8) < 0.05)
        // One draw in six of the others gives the piece itself.
        #expect(abs(share(kept, hidden) - (0.1 + 0.1 / 6)) < 0.04 && abs(share(replaced, hidden) - 0.1 * 5 / 6) < 0.04)
    }

    @Test func aWordLongerThanTheShareIsHiddenInParts() throws {
        let source = try source(["goodlynessnessnessnessness"], tokenizer: try wordPiece())
        for epoch in 0..<5 { #expect(source.example(0, epoch: epoch).hidden.count == 1) }
    }

    @Test func aUnigramVocabularyHidesPiecesToo() throws {
        let file = try #require(
            Bundle.module.url(forResource: "Fixtures/small-unigram", withExtension: "json"))
        let tokenizer = try TokenizerFile.read(json: Array(Data(contentsOf: file)), maximumTokens: 64)
        let text = "aa bb ab ba aab bba abab 今日は 世界"
        let source = try source([text, "  \n", text + "!"], tokenizer: tokenizer)
        // The post of white space has nothing to hide.
        #expect(source.count == 2)
        let mask = try #require((0..<Int32(tokenizer.pieceCount)).first { tokenizer.piece($0) == "<mask>" })
        var seen = 0
        for epoch in 0..<40 {
            let example = source.example(0, epoch: epoch)
            seen += example.ids.count { $0 == mask }
            #expect(example == source.example(0, epoch: epoch))
        }
        #expect(seen > 20)
    }

    @Test func aVocabularyWithoutAMaskPieceIsRefused() throws {
        let toy = try ToyTask()
        #expect(throws: TrainingFailure.self) { try source(["good day"], tokenizer: toy.tokenizer) }
    }
}

@Suite struct LanguageModelRunTests {
    /// A post says one word again and again, so a hidden one can be told from the others.
    private struct Posts {
        let directory: URL
        let tokenizer: TextTokenizer
        let stage: LanguageModelRecipe
        let shape: EncoderShape

        init(steps: Int) throws {
            directory = FileManager.default.temporaryDirectory.appendingPathComponent("winnow-guess-\(UUID())")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            let words = ["one", "two", "three", "four", "five", "six", "seven", "eight"]
            var random = RandomSource(seed: 2)
            let lines = (0..<200).map { _ in
                let word = words.randomElement(using: &random) ?? ""
                let post = [String](repeating: word, count: 8).joined(separator: " ")
                return "{\"text\":\"\(post)\"}\n"
            }
            try Data(lines.joined().utf8).write(to: directory.appendingPathComponent("posts.jsonl"))
            let pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + words
            tokenizer = .wordPiece(
                WordPieceTokenizer(
                    vocabulary: try Vocabulary(lines: Array(pieces.joined(separator: "\n").utf8)), lowercases: true,
                    maximumTokens: 24))
            stage = LanguageModelRecipe(
                files: ["posts.jsonl"], steps: steps, examplesInBatch: 16, peakRate: 5e-3, warmUpShare: 0.1,
                dropout: 0.02, encoder: EncoderRates())
            shape = EncoderShape(
                vocabulary: pieces.count, positions: 24, tokenTypes: 2, width: 16, heads: 2, inner: 32, layers: 2,
                normEpsilon: 1e-12)
        }

        func run(threads: Int, work: URL? = nil, resume: Bool = false, lastStep: Int? = nil) throws -> TrainingRun {
            let recipe = try ToyTask().recipe(seed: 9)
            let posts = try HiddenPieces(
                stage, seed: recipe.seed, directory: directory, tokenizer: tokenizer, leakGuard: .off)
            let network = StudentNetwork(languageModel: stage, shape: shape)
            var options = TrainingOptions(threads: threads, workDirectory: work, resume: resume, lastStep: lastStep)
            options.checkpointName = "language-model.bin"
            return TrainingRun(
                recipe: recipe.languageModelStage(stage, posts: posts.count), network: network,
                parameters: network.startingParameters(seed: recipe.seed), source: posts, development: [],
                options: options, log: try TrainingLog(file: work?.appendingPathComponent("language-model.jsonl")) { _ in })
        }

        /// Mean loss a hidden piece over the posts of an epoch that no step reads.
        func loss(_ run: TrainingRun) throws -> Double {
            let posts = try HiddenPieces(stage, seed: 1, directory: directory, tokenizer: tokenizer, leakGuard: .off)
            let examples = (0..<posts.count).map { posts.example($0, epoch: 999) }
            let scale = 1 / Double(examples.reduce(0) { $0 + $1.hidden.count })
            let worker = NetworkWorker(network: run.network)
            return worker.learn(examples, parameters: run.best.pointer, scale: scale, dropout: .none).reduce(0, +)
        }
    }

    @Test func itLearnsToGuess() throws {
        let posts = try Posts(steps: 150)
        let run = try posts.run(threads: 2)
        let before = try posts.loss(run)
        try run.run()
        let after = try posts.loss(run)
        print("hidden pieces: loss \(before) before, \(after) after \(run.totalSteps) steps")
        #expect(run.totalSteps == 150 && before > 2 && after < before / 3)
        // The encoder is handed on to the network with heads.
        let recipe = try ToyTask().recipe(seed: 9)
        let next = StudentNetwork(recipe: recipe, shape: posts.shape)
        let parameters = next.startingParameters(seed: 1)
        next.takeShared(from: run.best, of: run.network, into: parameters)
        let count = next.encoder.shape.vocabulary * next.encoder.shape.width
        #expect(Array(parameters.values.prefix(count)) == Array(run.best.values.prefix(count)))
        let head = try #require(next.table["heads.mood.output.weight"])
        #expect(parameters.values[head.offset] == next.startingParameters(seed: 1).values[head.offset])
    }

    @Test func itResumesBitForBitOnAnyNumberOfThreads() throws {
        let posts = try Posts(steps: 20)
        let whole = try posts.run(threads: 1)
        try whole.run()
        let work = posts.directory.appendingPathComponent("work")
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        try posts.run(threads: 2, work: work, lastStep: 9).run()
        let rest = try posts.run(threads: 2, work: work, resume: true)
        try rest.run()
        #expect(rest.best.values == whole.best.values)
        let log = try String(contentsOf: work.appendingPathComponent("language-model.jsonl"), encoding: .utf8)
        #expect(log.contains("hidden pieces"))
        let picture = try TrainingCurves(log: work.appendingPathComponent("language-model.jsonl")).picture
        #expect(picture.contains("<svg"))
    }
}

extension TrainingExample {
    fileprivate static func == (one: TrainingExample, other: TrainingExample) -> Bool {
        one.ids == other.ids && one.positions == other.positions && one.hidden == other.hidden
    }
}
