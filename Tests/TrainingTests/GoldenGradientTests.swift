// Loss and all gradients against another implementation's automatic differentiation
// (Fixtures/make_gradient_fixture.py). The largest differences are printed, so that a drift is seen before it
// fails.
import Foundation
import Testing
import Training

@Suite struct GoldenGradientTests {
    private struct Fixture: Decodable {
        struct Example: Decodable {
            let ids: [Int32]
            let positions: [Int32]
            let mood: Int?
            let tokens: [Int]
            let tags: [Int]
        }
        let loss: Double
        let parameters: [String: [Float]]
        let gradients: [String: [Double]]
        let examples: [Example]
    }

    @Test func lossAndGradientsAgree() throws {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/gradients", withExtension: "json"))
        let golden = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
        let shape = EncoderShape(
            vocabulary: 11, positions: 9, tokenTypes: 2, width: 8, heads: 2, inner: 12, layers: 2, normEpsilon: 1e-12)
        let network = StudentNetwork(
            shape: shape, rates: EncoderRates(),
            heads: [
                TaskHeadSpecification(name: "mood", kind: .classes, labels: ["low", "even", "high"]),
                TaskHeadSpecification(name: "names", kind: .spans, labels: ["one", "two"]),
            ],
            headRate: 1, losses: [SoftmaxCrossEntropy(), SoftmaxCrossEntropy()])
        #expect(Set(golden.parameters.keys) == Set(network.table.entries.map(\.name)))
        let parameters = network.startingParameters(seed: 1)
        for entry in network.table.entries {
            let values = try #require(golden.parameters[entry.name])
            try #require(values.count == entry.count)
            for (index, value) in values.enumerated() { parameters.pointer[entry.offset + index] = value }
        }
        let examples = golden.examples.map { example in
            var targets: [HeadTarget] = []
            if let mood = example.mood {
                targets.append(HeadTarget(head: 0, tokens: [], goals: [.label(mood)], weight: 1))
            }
            if !example.tokens.isEmpty {
                let goals = example.tags.map { TrainingGoal.label($0) }
                targets.append(HeadTarget(head: 1, tokens: example.tokens, goals: goals, weight: 0.5))
            }
            return TrainingExample(ids: example.ids, positions: example.positions, targets: targets)
        }
        let worker = NetworkWorker(network: network)
        let loss = worker.learn(
            examples, parameters: parameters.pointer, scale: 1 / Double(examples.count), dropout: .none
        ).reduce(0, +)
        #expect(abs(loss - golden.loss) < 1e-5)
        var worst = 0.0
        for entry in network.table.entries {
            let expected = try #require(golden.gradients[entry.name])
            for (index, value) in expected.enumerated() {
                let actual = Double(worker.gradients.pointer[entry.offset + index])
                worst = max(worst, abs(actual - value) / max(0.01, abs(value)))
            }
        }
        print("loss differs by \(abs(loss - golden.loss)), gradients by at most \(worst) (relative, floor 0.01)")
        #expect(worst < 1e-4)
    }
}
