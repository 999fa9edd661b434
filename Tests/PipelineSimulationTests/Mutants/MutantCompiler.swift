// Builds the machine and the simulated world once more, with one fault in the machine, as a program that exits with 3 when a
// seed notices. Uses the compiler and the modules of the running test build.
import Foundation
import Testing

struct MutantCompiler {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    enum Verdict: Equatable {
        case noticed
        case survived
    }

    let root: URL
    /// The folder of the build that runs this test: the modules and objects of swift-collections are in it.
    let buildFolder: URL

    init() throws {
        root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        buildFolder = URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .deletingLastPathComponent()
    }

    /// - Parameter mutant: nil builds the machine as it is: it must survive, or a verdict says nothing.
    func verdict(on mutant: Mutant?, seeds: Int) async throws -> Verdict {
        let folder = FileManager.default.temporaryDirectory.appending(path: "winnow-mutant-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let sources = try writeSources(of: mutant, to: folder)
        let program = folder.appending(path: "simulation")
        let modules = ["DequeModule", "OrderedCollections", "InternalCollectionsUtilities"]
        let objects = try modules.flatMap { module in
            try FileManager.default.contentsOfDirectory(
                at: buildFolder.appending(path: "\(module).build"), includingPropertiesForKeys: nil
            ).filter { $0.pathExtension == "o" }.map(\.path)
        }
        let (status, output) = try await run(
            "swiftc",
            [
                "-O", "-wmo", "-swift-version", "6", "-package-name", "winnow", "-module-name", "simulation",
                "-suppress-warnings", "-I", buildFolder.appending(path: "Modules").path, "-o", program.path,
            ] + sources + objects)
        guard status == 0 else { throw Failure(description: "the mutant does not compile: \(output.suffix(1_500))") }
        // A trap is noticed too: an assertion of the machine is a check like any other.
        let (seedStatus, _) = try await run(program.path, [String(seeds)])
        return seedStatus == 0 ? .survived : .noticed
    }

    private func writeSources(of mutant: Mutant?, to folder: URL) throws -> [String] {
        let core = root.appending(path: "Sources/StreamCore")
        let posts = root.appending(path: "Sources/Posts")
        let world = root.appending(path: "Tests/PipelineSimulationTests/World")
        let values = ["SourcePosition", "SourceRecord", "Post", "DecodedRecord", "Enrichment"]
        var files = values.map { posts.appending(path: "\($0).swift") }
        for directory in [core, world] {
            files += try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "swift" }
        }
        var written: [String] = []
        for file in files {
            var text = try String(contentsOf: file, encoding: .utf8)
            if let mutant, file.lastPathComponent == mutant.file {
                guard text.components(separatedBy: mutant.original).count == 2 else {
                    throw Failure(description: "\(mutant.file) does not hold exactly once: \(mutant.original)")
                }
                text = text.replacingOccurrences(of: mutant.original, with: mutant.replacement)
            }
            // All in one module: what was imported is beside it.
            text = text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
                !["Posts", "StreamCore"].contains { line.hasSuffix("import \($0)") }
            }.joined(separator: "\n")
            let target = folder.appending(path: file.lastPathComponent)
            try text.write(to: target, atomically: false, encoding: .utf8)
            written.append(target.path)
        }
        let main = folder.appending(path: "main.swift")
        try """
            import Glibc
            let seeds = UInt64(CommandLine.arguments[1]) ?? 0
            for seed in 1...seeds {
                do { try SimulatedWorld(seed: seed).run() } catch { exit(3) }
            }
            """.write(to: main, atomically: false, encoding: .utf8)
        return written + [main.path]
    }

    private func run(_ program: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
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
