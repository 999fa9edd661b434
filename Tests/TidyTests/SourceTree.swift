// The package's own files, as the tidy tests read them: the work tree that the tests were built from, git or not.
import Foundation

struct SourceTree {
    /// The folder that holds Package.swift.
    static let root: URL = {
        if let named = ProcessInfo.processInfo.environment["WINNOW_SOURCE_ROOT"] {
            return URL(filePath: named, directoryHint: .isDirectory)
        }
        // Tests/TidyTests/SourceTree.swift
        return URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }()

    /// Built by tools or brought by them: nobody tidies these.
    private static let ignoredFolders: Set<String> = ["__pycache__", "node_modules"]

    /// Every file below a folder of the package, hidden ones left out, in a stable order; none where it is missing.
    static func files(under folder: String, endings: Set<String> = []) -> [SourceFile] {
        let start = folder.isEmpty ? root : root.appending(path: folder)
        guard
            let walker = FileManager.default.enumerator(
                at: start, includingPropertiesForKeys: [.isRegularFileKey], options: [.skipsHiddenFiles])
        else { return [] }
        var found: [SourceFile] = []
        for case let file as URL in walker {
            if ignoredFolders.contains(file.lastPathComponent) { walker.skipDescendants() }
            guard endings.isEmpty || endings.contains(file.pathExtension) else { continue }
            let values = try? file.resourceValues(forKeys: [.isRegularFileKey])
            guard values?.isRegularFile == true else { continue }
            found.append(SourceFile(file))
        }
        return found.sorted { $0.path < $1.path }
    }

    static var swiftSources: [SourceFile] { files(under: "Sources", endings: ["swift"]) }
    static var swiftTests: [SourceFile] { files(under: "Tests", endings: ["swift"]) }
}

struct SourceFile: Sendable, CustomStringConvertible {
    let location: URL
    /// Relative to the package's root.
    let path: String

    init(_ location: URL) {
        self.location = location
        let root = SourceTree.root.standardizedFileURL.path(percentEncoded: false)
        let whole = location.standardizedFileURL.path(percentEncoded: false)
        path = whole.hasPrefix(root) ? String(whole.dropFirst(root.count).drop { $0 == "/" }) : whole
    }

    var description: String { path }
    var name: String { location.lastPathComponent }
    /// The folder below Sources or Tests.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    /// Nil for a file that is no UTF-8 text.
    var text: String? { try? String(contentsOf: location, encoding: .utf8) }
    var lines: [String] {
        guard var lines = text?.components(separatedBy: "\n") else { return [] }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
    /// A file made by a tool says so in its first line, and is exempt from limits that are there for readers.
    var isGenerated: Bool { lines.first?.lowercased().contains("generated") == true }
    var isExecutable: Bool { FileManager.default.isExecutableFile(atPath: location.path(percentEncoded: false)) }
}
