// One head: an optional dense layer and the output layer. From rows of states to rows of logits; what the logits mean
// is decided by the decoders.
internal import Foundation
package import ModelFiles
package import TensorKernels

package struct TaskHead: Sendable {
    package let settings: HeadSettings
    private let dense: PackedLinear?
    private let output: PackedLinear

    package init(
        settings: HeadSettings, width: Int, kernels: VectorKernels = VectorKernels(),
        values: (_ name: String, _ shape: [Int]) throws(ModelFileFault) -> FloatStorage
    ) throws(ModelFileFault) {
        func linear(_ part: String, _ inputs: Int, _ outputs: Int) throws(ModelFileFault) -> PackedLinear {
            let name = "heads.\(settings.name).\(part)"
            return PackedLinear(
                weights: try values(name + ".weight", [outputs, inputs]),
                bias: try values(name + ".bias", [outputs]), inputs: inputs, outputs: outputs, kernels: kernels)
        }
        self.settings = settings
        if let hidden = settings.hidden {
            dense = try linear("dense", width, hidden)
        } else {
            dense = nil
        }
        output = try linear("output", settings.hidden ?? width, settings.labels.count)
    }

    /// logits (rows, labels) from states (rows, width). `scratch` holds (rows, hidden) floats.
    package func apply(
        _ states: UnsafePointer<Float>, rows: Int, scratch: UnsafeMutablePointer<Float>,
        into logits: UnsafeMutablePointer<Float>
    ) {
        guard let dense else { return output.apply(states, into: logits, rows: rows) }
        dense.apply(states, into: scratch, rows: rows, epilogue: settings.activation == .gelu ? .gelu : .store)
        if settings.activation == .tanh {
            for index in 0..<rows * dense.outputs { scratch[index] = Foundation.tanh(scratch[index]) }
        }
        output.apply(scratch, into: logits, rows: rows)
    }
}
