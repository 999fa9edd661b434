// The one caller of cblas. Row-major, shapes given, nothing allocated. OpenBLAS is told to use one thread: the
// parallelism is ours, one worker a core.
internal import COpenBLAS

package enum Gemm {
    private static let oneThread: Void = openblas_set_num_threads(1)

    /// c (rows, columns) = alpha * a (rows, depth) b + beta * c.
    /// `a` is (depth, rows) where `transposeA`; `b` is (depth, columns), or (columns, depth) where `transposeB`.
    /// The strides are the leading dimensions in floats; nil means tightly packed.
    package static func multiply(
        _ a: UnsafePointer<Float>, transposeA: Bool = false, strideA: Int? = nil,
        _ b: UnsafePointer<Float>, transposeB: Bool = false, strideB: Int? = nil,
        into c: UnsafeMutablePointer<Float>, strideC: Int? = nil,
        rows: Int, columns: Int, depth: Int, alpha: Float = 1, beta: Float = 0
    ) {
        _ = oneThread
        guard rows > 0, columns > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
            Int32(rows), Int32(columns), Int32(depth), alpha,
            a, Int32(strideA ?? (transposeA ? rows : depth)),
            b, Int32(strideB ?? (transposeB ? depth : columns)), beta,
            c, Int32(strideC ?? columns))
    }
}
