// What a run says: one JSON object a line in a file, and a progress line with the time left for people.
// Never holds texts of posts: counts, losses and rates only.
package import Foundation

/// Used from the training thread alone.
package final class TrainingLog {
    package struct Step: Encodable {
        package let step: Int
        package let epoch: Double
        package let loss: Double
        package let losses: [String: Double]
        package let rate: Float
        package let gradientNorm: Double
        package let tokensPerSecond: Double
        package let secondsLeft: Double
    }

    package struct Measurement: Encodable {
        package let step: Int
        package let development: [String: Double]
        package let mean: Double
    }

    private let file: FileHandle?
    private let says: (String) -> Void
    private let encoder = JSONEncoder()

    /// `file` is appended to; nil keeps no log. `says` takes progress lines.
    package init(file url: URL?, says: @escaping (String) -> Void) throws(TrainingFailure) {
        self.says = says
        encoder.outputFormatting = [.sortedKeys]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        guard let url else {
            file = nil
            return
        }
        if !FileManager.default.fileExists(atPath: url.path) {
            _ = FileManager.default.createFile(atPath: url.path, contents: nil)
        }
        guard let handle = try? FileHandle(forWritingTo: url), (try? handle.seekToEnd()) != nil else {
            throw TrainingFailure("The log \(url.path) cannot be written: check the directory and its permissions.")
        }
        file = handle
    }

    /// A log of another stage of the same training, in a file of its own, with the same listener.
    func stage(file url: URL?) throws(TrainingFailure) -> TrainingLog { try TrainingLog(file: url, says: says) }

    package func note(_ line: String) { says(line) }

    package func step(_ step: Step, of total: Int) {
        write(step)
        let minutes = Int(step.secondsLeft) / 60
        let seconds = Int(step.secondsLeft) % 60
        says(
            "step \(step.step)/\(total)  loss \(rounded(step.loss))  \(Int(step.tokensPerSecond)) tokens/s  "
                + "left \(minutes) min \(seconds) s")
    }

    package func measurement(_ measurement: Measurement) {
        write(measurement)
        let parts = measurement.development.sorted { $0.key < $1.key }.map { "\($0.key) \(rounded(100 * $0.value))" }
        says("development after step \(measurement.step): " + parts.joined(separator: ", "))
    }

    private func rounded(_ value: Double) -> String { String(format: "%.3f", value) }

    private func write(_ record: some Encodable) {
        // A full disk must not end hours of training: the run goes on without its log.
        guard let file, let line = try? encoder.encode(record) else { return }
        try? file.write(contentsOf: line + Data([0x0A]))
    }
}
