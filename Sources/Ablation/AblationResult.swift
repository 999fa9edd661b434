// One finished run: what it was made of, what it cost, what it reached. Written once, committed, and read again for the report.
package import Foundation
package import Training

package struct AblationResult: Sendable, Codable, Equatable {
    package struct DataFile: Sendable, Codable, Equatable {
        package let path: String
        package let sha256: String
        /// Rows that were read, and left out because a test file has the same text; nil for a file that was only measured on.
        package let rows: Int?
        package let leftOut: Int?

        enum CodingKeys: String, CodingKey {
            case path, sha256, rows
            case leftOut = "left_out"
        }
    }

    package struct Machine: Sendable, Codable, Equatable {
        package let processor: String
        package let cores: Int
        package let gibibytes: Int
        package let system: String
    }

    package struct Measurement: Sendable, Codable, Equatable {
        package let task: String
        package let path: String
        package let metric: String
        /// The share of the words that is noise; 0 for the texts as they are.
        package let noise: Double
        package let keptShare: Double
        package let value: Double
        /// 95 %, bootstrap over rows.
        package let interval: [Double]
        package let metrics: [String: Double]
        package let rows: RowRecord

        enum CodingKeys: String, CodingKey {
            case task, path, metric, noise, value, interval, metrics, rows
            case keptShare = "kept_share"
        }
    }

    package let run: AblationPlan.Run
    /// Of the recipe that was trained, as JSON with sorted keys.
    package let recipeHash: String
    /// What the student began from, and who taught it: the SHA-256 of the weights.
    package let startHash: String
    package let teacherHash: String?
    package let subsetShare: Double
    package let subsetSeed: UInt64
    package let data: [DataFile]
    package let machine: Machine
    package let threads: Int
    package let coreSeconds: Double
    package let steps: Int
    /// Version of the program, and the trained model with its own hash.
    package let program: String
    package let model: String
    package let development: [String: Double]
    package let tests: [Measurement]

    enum CodingKeys: String, CodingKey {
        case run, data, machine, threads, steps, program, model, development, tests
        case recipeHash = "recipe_sha256"
        case startHash = "start_sha256"
        case teacherHash = "teacher_sha256"
        case subsetShare = "subset_share"
        case subsetSeed = "subset_seed"
        case coreSeconds = "core_seconds"
    }

    package static func file(_ run: String, in results: URL) -> URL { results.appendingPathComponent(run + ".json") }

    /// nil where the run has not finished.
    package static func read(_ run: String, in results: URL) throws(TrainingFailure) -> AblationResult? {
        let url = file(run, in: results)
        guard let data = try? Data(contentsOf: url) else { return nil }
        guard let result = try? JSONDecoder().decode(AblationResult.self, from: data) else {
            throw TrainingFailure("\(url.path) is no result of winnow ablate: move it away, and the run is made again.")
        }
        return result
    }

    package func write(in results: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try (encoder.encode(self) + Data([0x0A])).write(to: Self.file(run.name, in: results), options: .atomic)
    }
}
