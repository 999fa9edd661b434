// `winnow teach` as a person runs it: the built binary in a process of its own, with files in a folder of its own.
import Foundation
import Testing

/// `@unchecked Sendable` is safe because `process` is only started in `init` and asked or signalled afterwards, which Foundation's
/// `Process` allows from any thread.
final class TeachProcess: @unchecked Sendable {
    struct Failure: Error, CustomStringConvertible { let description: String }

    private let process = Process()
    private let log: URL

    static func binary() throws -> URL {
        let folder = URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .deletingLastPathComponent()
        let binary = folder.appendingPathComponent("winnow")
        guard FileManager.default.isExecutableFile(atPath: binary.path) else {
            throw Failure(description: "\(binary.path) is missing: build the product winnow first")
        }
        return binary
    }

    init(_ arguments: [String], environment: [String: String] = [:], folder: URL) throws {
        log = folder.appendingPathComponent("output-\(UUID().uuidString).txt")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        process.executableURL = try Self.binary()
        process.arguments = ["teach"] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let handle = try FileHandle(forWritingTo: log)
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    var identifier: Int32 { process.processIdentifier }
    var output: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// The exit code; 128 and more for a signal. Asks every 20 ms.
    func end(within limit: Duration) async throws -> Int32 {
        let deadline = ContinuousClock.now + limit
        while process.isRunning {
            guard ContinuousClock.now < deadline else {
                kill(process.processIdentifier, SIGKILL)
                throw Failure(description: "winnow teach did not end within \(limit): \(output.suffix(2_000))")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        return process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus
    }
}
