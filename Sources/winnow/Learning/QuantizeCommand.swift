// `winnow quantize`: a model folder written again in a smaller storage. The rounding is ModelQuantizer's; this says what
// it saved and what it changed, from the two folders as they lie on disk.
import ArgumentParser
import Foundation
import ModelFiles
import StudentInference

extension ModelQuantizer.Precision: ExpressibleByArgument {}

struct QuantizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Writes a model again in a smaller storage.",
        discussion: """
            Prints the size of the weights before and after, and the largest difference of a single weight. What the rounding \
            costs in quality is for evaluate to say. The model's README.md is not copied: its figures are of the model that \
            was read.

            Example:
              winnow quantize --model models/mine --output models/mine-small --precision mixed
              winnow evaluate --model models/mine-small --task sentiment --data test.jsonl
            """)

    @Option(help: ArgumentHelp("A model folder, or the name of a shipped model. Default: english.", valueName: "directory"))
    var model: String?
    @Option(help: ArgumentHelp("The model folder to write.", valueName: "directory"))
    var output: String
    @Option(help: """
        How the matrices are stored: float32, float16, mixed (embeddings int8, layers float16), int8, or int4-words (word \
        embeddings in 4 bits, the rest int8).
        """)
    var precision = ModelQuantizer.Precision.int8

    @Option(help: ArgumentHelp(
        "How many pieces of a text the mask sees, and the encoder reads of what it leaves. Default: as in the model.",
        valueName: "count"))
    var maximumTokens: Int?

    func run() throws {
        do {
            let source = try ModelFolder(path: Self.folder(ModelFinder().find(model)))
            let target = Self.folder(output)
            let before = try Self.weightsSize(source.path)
            var configuration = source.configuration
            configuration.tokenizer.maximumTokens = maximumTokens ?? configuration.tokenizer.maximumTokens
            try configuration.check(source: "--maximum-tokens")
            try ModelQuantizer.quantize(source, to: target, precision: precision)
            if maximumTokens != nil {
                try FileBytes.replace(target + "/" + ModelFolder.configurationFile, with: [configuration.json()])
            }
            let written = try ModelFolder(path: target)
            let after = try Self.weightsSize(target)
            let share = String(format: "%.1f", 100 * Double(after) / Double(before))
            print("weights before      \(before) bytes (\(source.weightsHash))")
            print("weights after       \(after) bytes (\(written.weightsHash)), \(share) % of before")
            print("largest difference  \(try Self.largestDifference(source, written))")
        } catch let failure as any Error & CustomStringConvertible {
            FileHandle.standardError.write(Data("winnow quantize: \(failure.description)\n".utf8))
            throw ExitCode(1)
        }
    }

    /// One spelling for one folder, so that a model is never written over itself by way of a link or a trailing slash.
    private static func folder(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }

    private static func weightsSize(_ folder: String) throws -> Int {
        let file = URL(fileURLWithPath: folder).appendingPathComponent(ModelFolder.weightsFile)
        return try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
    }

    /// The weight that moved furthest, by both folders as they are read back.
    private static func largestDifference(_ before: ModelFolder, _ after: ModelFolder) throws -> String {
        var largest: Float = 0
        var place = "no weight changed"
        for parameter in before.configuration.parameters {
            let old = try before.floats(parameter.name, shape: parameter.shape).values
            let new = try after.floats(parameter.name, shape: parameter.shape).values
            for (one, other) in zip(old, new) where abs(one - other) > largest {
                largest = abs(one - other)
                place = "in \(parameter.name)"
            }
        }
        return "\(largest) \(place)"
    }
}
