// The built binary as a user runs it: a process of its own, its output in a file, signals at hand.
import Foundation

/// `@unchecked Sendable` is safe because `process` is only started in `init` and asked or signalled afterwards, which
/// Foundation's `Process` allows from any thread.
final class WinnowProcess: @unchecked Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let log: URL
    private let process = Process()

    /// The binary of the build that runs this test.
    static func binary() throws -> URL {
        let folder = URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .deletingLastPathComponent()
        let binary = folder.appendingPathComponent("winnow")
        guard FileManager.default.isExecutableFile(atPath: binary.path) else {
            throw Failure(description: "\(binary.path) is missing: build the product winnow first")
        }
        return binary
    }

    /// The small model that the tests carry: random weights, real shapes.
    static var tinyModel: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("StudentInferenceTests/Fixtures/tiny").path
    }

    init(_ arguments: [String], environment: [String: String] = [:], input: URL? = nil) throws {
        log = FileManager.default.temporaryDirectory.appendingPathComponent("winnow-test-\(UUID().uuidString).log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        process.executableURL = try Self.binary()
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let handle = try FileHandle(forWritingTo: log)
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = try input.map { try FileHandle(forReadingFrom: $0) } ?? FileHandle.nullDevice
        try process.run()
    }

    var isRunning: Bool { process.isRunning }
    var output: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for the end and answers with the exit code; 128 and more for a signal.
    func exitCode(within limit: Duration) async throws -> Int32 {
        try await waitUntil(within: limit, "the end of \(process.arguments ?? [])") { !process.isRunning }
        return process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus
    }
}

/// Asks every 100 ms until the answer is yes; throws when the time is over.
func waitUntil(within limit: Duration, _ what: String, _ condition: () throws -> Bool) async throws {
    let deadline = ContinuousClock.now + limit
    while try !condition() {
        guard ContinuousClock.now < deadline else {
            throw WinnowProcess.Failure(description: "\(what) did not come within \(limit)")
        }
        try await Task.sleep(for: .milliseconds(100))
    }
}
