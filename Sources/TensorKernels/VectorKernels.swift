// Swift's face of the C kernels: checks shapes, picks the instruction set once. No state of its own.
internal import CVectorKernels

/// Which build of the kernels runs. Every build gives the same numbers within rounding.
package enum InstructionSet: Int, CaseIterable, Comparable, Sendable {
    case portable, avx2, avx512

    package static let best = InstructionSet(rawValue: Int(winnow_best_instruction_set().rawValue)) ?? .portable

    /// Those this processor runs.
    package static var available: [InstructionSet] { allCases.filter { $0 <= best } }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    var value: WinnowInstructionSet { WinnowInstructionSet(UInt32(rawValue)) }
}

package struct VectorKernels: Sendable {
    package let instructionSet: InstructionSet

    package init(_ instructionSet: InstructionSet = .best) {
        precondition(instructionSet <= .best, "This processor does not run \(instructionSet).")
        self.instructionSet = instructionSet
    }

    private var set: WinnowInstructionSet { instructionSet.value }

    /// x = gelu(x), the exact (erf) form.
    package func gelu(_ x: UnsafeMutablePointer<Float>, count: Int) {
        winnow_gelu(set, x, count)
    }

    /// out (rows, width) = layer norm of each row of x; `out` may be x.
    package func layerNorm(
        _ x: UnsafePointer<Float>, gamma: UnsafePointer<Float>, beta: UnsafePointer<Float>,
        into out: UnsafeMutablePointer<Float>, rows: Int, width: Int, epsilon: Float
    ) {
        winnow_layer_norm(set, x, gamma, beta, out, rows, width, epsilon)
    }

    /// out (rows, width) = word[id] + position[position] + segment. The ids and positions must lie inside the tables.
    package func embed(
        word: UnsafePointer<Float>, position: UnsafePointer<Float>, segment: UnsafePointer<Float>,
        ids: UnsafePointer<Int32>, positions: UnsafePointer<Int32>, into out: UnsafeMutablePointer<Float>,
        rows: Int, width: Int
    ) {
        winnow_embed(set, word, position, segment, ids, positions, out, rows, width)
    }

    /// Self-attention of one sequence: qkv (length, 3 heads headWidth) -> out (length, heads headWidth).
    package func attention(
        qkv: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, length: Int, heads: Int, headWidth: Int,
        scratch: UnsafeMutablePointer<Float>
    ) {
        winnow_attention(set, qkv, out, length, heads, headWidth, scratch)
    }

    /// Floats of scratch that `attention` needs.
    package static func attentionScratch(length: Int, headWidth: Int) -> Int {
        winnow_attention_scratch(length, headWidth)
    }
}
