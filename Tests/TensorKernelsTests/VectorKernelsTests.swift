// Each build of each kernel against a plain computation in double precision.
import Foundation
import TensorKernels
import Testing

struct SeededNumbers {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 32)) / Float(Int32.max)
    }

    mutating func array(_ count: Int) -> [Float] { (0..<count).map { _ in next() } }
}

func largestDifference(_ left: [Float], _ right: [Double]) -> Double {
    zip(left, right).map { abs(Double($0) - $1) }.max() ?? 0
}

@Suite struct VectorKernelsTests {
    @Test(arguments: InstructionSet.available)
    func geluIsTheErrorFunctionForm(set: InstructionSet) {
        var x = stride(from: Float(-30), through: 30, by: 0.00037).map { $0 } + [0, -0.0, 1e-30, -1e-30, 3e38, -3e38]
        let expected = x.map { Double($0) * 0.5 * (1 + erf(Double($0) / 2.0.squareRoot())) }
        let count = x.count
        x.withUnsafeMutableBufferPointer { VectorKernels(set).gelu($0.baseAddress!, count: count) }
        // Large values are themselves, to the last bit of a float.
        let difference = zip(x, expected).map { abs(Double($0) - $1) / max(1, abs($1)) }.max()!
        #expect(difference < 1e-6, "\(set): \(difference)")
    }

    @Test(arguments: InstructionSet.available, [1, 7, 32, 384, 401])
    func layerNormMatchesPlain(set: InstructionSet, width: Int) {
        var numbers = SeededNumbers(seed: 3)
        let rows = 5
        var x = numbers.array(rows * width).map { $0 * 3 + 1 }
        let gamma = numbers.array(width), beta = numbers.array(width)
        var expected: [Double] = []
        for row in 0..<rows {
            let values = x[row * width..<(row + 1) * width].map(Double.init)
            let mean = values.reduce(0, +) / Double(width)
            let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(width)
            for (column, value) in values.enumerated() {
                let scaled = (value - mean) / (variance + 1e-5).squareRoot()
                expected.append(scaled * Double(gamma[column]) + Double(beta[column]))
            }
        }
        x.withUnsafeMutableBufferPointer { x in
            VectorKernels(set).layerNorm(
                x.baseAddress!, gamma: gamma, beta: beta, into: x.baseAddress!, rows: rows, width: width, epsilon: 1e-5)
        }
        #expect(largestDifference(x, expected) < 1e-5)
    }

    @Test(arguments: InstructionSet.available, [1, 2, 5, 31, 32, 33, 128])
    func attentionMatchesPlain(set: InstructionSet, length: Int) {
        for (heads, headWidth) in [(3, 32), (2, 8), (2, 20), (1, 64)] {
            var numbers = SeededNumbers(seed: UInt64(length))
            let width = heads * headWidth
            let qkv = numbers.array(length * 3 * width).map { $0 * 2 }
            var out = [Float](repeating: .nan, count: length * width)
            var scratch = [Float](
                repeating: .nan, count: VectorKernels.attentionScratch(length: length, headWidth: headWidth))
            VectorKernels(set).attention(
                qkv: qkv, into: &out, length: length, heads: heads, headWidth: headWidth, scratch: &scratch)
            let difference = largestDifference(out, plainAttention(qkv, length, heads, headWidth))
            #expect(difference < 2e-5, "\(set) \(heads) x \(headWidth): \(difference)")
        }
    }

    private func plainAttention(_ qkv: [Float], _ length: Int, _ heads: Int, _ headWidth: Int) -> [Double] {
        let width = heads * headWidth
        func value(_ row: Int, _ part: Int, _ head: Int, _ depth: Int) -> Double {
            Double(qkv[row * 3 * width + part * width + head * headWidth + depth])
        }
        var out = [Double](repeating: 0, count: length * width)
        for head in 0..<heads {
            for row in 0..<length {
                var weights = (0..<length).map { key in
                    (0..<headWidth).map { value(row, 0, head, $0) * value(key, 1, head, $0) }.reduce(0, +)
                        / Double(headWidth).squareRoot()
                }
                let largest = weights.max()!
                weights = weights.map { exp($0 - largest) }
                let sum = weights.reduce(0, +)
                for depth in 0..<headWidth {
                    out[row * width + head * headWidth + depth] =
                        (0..<length).map { weights[$0] / sum * value($0, 2, head, depth) }.reduce(0, +)
                }
            }
        }
        return out
    }
}
