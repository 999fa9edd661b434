// The packed product against OpenBLAS and against plain loops, at sizes that do not fit the tiles.
import Foundation
import TensorKernels
import Testing

@Suite struct PackedLinearTests {
    @Test(arguments: InstructionSet.available, [1, 5, 6, 13, 97, 260])
    func matchesPlainLoops(set: InstructionSet, rows: Int) {
        for (inputs, outputs) in [(1, 1), (7, 5), (32, 96), (33, 17), (384, 49), (700, 20), (1536, 16)] {
            var numbers = SeededNumbers(seed: UInt64(rows * 7 + outputs))
            let x = numbers.array(rows * inputs), weights = numbers.array(inputs * outputs)
            let bias = numbers.array(outputs), residual = numbers.array(rows * outputs)
            var plain = [Double](repeating: 0, count: rows * outputs)
            for row in 0..<rows {
                for column in 0..<outputs {
                    var sum = Double(bias[column])
                    for index in 0..<inputs {
                        sum += Double(x[row * inputs + index]) * Double(weights[column * inputs + index])
                    }
                    plain[row * outputs + column] = sum
                }
            }
            let linear = PackedLinear(
                weights: FloatStorage(weights), bias: FloatStorage(bias), inputs: inputs, outputs: outputs,
                kernels: VectorKernels(set))
            var out = [Float](repeating: .nan, count: rows * outputs)
            linear.apply(x, into: &out, rows: rows)
            #expect(largestDifference(out, plain) < 1e-4)

            linear.apply(x, into: &out, rows: rows, epilogue: .gelu)
            let gelu = plain.map { $0 * 0.5 * (1 + erf($0 / 2.0.squareRoot())) }
            #expect(largestDifference(out, gelu) < 1e-4)

            out = residual
            out.withUnsafeMutableBufferPointer { out in
                linear.apply(
                    x, into: out.baseAddress!, rows: rows, epilogue: .addResidual(UnsafePointer(out.baseAddress!)))
            }
            #expect(largestDifference(out, zip(plain, residual).map { $0 + Double($1) }) < 1e-4)
        }
    }

    @Test func gemmTransposes() {
        // (2, 3) x (3, 2), by hand.
        let a: [Float] = [1, 2, 3, 4, 5, 6], b: [Float] = [7, 8, 9, 10, 11, 12]
        var c = [Float](repeating: 1, count: 4)
        Gemm.multiply(a, b, into: &c, rows: 2, columns: 2, depth: 3)
        #expect(c == [58, 64, 139, 154])
        Gemm.multiply(a, b, transposeB: true, into: &c, rows: 2, columns: 2, depth: 3, beta: 1)
        #expect(c == [108, 132, 261, 321])
        let transposed: [Float] = [1, 4, 2, 5, 3, 6]
        Gemm.multiply(transposed, transposeA: true, b, into: &c, rows: 2, columns: 2, depth: 3, alpha: 2)
        #expect(c == [116, 128, 278, 308])
    }
}
