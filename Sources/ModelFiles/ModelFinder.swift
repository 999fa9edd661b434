// Where the model is: named by a person, or shipped. Looks at folders only; reading one is `ModelFolder`'s work.
internal import Foundation

package struct ModelFinder: Sendable {
    /// The model that is taken where nobody names one and only one is asked for.
    package static let defaultName = "english"
    /// The shipped model for every language.
    package static let multilingualName = "multilingual"

    private let environment: [String: String]
    private let executable: URL
    private let workingDirectory: URL

    package init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        executable: String = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? CommandLine.arguments[0],
        workingDirectory: String = FileManager.default.currentDirectoryPath
    ) {
        self.environment = environment
        self.executable = URL(fileURLWithPath: executable)
        self.workingDirectory = URL(fileURLWithPath: workingDirectory, isDirectory: true)
    }

    /// The folder of a model.
    /// - Parameter wanted: a folder, or the name of a shipped model; nil or empty takes the default.
    /// - Throws: one sentence that lists where it looked.
    package func find(_ wanted: String?) throws(ModelFileFault) -> String {
        let name = wanted.flatMap { $0.isEmpty ? nil : $0 } ?? Self.defaultName
        if wanted == name, isModel(URL(fileURLWithPath: name, relativeTo: workingDirectory)) {
            return URL(fileURLWithPath: name, relativeTo: workingDirectory).standardizedFileURL.path
        }
        let candidates = name.contains("/") ? [] : libraries.map { $0.appendingPathComponent(name).standardizedFileURL }
        if let found = candidates.first(where: isModel) { return found.path }
        let places = ([name] + candidates.map(\.path)).joined(separator: ", ")
        throw ModelFileFault(
            "No model folder (with a config.json) was found at \(places); name one with --model or model.path, or set WINNOW_HOME.")
    }

    /// Whether a shipped model of this name lies in one of the places where `find` looks.
    package func ships(_ name: String) -> Bool {
        libraries.contains { isModel($0.appendingPathComponent(name)) }
    }

    /// Folders of models: `WINNOW_HOME`, the installation's share, and the checkout that the executable or the working
    /// directory lies in.
    private var libraries: [URL] {
        var libraries: [URL] = []
        if let home = environment["WINNOW_HOME"], !home.isEmpty {
            libraries.append(URL(fileURLWithPath: home).appendingPathComponent("models"))
        }
        libraries.append(
            executable.deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent("share/winnow/models"))
        for start in [executable.deletingLastPathComponent(), workingDirectory] {
            if let checkout = checkout(above: start) {
                libraries.append(checkout.appendingPathComponent("Deploy/models"))
            }
        }
        return libraries
    }

    private func checkout(above start: URL) -> URL? {
        var folder = start.standardizedFileURL
        while folder.path != "/" {
            if FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path),
                FileManager.default.fileExists(atPath: folder.appendingPathComponent("Deploy/models").path)
            {
                return folder
            }
            folder = folder.deletingLastPathComponent()
        }
        return nil
    }

    private func isModel(_ folder: URL) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent("config.json").path)
    }
}
