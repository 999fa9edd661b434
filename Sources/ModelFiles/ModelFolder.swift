// A model folder: `config.json`, `model.safetensors`, the tokenizer's file, `README.md`. Reads and writes the files and
// checks them against one another; makes no student of them.
package import TensorKernels

package struct ModelFolder: Sendable {
    package static let configurationFile = "config.json"
    package static let weightsFile = "model.safetensors"
    private static let largestConfiguration = 4 << 20
    private static let largestVocabulary = 64 << 20
    private static let largestWeights = 4 << 30

    package let path: String
    package let configuration: ModelConfiguration
    package let weights: SafetensorsFile
    /// The tokenizer file's bytes.
    package let vocabulary: [UInt8]
    /// First 12 hexadecimal digits of the SHA-256 of the weights' file.
    package let weightsHash: String

    /// Reads the folder and checks every tensor's name and shape against the configuration.
    package init(path: String) throws(ModelFileFault) {
        self.path = path
        let configurationPath = path + "/" + Self.configurationFile
        let json = try FileBytes.read(configurationPath, what: "model configuration", limit: Self.largestConfiguration)
        configuration = try ModelConfiguration(json: json, source: configurationPath)
        vocabulary = try FileBytes.read(
            path + "/" + configuration.tokenizer.file, what: "tokenizer file", limit: Self.largestVocabulary)
        let weightsPath = path + "/" + Self.weightsFile
        let bytes = try FileBytes.read(weightsPath, what: "weights file", limit: Self.largestWeights)
        weightsHash = String(SHA256.hexadecimal(bytes).prefix(12))
        weights = try SafetensorsFile(bytes: bytes, source: weightsPath)
        try Self.check(weights, against: configuration.parameters, source: weightsPath)
    }

    /// Every expected tensor is there with its shape, and no other.
    private static func check(
        _ weights: SafetensorsFile, against parameters: [ModelParameter], source: String
    ) throws(ModelFileFault) {
        var expected: Set<String> = []
        for parameter in parameters {
            guard let tensor = weights.tensors[parameter.name] else {
                throw ModelFileFault("\(source) lacks the tensor \(parameter.name).")
            }
            guard tensor.shape == parameter.shape else {
                throw ModelFileFault(
                    "\(source): tensor \(parameter.name) has the shape \(tensor.shape), expected \(parameter.shape).")
            }
            expected.insert(parameter.name)
            if tensor.type.hasScales { expected.insert(parameter.name + SafetensorsFile.scalesSuffix) }
        }
        for name in weights.tensors.keys.sorted()
        where !expected.contains(name) && !ModelConfiguration.isIgnored(name) {
            throw ModelFileFault(
                "\(source) holds the tensor \(name.prefix(128)), which \(configurationFile) does not know.")
        }
    }

    package func floats(_ parameter: String, shape: [Int]) throws(ModelFileFault) -> FloatStorage {
        try weights.floats(parameter, shape: shape)
    }

    /// Writes a folder that `init` reads: the configuration, the weights and the tokenizer file, each replaced whole.
    /// `values` gives each parameter of the table, row-major.
    package static func write(
        path: String, configuration: ModelConfiguration, vocabulary: [UInt8],
        storage: (ModelParameter) -> SafetensorsWriter.Storage,
        values: (ModelParameter) throws(ModelFileFault) -> FloatStorage
    ) throws(ModelFileFault) {
        try configuration.check(source: path + "/" + configurationFile)
        var writer = SafetensorsWriter(metadata: ["format": "pt"])
        for parameter in configuration.parameters {
            let floats = try values(parameter)
            guard floats.count == parameter.shape.reduce(1, *) else {
                throw ModelFileFault(
                    "\(parameter.name) has \(floats.count) values, expected the shape \(parameter.shape).")
            }
            floats.withView { writer.add(parameter.name, shape: parameter.shape, values: $0, as: storage(parameter)) }
        }
        try FileBytes.makeFolder(path)
        guard let json = try? configuration.json() else {
            throw ModelFileFault("\(path)/\(configurationFile): the configuration cannot be written as JSON.")
        }
        try writer.write(to: path + "/" + weightsFile)
        try FileBytes.replace(path + "/" + configuration.tokenizer.file, with: [vocabulary])
        try FileBytes.replace(path + "/" + configurationFile, with: [json])
    }
}
