// The learned mask in training: exact gradients through gates, pooling and scorer; a closed gate is as good as a token that
// is not there; and the inference half scores words as the training half does.
import Evaluation
import Foundation
import Masking
import StudentInference
import Testing
import Tokenization
import Training

private struct GatedNetwork {
    let network: StudentNetwork
    let parameters: FloatBlock
    let examples: [TrainingExample]

    static func recipe(_ method: MaskRecipe.Method) -> MaskRecipe {
        MaskRecipe(
            method: method, hidden: 3, rate: 1, gatedShare: 1, keptShare: 0.3, budgetWeight: 2, noiseShare: 0,
            entityWeight: 0.7, noiseWeight: 0.6, rationaleWeight: 0.5, threshold: 0.5)
    }

    init(_ method: MaskRecipe.Method) {
        let tiny = TinyNetwork()
        network = StudentNetwork(
            shape: tiny.network.encoder.shape, rates: EncoderRates(), heads: tiny.network.heads.map(\.specification),
            headRate: 1, losses: tiny.network.losses, mask: Self.recipe(method))
        parameters = network.startingParameters(seed: 7)
        var random = RandomSource(seed: 8)
        for index in 0..<parameters.count { parameters.pointer[index] += 0.25 * random.normal() }
        // Gates near one half, where none is clipped at 0 or 1 and every gradient is there.
        if let bias = network.table["mask.output.bias"] { parameters.pointer[bias.offset] = 0.1 }
        let words: [[Int32]] = [[-1, 0, 1, 1, -1], [-1, 0, -1], [-1, 0, 1, -1]]
        let goals: [[MaskGoal]] = [
            [.unknown, .keep, .drop, .drop, .unknown], [.unknown, .unknown, .unknown],
            [.unknown, .rationale, .besides, .unknown],
        ]
        examples = zip(tiny.examples, zip(words, goals)).map { example, inputs in
            TrainingExample(
                ids: example.ids, positions: example.positions, targets: example.targets,
                mask: MaskInputs(
                    words: inputs.0, features: (0..<inputs.0.count * MaskFeatures.count).map { _ in random.unit() },
                    goals: inputs.1, isGated: true))
        }
    }

    func loss() -> (sum: Double, gradient: [Float]) {
        let worker = NetworkWorker(network: network)
        let losses = worker.learn(
            examples, parameters: parameters.pointer, scale: 0.25, dropout: .none, draw: GateDraw(seed: 21, progress: 0.5))
        return (losses.reduce(0, +), worker.gradients.values)
    }
}

@Suite struct MaskGradientTests {
    /// The straight-through gate's gradient is not that of its loss, by design, so it is left out.
    @Test(arguments: [MaskRecipe.Method.hardConcrete, .annealed])
    func everyParameterAgreesWithFiniteDifferences(method: MaskRecipe.Method) {
        let gated = GatedNetwork(method)
        let exact = gated.loss().gradient
        let step: Float = 2e-3
        var worst: (name: String, difference: Double) = ("", 0)
        for entry in gated.network.table.entries {
            for index in entry.offset..<entry.offset + entry.count {
                let value = gated.parameters.pointer[index]
                gated.parameters.pointer[index] = value + step
                let above = gated.loss().sum
                let upper = gated.parameters.pointer[index]
                gated.parameters.pointer[index] = value - step
                let below = gated.loss().sum
                let difference = Double(upper - gated.parameters.pointer[index])
                gated.parameters.pointer[index] = value
                let numeric = (above - below) / difference
                let error = abs(numeric - Double(exact[index])) / max(0.1, abs(numeric))
                if error > worst.difference { worst = (entry.name, error) }
            }
        }
        print("\(method): largest relative difference to central differences: \(worst)")
        #expect(worst.difference < 2e-3, "in \(worst.name)")
        let scorer = gated.network.table.entries.filter { $0.name.hasPrefix("mask.") }
        for entry in scorer {
            #expect(exact[entry.offset..<entry.offset + entry.count].contains { abs($0) > 1e-3 }, "\(entry.name)")
        }
    }

    @Test func aClosedGateIsATokenThatIsNotThere() {
        let tiny = TinyNetwork()
        var whole = PackedTokens()
        whole.append(ids: [2, 5, 1, 9, 7, 3], positions: [0, 1, 1, 2, 3, 3])
        whole.append(ids: [2, 10, 4, 3], positions: [0, 1, 1, 1])
        let gates: [Float] = [1, 0, 1, 1, 0, 1, 1, 0, 0, 1]
        var pruned = PackedTokens()
        pruned.append(ids: [2, 1, 9, 3], positions: [0, 1, 2, 3])
        pruned.append(ids: [2, 3], positions: [0, 1])
        let width = tiny.network.encoder.shape.width
        let gatedPass = EncoderPass(layout: tiny.network.encoder)
        let prunedPass = EncoderPass(layout: tiny.network.encoder)
        let expected = prunedPass.forward(pruned, parameters: tiny.parameters.pointer)
        gates.withUnsafeBufferPointer { values in
            let hidden = gatedPass.forward(whole, parameters: tiny.parameters.pointer, gates: values.baseAddress)
            var row = 0
            for token in gates.indices where gates[token] == 1 {
                for column in 0..<width {
                    #expect(abs(hidden[token * width + column] - expected[row * width + column]) < 1e-5)
                }
                row += 1
            }
            #expect(row == pruned.tokenCount)
        }
    }

    @Test func openGatesChangeNothing() {
        let tiny = TinyNetwork()
        var batch = PackedTokens()
        batch.append(ids: [2, 5, 1, 9, 3], positions: [0, 1, 2, 3, 4])
        let plain = EncoderPass(layout: tiny.network.encoder)
        let gated = EncoderPass(layout: tiny.network.encoder)
        let expected = plain.forward(batch, parameters: tiny.parameters.pointer)
        let ones = [Float](repeating: 1, count: batch.tokenCount)
        ones.withUnsafeBufferPointer { values in
            let hidden = gated.forward(batch, parameters: tiny.parameters.pointer, gates: values.baseAddress)
            for index in 0..<batch.tokenCount * tiny.network.encoder.shape.width {
                #expect(abs(hidden[index] - expected[index]) < 1e-6)
            }
        }
    }

    @Test(arguments: MaskRecipe.Method.allCases)
    func theSameSeedDrawsTheSameGates(method: MaskRecipe.Method) {
        let gated = GatedNetwork(method)
        let (first, second) = (gated.loss(), gated.loss())
        #expect(first.sum == second.sum && first.gradient == second.gradient && first.sum.isFinite)
    }
}

@Suite struct MaskLearningTests {
    /// The mood hangs on one word of a text and names on two; the other words are filler that the budget presses out.
    @Test(arguments: MaskRecipe.Method.allCases)
    func theMaskKeepsWhatTheTaskNeeds(method: MaskRecipe.Method) throws {
        var toy = try ToyTask()
        toy.epochs = 9
        toy.mask = MaskRecipe(
            method: method, hidden: 8, rate: 2, gatedShare: 0.8, keptShare: 0.5, budgetWeight: 8, noiseShare: 0.3,
            entityWeight: 1, noiseWeight: 1, rationaleWeight: 0, threshold: 0.5)
        let run = try toy.run(options: TrainingOptions(threads: 2, workDirectory: nil))
        try run.run()
        let student = try Student.load(folder: toy.write(run, .float32).path)
        let learned = try student.maskChoice(.learned, isExplicit: true).policy
        let mood = try DatasetReader.read(toy.directory.appendingPathComponent("mood/dev.jsonl"))
        let report = try ModelEvaluator(student: student, policy: learned, mask: "learned").evaluate(task: "mood", mood)
        #expect((report.metrics["macro_recall"] ?? 0) > 0.95, "\(report.metrics)")
        #expect(report.keptShare < 0.75, "\(report.keptShare) kept")

        guard case .learned(let mask) = learned else { throw TrainingFailure("the model has no learned mask") }
        let text = "so the day bad is here"
        let tokens = student.tokenizer.tokenize(text)
        let logits = mask.keepLogits(tokens, text: text)
        let carrying = try #require(tokens.tokens.firstIndex { $0.start == 11 })
        for filler in logits.indices.dropFirst().dropLast() where filler != carrying {
            #expect(logits[carrying] > logits[filler])
        }
        // A threshold that nothing reaches would leave no word: the text is read whole.
        let closed = MaskPolicy.learned(LearnedMask(mask, threshold: 1))
        #expect(closed.apply(to: tokens, text: text).kept == nil)
        #expect(MaskPolicy.learned(LearnedMask(mask, threshold: 0)).apply(to: tokens, text: text).kept == nil)
    }
}
