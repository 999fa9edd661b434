// Hidden states and logits against PyTorch's, for a tiny model made for the purpose and for the real weights.
import Foundation
import Masking
import ModelFiles
import Posts
import StudentInference
import TensorKernels
import Testing

@Suite struct EncoderGoldenTests {
    @Test(arguments: InstructionSet.available)
    func tinyStatesEqualTheReference(set: InstructionSet) throws {
        let golden = try Golden.tiny()
        let student = try Student.load(folder: Golden.tinyFolder, kernels: VectorKernels(set))
        let worker = StudentWorker(student: student, mask: .none)
        let states = worker.hiddenStates(golden.texts.map(worker.prepare))
        var largest: Float = 0
        for (state, expected) in zip(states, golden.states) {
            let rows = state.count / 32
            let shown = rows < 40
                ? (0..<rows).flatMap { Array(state[$0 * 32..<$0 * 32 + 4]) } : Array(state.suffix(32))
            try #require(shown.count == expected.count)
            largest = max(largest, Golden.difference(shown, expected))
        }
        print("tiny encoder, \(set): largest difference to PyTorch \(largest)")
        #expect(largest < 1e-4)
    }

    @Test func tinyHeadsEqualTheReference() throws {
        let golden = try Golden.tiny()
        let student = try Student.load(folder: Golden.tinyFolder)
        let arena = InferenceArena(configuration: student.configuration, limits: InferenceLimits())
        var largest: Float = 0
        for (text, expected) in zip(golden.texts, golden.logits) {
            var batch = PackedBatch()
            batch.append(student.tokenizer.tokenize(text).tokens)
            let hidden = student.encoder.encode(batch, arena: arena)
            for head in student.heads {
                var states = Array(hidden)
                var rows = batch.tokenCount
                if head.settings.kind != .spans {
                    rows = 1
                    student.encoder.pool(hidden.baseAddress!, batch, head.settings.pooling, into: &states)
                }
                var scratch = [Float](repeating: 0, count: rows * (head.settings.hidden ?? 0) + 1)
                var logits = [Float](repeating: 0, count: rows * head.settings.labels.count)
                head.apply(states, rows: rows, scratch: &scratch, into: &logits)
                let reference = try #require(expected[head.settings.name])
                largest = max(largest, Golden.difference(logits, reference))
            }
        }
        print("tiny heads: largest difference to PyTorch \(largest)")
        #expect(largest < 1e-4)
    }

    @Test func realWeightsEqualTheReference() throws {
        guard let folder = Golden.miniLMFolder() else { return }
        let golden = try Golden.miniLM()
        let student = try Student.load(folder: folder)
        let worker = StudentWorker(student: student, mask: .none)
        let states = worker.hiddenStates(golden.texts.map(worker.prepare))
        var largest: Float = 0
        for (index, state) in states.enumerated() {
            let rows = state.count / 384
            let mean = stride(from: 0, to: 384, by: 4).map { column in
                (0..<rows).reduce(Float(0)) { $0 + state[$1 * 384 + column] } / Float(rows)
            }
            largest = max(largest, Golden.difference(mean, golden.pooled[index]))
            largest = max(largest, Golden.difference(state.prefix(32), golden.first[index]))
        }
        print("all-MiniLM-L6-v2: largest difference to PyTorch \(largest)")
        #expect(largest < 1e-4)
    }

    /// A batch never changes a post: alone, among others, in another order.
    @Test func batchingChangesNothing() throws {
        let texts = try Golden.tiny().texts
        let student = try Student.load(folder: Golden.tinyFolder)
        let worker = StudentWorker(student: student, mask: .rules, limits: InferenceLimits(tokens: 200, sequences: 3))
        let requests = texts.map { EnrichmentRequest(post: worker.prepare($0), text: $0) }
        let together = worker.answer(requests)
        let reversed = Array(worker.answer(requests.reversed()).reversed())
        for (index, request) in requests.enumerated() {
            let alone = worker.answer([request])[0]
            let same = together[index] == alone && reversed[index] == alone
            #expect(same, "text \(index)")
        }
    }
}
