// Where a model folder is looked for: the first place that holds one wins. Looks only; reads nothing but names.
internal import Foundation

package struct ModelFinder: Sendable {
    package struct Place: Hashable, Sendable {
        package let path: String
        /// Why this place is looked at: `the --model option`, `WINNOW_HOME`, ...
        package let reason: String

        package init(path: String, reason: String) {
            self.path = path
            self.reason = reason
        }
    }

    package static let defaultModel = "default"

    /// In the order in which they are tried.
    package let places: [Place]

    /// `flag` and `setting` name a model folder; empty counts as absent. A folder named by a person is the only place:
    /// falling back to another model in silence would answer with the wrong one.
    package init(
        flag: String? = nil, setting: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        executable: String? = Bundle.main.executablePath, currentFolder: String = FileManager.default.currentDirectoryPath
    ) {
        if let flag, !flag.isEmpty {
            places = [Place(path: flag, reason: "the --model option")]
            return
        }
        if let setting, !setting.isEmpty {
            places = [Place(path: setting, reason: "the setting model.path")]
            return
        }
        var places: [Place] = []
        func add(_ root: String, _ reason: String) {
            // Either the root's models folder holds the model under a name, or it is one itself.
            for folder in Self.folders(inside: root + "/models") { places.append(Place(path: folder, reason: reason)) }
            places.append(Place(path: root + "/models", reason: reason))
        }
        if let home = environment["WINNOW_HOME"], !home.isEmpty { add(home, "WINNOW_HOME") }
        if let executable {
            let folder = URL(fileURLWithPath: executable).resolvingSymlinksInPath().deletingLastPathComponent()
            add(folder.deletingLastPathComponent().appendingPathComponent("share/winnow").path, "beside the executable")
            // .build/TRIPLE/release/winnow lies three folders below the checkout.
            var above = folder
            for _ in 0..<4 {
                above = above.deletingLastPathComponent()
                if FileManager.default.fileExists(atPath: above.appendingPathComponent("Package.swift").path) {
                    add(above.appendingPathComponent("Deploy").path, "the executable's checkout")
                    break
                }
            }
        }
        add(currentFolder + "/Deploy", "the current folder's checkout")
        self.places = places
    }

    /// The folder to load, or one sentence that says where it was looked for.
    package func find() throws(ModelFileFault) -> Place {
        for place in places where Self.isModel(place.path) { return place }
        let looked = places.map { "\($0.path) (\($0.reason))" }.joined(separator: ", ")
        throw ModelFileFault(
            "No model folder (\(ModelFolder.configurationFile), \(ModelFolder.weightsFile)) was found; looked at \(looked). "
                + "Name one with --model or the setting model.path.")
    }

    private static func isModel(_ path: String) -> Bool {
        [ModelFolder.configurationFile, ModelFolder.weightsFile].allSatisfy {
            FileManager.default.fileExists(atPath: path + "/" + $0)
        }
    }

    /// Sub-folders, `default` first, then by name.
    private static func folders(inside path: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let sorted = names.sorted { ($0 != defaultModel ? 1 : 0, $0) < ($1 != defaultModel ? 1 : 0, $1) }
        return sorted.map { path + "/" + $0 }.filter(isModel)
    }
}
