// A model folder with one head more: everything else is written again as it was read, so that the old heads answer as before.
internal import Foundation
package import ModelFiles
internal import TensorKernels

package struct HeadGraft {
    package let folder: ModelFolder
    package let head: FittedHead
    package let settings: HeadSettings

    /// A head of that name that the folder has is replaced.
    package init(_ folder: ModelFolder, name: String, labels: [String], head: FittedHead) {
        self.folder = folder
        self.head = head
        settings = HeadSettings(name: name, kind: .classes, labels: labels, temperature: head.temperature)
    }

    /// Writes the new folder; `name` is the new model's.
    /// - Throws: one sentence, also where the folder would be the one that was read.
    package func write(to path: String, name: String) throws(ModelFileFault) {
        guard path != folder.path else {
            throw ModelFileFault("\(path) is the model that is read; name another folder to write to.")
        }
        var configuration = folder.configuration
        configuration.name = name
        configuration.version = "1"
        if let index = configuration.heads.firstIndex(where: { $0.name == settings.name }) {
            configuration.heads[index] = settings
        } else {
            configuration.heads.append(settings)
        }
        let own = "heads.\(settings.name).output."
        try ModelFolder.write(
            path: path, configuration: configuration, vocabulary: folder.vocabulary,
            storage: { $0.name.hasPrefix(own) ? .float32 : storage($0) },
            values: { parameter throws(ModelFileFault) in
                switch parameter.name {
                case own + "weight": FloatStorage(head.weight)
                case own + "bias": FloatStorage(head.bias)
                default: try folder.floats(parameter.name, shape: parameter.shape)
                }
            })
    }

    /// As it lies in the folder that was read.
    private func storage(_ parameter: ModelParameter) -> SafetensorsWriter.Storage {
        switch folder.weights.tensors[parameter.name]?.type {
        case .int8: .int8PerRow
        case .packedInt4: .int4PerBlock
        case .float16: .float16
        case .bfloat16: .bfloat16
        default: .float32
        }
    }
}
