// `winnow benchmark --stage training`: forward, backward and optimiser on given batches, the steps that `winnow train` does.
// Deploy/benchmarks/training writes the batches and compares with PyTorch.
import Foundation
import ModelFiles
import Training

struct BenchmarkTraining {
    /// The file of batches: heads, the optimiser's numbers, and steps of examples as vocabulary indices with their answers.
    struct Batches: Decodable {
        struct Example: Decodable {
            let ids: [Int32]
            /// Index of the class.
            let label: Int
            /// For the tokens behind the first, before the last, one index of an output; empty: teaches no tags.
            let tags: [Int]
        }

        let classes: [String]
        let types: [String]
        let rate: Float
        let optimiser: AdamWSettings
        let steps: [[Example]]
    }

    struct Result: Encodable {
        let machine: String
        let threads: Int
        /// Of each step: seconds, seconds of processor time, tokens, the loss before it.
        let seconds: [Double]
        let processorSeconds: [Double]
        let tokens: [Int]
        let losses: [Double]

        var summary: String {
            let rates = zip(tokens, seconds).map { Double($0) / $1 }.sorted()
            let median = rates.isEmpty ? 0 : rates[rates.count / 2]
            return """
                training: median \(Int(median)) tokens/s, slowest step \(Int(rates.first ?? 0)), fastest \
                \(Int(rates.last ?? 0)), \(rates.count) steps, \(threads) threads; loss \(losses.first ?? 0) before the first \
                and \(losses.last ?? 0) before the last
                machine: \(machine)
                """
        }
    }

    /// `weights`: a checkpoint or model folder that training may start from; its heads start at zero.
    static func run(weights: String, batches file: String, threads: Int) throws -> Result {
        guard let data = FileManager.default.contents(atPath: file),
            let batches = try? JSONDecoder().decode(Batches.self, from: data), !batches.steps.isEmpty
        else {
            throw ModelFileFault("\(file) holds no batches: let Deploy/benchmarks/training/compare.py write it.")
        }
        let start = try StartingWeights(directory: URL(fileURLWithPath: weights))
        let heads = [
            TaskHeadSpecification(name: "benchmark-classes", kind: .classes, labels: batches.classes),
            TaskHeadSpecification(name: "benchmark-spans", kind: .spans, labels: batches.types),
        ]
        let network = StudentNetwork(
            shape: start.shape, rates: EncoderRates(), heads: heads, headRate: 1,
            losses: [SoftmaxCrossEntropy(), SoftmaxCrossEntropy()])
        let parameters = FloatBlock(count: network.table.count)
        try start.load(into: parameters, of: network)
        let steps = try batches.steps.map { try $0.map { try example($0, shape: start.shape, heads: heads, file) } }
        let group = WorkerGroup(network: network, workers: TrainingRun.workerCount, threads: threads)
        let optimiser = AdamW(table: network.table, settings: batches.optimiser)
        let clock = ContinuousClock()
        var (seconds, processorSeconds, losses): ([Double], [Double], [Double]) = ([], [], [])
        for examples in steps {
            let (begin, processorBegin) = (clock.now, BenchmarkEncoder.processorSeconds())
            group.clearGradients()
            let scale = 1 / Double(examples.count)
            let parts = group.map(TrainingRun.shares(examples)) { worker, share in
                worker.learn(share, parameters: parameters.pointer, scale: scale, dropout: .none)
            }
            _ = optimiser.step(parameters: parameters, gradients: group.sumGradients(), rate: batches.rate)
            seconds.append((clock.now - begin) / .seconds(1))
            processorSeconds.append(BenchmarkEncoder.processorSeconds() - processorBegin)
            losses.append(parts.reduce(0) { $0 + $1.reduce(0, +) })
        }
        return Result(
            machine: BenchmarkEncoder.machine(), threads: threads, seconds: seconds,
            processorSeconds: processorSeconds,
            tokens: steps.map { $0.reduce(0) { $0 + $1.ids.count } }, losses: losses)
    }

    private static func example(
        _ given: Batches.Example, shape: EncoderShape, heads: [TaskHeadSpecification], _ file: String
    ) throws(ModelFileFault) -> TrainingExample {
        let isInRange =
            (3...shape.positions).contains(given.ids.count)
            && given.ids.allSatisfy { (0..<Int32(shape.vocabulary)).contains($0) }
            && heads[0].outputs.indices.contains(given.label)
            && (given.tags.isEmpty || given.tags.count == given.ids.count - 2)
            && given.tags.allSatisfy(heads[1].outputs.indices.contains)
        guard isInRange else {
            throw ModelFileFault("\(file) does not fit the weights: vocabulary, lengths or labels are out of their range.")
        }
        var targets = [HeadTarget(head: 0, tokens: [], goals: [.label(given.label)], weight: 1)]
        if !given.tags.isEmpty {
            targets.append(
                HeadTarget(
                    head: 1, tokens: Array(1...given.tags.count), goals: given.tags.map { .label($0) }, weight: 0.1))
        }
        return TrainingExample(ids: given.ids, positions: given.ids.indices.map { Int32($0) }, targets: targets)
    }
}
