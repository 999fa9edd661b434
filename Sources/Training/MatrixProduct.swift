// The trainer's products: row-major, added to or written over, and the three of a linear layer. Allocates
// nothing; each runs on the calling thread alone, because the loop's workers are the parallelism.
internal import TensorKernels

enum MatrixProduct {
    enum Orientation {
        case asStored
        case transposed
    }

    /// A matrix inside a larger block: its first float, its stored row length, and how it is read.
    struct Operand {
        let pointer: UnsafePointer<Float>
        let stride: Int
        let orientation: Orientation

        init(_ pointer: UnsafePointer<Float>, stride: Int, _ orientation: Orientation = .asStored) {
            self.pointer = pointer
            self.stride = stride
            self.orientation = orientation
        }
    }

    /// result (rows, columns) = left (rows, inner) x right (inner, columns), plus what `result` held if `adding`.
    static func multiply(
        _ left: Operand, _ right: Operand, rows: Int, columns: Int, inner: Int,
        into result: UnsafeMutablePointer<Float>, stride: Int, adding: Bool = false
    ) {
        Gemm.multiply(
            left.pointer, transposeA: left.orientation == .transposed, strideA: left.stride,
            right.pointer, transposeB: right.orientation == .transposed, strideB: right.stride,
            into: result, strideC: stride, rows: rows, columns: columns, depth: inner, beta: adding ? 1 : 0)
    }

    /// y (rows, out) = x (rows, in) x weight (out, in), transposed, plus bias: a linear layer as checkpoints
    /// store it.
    static func linear(
        _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, rows: Int, input: Int, output: Int,
        into y: UnsafeMutablePointer<Float>
    ) {
        multiply(
            Operand(x, stride: input), Operand(weight, stride: input, .transposed), rows: rows, columns: output,
            inner: input, into: y, stride: output)
    }

    /// The gradient with respect to x: d_x (rows, in) = d_y (rows, out) x weight (out, in).
    static func linearInputGradient(
        _ gradient: UnsafePointer<Float>, weight: UnsafePointer<Float>, rows: Int, input: Int, output: Int,
        into result: UnsafeMutablePointer<Float>
    ) {
        multiply(
            Operand(gradient, stride: output), Operand(weight, stride: input), rows: rows, columns: input,
            inner: output, into: result, stride: input)
    }

    /// The gradient with respect to the weight: d_weight (out, in) += transposed d_y (rows, out) x x (rows, in).
    static func addLinearWeightGradient(
        _ gradient: UnsafePointer<Float>, _ x: UnsafePointer<Float>, rows: Int, input: Int, output: Int,
        into result: UnsafeMutablePointer<Float>
    ) {
        multiply(
            Operand(gradient, stride: output, .transposed), Operand(x, stride: input), rows: output, columns: input,
            inner: rows, into: result, stride: input, adding: true)
    }
}
