// Every parameter's gradient against central differences of the loss, with and without dropout.
// This is the test that makes hand-written gradients trustworthy.
import Testing
import Training

@Suite struct GradientTests {
    @Test(arguments: [0 as Float, 0.25])
    func everyParameterAgreesWithFiniteDifferences(probability: Float) {
        let tiny = TinyNetwork()
        let dropout = Dropout(probability: probability, seed: 99)
        let exact = tiny.gradient(dropout: dropout)
        let step: Float = 4e-3
        var worst: (name: String, difference: Double) = ("", 0)
        for entry in tiny.network.table.entries {
            for index in entry.offset..<entry.offset + entry.count {
                let value = tiny.parameters.pointer[index]
                tiny.parameters.pointer[index] = value + step
                let above = tiny.loss(dropout: dropout)
                let upper = tiny.parameters.pointer[index]
                tiny.parameters.pointer[index] = value - step
                let below = tiny.loss(dropout: dropout)
                let difference = Double(upper - tiny.parameters.pointer[index])
                tiny.parameters.pointer[index] = value
                let numeric = (above - below) / difference
                let error = abs(numeric - Double(exact[index])) / max(0.1, abs(numeric))
                if error > worst.difference { worst = (entry.name, error) }
            }
        }
        print("largest relative difference to central differences: \(worst)")
        #expect(worst.difference < 1e-3, "in \(worst.name)")
        #expect(exact.contains { abs($0) > 0.05 })
    }

    @Test func aFrozenEncoderGetsNoGradientAndTheHeadsKeepTheirs() {
        let whole = TinyNetwork()
        let frozen = TinyNetwork(rates: EncoderRates(embeddings: 0, layers: 0))
        let expected = whole.gradient()
        let actual = frozen.gradient()
        for entry in frozen.network.table.entries {
            for index in entry.offset..<entry.offset + entry.count {
                #expect(actual[index] == (entry.name.hasPrefix("heads.") ? expected[index] : 0))
            }
        }
    }

    @Test func packingDoesNotMixSequences() {
        let tiny = TinyNetwork()
        let together = tiny.gradient()
        let worker = NetworkWorker(network: tiny.network)
        for example in tiny.examples {
            _ = worker.learn([example], parameters: tiny.parameters.pointer, scale: 0.25, dropout: .none)
        }
        for (one, other) in zip(together, worker.gradients.values) { #expect(abs(one - other) < 1e-5) }
    }
}
