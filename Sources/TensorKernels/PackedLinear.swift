// A linear layer whose weights are laid out for the product kernel. Made once at load, shared by every worker.
internal import CVectorKernels

package struct PackedLinear: Sendable {
    package let inputs: Int
    package let outputs: Int
    package let kernels: VectorKernels
    private let packed: FloatStorage
    private let bias: FloatStorage

    /// `weights` (outputs, inputs), PyTorch's order; `bias` (outputs).
    package init(
        weights: FloatStorage, bias: FloatStorage, inputs: Int, outputs: Int, kernels: VectorKernels = VectorKernels()
    ) {
        precondition(inputs > 0 && outputs > 0)
        precondition(weights.count == inputs * outputs && bias.count == outputs)
        self.inputs = inputs
        self.outputs = outputs
        self.kernels = kernels
        let set = kernels.instructionSet.value
        packed = FloatStorage(count: winnow_packed_count(set, outputs, inputs)) { target in
            guard let base = target.baseAddress else { return }
            weights.withView { _ in winnow_pack_weights(set, weights.base, outputs, inputs, base) }
        }
        self.bias = bias
    }

    package enum Epilogue {
        /// Stores the product and the bias.
        case store
        case gelu
        /// Adds this (rows, outputs) buffer; it may be the output itself.
        case addResidual(UnsafePointer<Float>)
    }

    /// out (rows, outputs) = epilogue(x (rows, inputs) weights^T + bias).
    package func apply(
        _ x: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, rows: Int, epilogue: Epilogue = .store
    ) {
        let kind: WinnowEpilogue
        var residual: UnsafePointer<Float>?
        switch epilogue {
        case .store: kind = WINNOW_STORE
        case .gelu: kind = WINNOW_GELU
        case .addResidual(let values):
            kind = WINNOW_ADD_RESIDUAL
            residual = values
        }
        withExtendedLifetime((packed, bias)) {
            winnow_packed_product(
                kernels.instructionSet.value, x, inputs, packed.base, bias.base, residual, out, outputs, rows, outputs,
                inputs, kind)
        }
    }
}
