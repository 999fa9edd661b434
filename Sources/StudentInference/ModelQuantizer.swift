// Writes a model folder again in a smaller storage. What is read back is what was written: the quality of the written
// folder is measured by loading it, not guessed.
package import ModelFiles
internal import TensorKernels

package enum ModelQuantizer {
    /// Matrices in `matrices`, vectors (biases, norms) in F32: they are few and carry scale. A head's output layer also
    /// stays in F32.
    package static func quantize(
        _ source: ModelFolder, to path: String, matrices: SafetensorsWriter.Storage
    ) throws(ModelFileFault) {
        guard path != source.path else {
            throw ModelFileFault("\(path) is the model that is read; name another folder to write to.")
        }
        try ModelFolder.write(
            path: path, configuration: source.configuration, vocabulary: source.vocabulary,
            storage: { $0.isMatrix && !$0.name.hasPrefix("heads.") ? matrices : .float32 },
            values: { parameter throws(ModelFileFault) in try source.floats(parameter.name, shape: parameter.shape) })
    }
}
