// A network small enough for finite differences, with every kind of goal, and the batch that the gradient tests
// use. Deterministic: the same numbers on every machine.
import Training

struct TinyNetwork {
    let network: StudentNetwork
    let parameters: FloatBlock
    let examples: [TrainingExample]

    init(rates: EncoderRates = EncoderRates()) {
        let shape = EncoderShape(
            vocabulary: 11, positions: 9, tokenTypes: 2, width: 8, heads: 2, inner: 12, layers: 2, normEpsilon: 1e-12)
        network = StudentNetwork(
            shape: shape, rates: rates,
            heads: [
                TaskHeadSpecification(name: "mood", kind: .classes, labels: ["low", "even", "high"]),
                TaskHeadSpecification(name: "names", kind: .spans, labels: ["one", "two"]),
            ],
            headRate: 1,
            losses: [
                SoftmaxCrossEntropy(smoothing: 0.1, labelWeights: [1.5, 1, 0.5]), SoftmaxCrossEntropy(),
            ])
        parameters = network.startingParameters(seed: 7)
        var random = RandomSource(seed: 8)
        for index in 0..<parameters.count { parameters.pointer[index] += 0.25 * random.normal() }
        examples = [
            TrainingExample(
                ids: [2, 5, 1, 9, 3], positions: [0, 1, 2, 3, 4],
                targets: [
                    HeadTarget(head: 0, tokens: [], goals: [.label(2)], weight: 1),
                    HeadTarget(
                        head: 1, tokens: [1, 3], goals: [.label(1), .anyOf(0b01100)], weight: 0.5),
                ]),
            TrainingExample(
                ids: [2, 10, 3], positions: [0, 4, 8],
                targets: [HeadTarget(head: 0, tokens: [], goals: [.distribution([0.2, 0.7, 0.1])], weight: 2)]),
            TrainingExample(
                ids: [2, 7, 7, 3], positions: [0, 1, 2, 3],
                targets: [
                    HeadTarget(head: 1, tokens: [2, 1], goals: [.anyOf(0b10011), .label(0)], weight: 1)
                ]),
        ]
    }

    func loss(dropout: Dropout = .none) -> Double {
        let worker = NetworkWorker(network: network)
        return worker.learn(examples, parameters: parameters.pointer, scale: 0.25, dropout: dropout).reduce(0, +)
    }

    func gradient(dropout: Dropout = .none) -> [Float] {
        let worker = NetworkWorker(network: network)
        _ = worker.learn(examples, parameters: parameters.pointer, scale: 0.25, dropout: dropout)
        return worker.gradients.values
    }
}
