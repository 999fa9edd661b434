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

    /// Read and taken apart once for all tests.
    static let swiftSources = files(under: "Sources", endings: ["swift"])
    static let swiftTests = files(under: "Tests", endings: ["swift"])
}

struct SourceFile: Sendable, CustomStringConvertible {
    /// Larger files are weights and data, not text for people.
    private static let largestText = 2 << 20

    let location: URL
    /// Relative to the package's root.
    let path: String
    /// Nil for a file that is no UTF-8 text.
    let text: String?
    let lines: [String]
    /// Without lines where the file is not Swift.
    let swift: SwiftText

    init(_ location: URL) {
        self.location = location
        let size = (try? location.resourceValues(forKeys: [.fileSizeKey]))?.fileSize ?? 0
        text = size > Self.largestText ? nil : try? String(contentsOf: location, encoding: .utf8)
        var lines = text?.components(separatedBy: "\n") ?? []
        if lines.last?.isEmpty == true { lines.removeLast() }
        self.lines = lines
        swift = SwiftText(location.pathExtension == "swift" ? lines : [])
        let root = SourceTree.root.standardizedFileURL.path(percentEncoded: false)
        let whole = location.standardizedFileURL.path(percentEncoded: false)
        path = whole.hasPrefix(root) ? String(whole.dropFirst(root.count).drop { $0 == "/" }) : whole
    }

    var description: String { path }
    var name: String { location.lastPathComponent }
    /// The folder below Sources or Tests.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    /// A file made by a tool says so in its first line, and is exempt from limits that are there for readers.
    var isGenerated: Bool { lines.first?.lowercased().contains("generated") == true }
    var isExecutable: Bool { FileManager.default.isExecutableFile(atPath: location.path(percentEncoded: false)) }
}
