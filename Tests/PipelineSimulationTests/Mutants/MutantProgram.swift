// Builds the machine and the simulated world once more as a program that holds every mutant and runs the one it is told to: one
// compilation for all of them leaves the time to the seeds. Uses the compiler and the modules of the running test build.
import Foundation
import Testing

struct MutantProgram: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    enum Verdict: Equatable {
        case noticed
        case survived
    }

    /// Built when the first test asks, shared by all.
    static let shared = Task { try await MutantProgram() }

    private let program: String

    private init() async throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        // The folder of the build that runs this test: the modules and objects of swift-collections are in it.
        let buildFolder = URL(
            fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        ).deletingLastPathComponent()
        let folder = FileManager.default.temporaryDirectory.appending(path: "winnow-mutants-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Beside what the build made, and removed with it: every test runs it, so that none can remove it.
        program = buildFolder.appending(path: "mutants.program").path
        let sources = try Self.writeSources(root, to: folder)
        let modules = ["DequeModule", "OrderedCollections", "InternalCollectionsUtilities", "ContainersPreview"]
        let objects = try modules.flatMap { module in
            try FileManager.default.contentsOfDirectory(
                at: buildFolder.appending(path: "\(module).build"), includingPropertiesForKeys: nil
            ).filter { $0.pathExtension == "o" }.map(\.path)
        }
        let (status, output) = try await Self.run(
            "swiftc",
            [
                "-O", "-wmo", "-swift-version", "6", "-package-name", "winnow", "-module-name", "simulation",
                "-suppress-warnings", "-I", buildFolder.appending(path: "Modules").path, "-o", program,
            ] + sources + objects)
        guard status == 0 else { throw Failure(description: "the mutants do not compile: \(output.suffix(1_500))") }
    }

    /// - Parameter number: of the mutant, from 1; 0 runs the machine as it is: it must survive, or a verdict says nothing.
    func verdict(onMutant number: Int, seeds: ClosedRange<Int>) async throws -> Verdict {
        // A trap is noticed too: an assertion of the machine is a check like any other.
        let (status, _) = try await Self.run(
            program, [String(number), String(seeds.lowerBound), String(seeds.upperBound)])
        return status == 0 ? .survived : .noticed
    }

    private static func writeSources(_ root: URL, to folder: URL) throws -> [String] {
        let core = root.appending(path: "Sources/StreamCore")
        let posts = root.appending(path: "Sources/Posts")
        let world = root.appending(path: "Tests/PipelineSimulationTests/World")
        let values = ["SourcePosition", "SourceRecord", "ExactText", "Post", "DecodedRecord", "Enrichment"]
        var files = values.map { posts.appending(path: "\($0).swift") }
        for directory in [core, world] {
            files += try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "swift" }
        }
        var texts: [String: String] = [:]
        for file in files { texts[file.lastPathComponent] = try String(contentsOf: file, encoding: .utf8) }
        for (number, mutant) in zip(1..., Mutant.all) {
            guard let woven = texts[mutant.file].flatMap({ mutant.woven(into: $0, number: number) }) else {
                throw Failure(description: "\(mutant.file) does not hold exactly once: \(mutant.place)")
            }
            texts[mutant.file] = woven
        }
        texts["main.swift"] = """
            import Glibc
            let (first, last) = (UInt64(CommandLine.arguments[2]) ?? 1, UInt64(CommandLine.arguments[3]) ?? 0)
            for seed in first...last {
                do { try SimulatedWorld(seed: seed).run() } catch { exit(3) }
            }
            """
        texts["ActiveMutant.swift"] = "let activeMutant = Int(CommandLine.arguments[1]) ?? 0\n"
        return try texts.map { name, text in
            // All in one module: what was imported is beside it.
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
                !["Posts", "StreamCore"].contains { line.hasSuffix("import \($0)") }
            }
            let target = folder.appending(path: name)
            try lines.joined(separator: "\n").write(to: target, atomically: false, encoding: .utf8)
            return target.path
        }
    }

    private static func run(_ program: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        // Nobody reads where a mutant trapped.
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        let log = FileManager.default.temporaryDirectory.appending(path: "winnow-mutant-\(UUID().uuidString).log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: log) }
        let handle = try FileHandle(forWritingTo: log)
        process.standardOutput = handle
        process.standardError = handle
        let status = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return (status, (try? String(contentsOf: log, encoding: .utf8)) ?? "")
    }
}
