// Puts settings together: defaults, then the file, then the environment, then flags; the later wins. Finds every fault
// before it gives up.
internal import Foundation

/// A value given by a flag.
package struct SettingsOverride: Sendable {
    package let path: String
    package let value: String
    /// How faults call it: `--brokers`.
    package let flag: String

    package init(path: String, value: String, flag: String) {
        self.path = path
        self.value = value
        self.flag = flag
    }
}

package struct LoadedSettings: Sendable {
    package let settings: Settings
    /// The file that was read, nil where there was none.
    package let file: String?
    /// Sentences worth a log line: variables that look like settings and are none.
    package let warnings: [String]
    /// Keys that a flag or a variable set for this run: a wish, where a value in the file may be a copied default.
    package let askedFor: Set<String>
}

package struct SettingsLoader {
    /// Read where neither a flag nor WINNOW_CONFIG names a file and it exists in the working directory.
    package static let defaultFile = "winnow.yaml"
    private static let largestFile = 1 << 20

    private var settings = Settings()
    private var faults: [SettingsFault] = []
    /// Where each key was set last; a key that is not here has its default.
    private var places: [String: String] = [:]
    private var faultyPaths: Set<String> = []
    private let environment: [String: String]

    /// - Parameters:
    ///   - file: what `--config` says.
    ///   - environment: the process's environment.
    /// - Throws: every fault there is.
    package static func load(
        file: String?, environment: [String: String], overrides: [SettingsOverride] = []
    ) throws(SettingsFailure) -> LoadedSettings {
        var loader = SettingsLoader(environment: environment)
        let name = loader.fileName(file)
        if let name { loader.readFile(name) }
        return try loader.finish(file: name, overrides)
    }

    /// The same from a text: for the sample and for tests.
    package static func load(
        yaml: String, name: String = defaultFile, environment: [String: String] = [:],
        overrides: [SettingsOverride] = []
    ) throws(SettingsFailure) -> LoadedSettings {
        var loader = SettingsLoader(environment: environment)
        loader.read(yaml: yaml, name: name)
        return try loader.finish(file: name, overrides)
    }

    private init(environment: [String: String]) { self.environment = environment }

    private func fileName(_ file: String?) -> String? {
        if let file { return file }
        if let file = environment["WINNOW_CONFIG"], !file.isEmpty { return file }
        return FileManager.default.fileExists(atPath: Self.defaultFile) ? Self.defaultFile : nil
    }

    private mutating func readFile(_ name: String) {
        guard let handle = FileHandle(forReadingAtPath: name) else {
            let why = FileManager.default.fileExists(atPath: name) ? "may not be read" : "does not exist"
            faults.append(
                SettingsFault(
                    place: name,
                    sentence: "the settings file \(why); winnow check --print-sample prints one to begin with"))
            return
        }
        defer { try? handle.close() }
        let data: Data
        do {
            data = try handle.read(upToCount: Self.largestFile + 1) ?? Data()
        } catch {
            faults.append(SettingsFault(place: name, sentence: "the settings file cannot be read; is it a directory?"))
            return
        }
        guard data.count <= Self.largestFile else {
            faults.append(SettingsFault(place: name, sentence: "is larger than 1 MiB and so no settings file"))
            return
        }
        guard let yaml = String(validating: data, as: UTF8.self) else {
            faults.append(SettingsFault(place: name, sentence: "is not UTF-8; save it as UTF-8"))
            return
        }
        read(yaml: yaml, name: name)
    }

    private mutating func read(yaml: String, name: String) {
        let document = SettingsDocument(yaml: yaml, name: name, environment: environment)
        faults += document.faults
        for entry in document.entries { assign(entry.key, entry.input, place: entry.place) }
    }

    /// Empty variables count as not set: compose files pass them on that way.
    private mutating func readEnvironment() -> [String] {
        var warnings: [String] = []
        let propertyPrefix = SettingsTable.properties.environmentName + "_"
        let keys = Dictionary(SettingsTable.keys.map { ($0.environmentName, $0) }) { first, _ in first }
        let sections = Set(SettingsTable.keys.compactMap { $0.path.split(separator: ".").first?.uppercased() })
        let ours = environment.filter { $0.key.hasPrefix("WINNOW_") && !$0.value.isEmpty }
        for (name, value) in ours.sorted(by: { $0.key < $1.key }) {
            if let key = keys[name] {
                assign(key, .text(value), place: name)
            } else if name.hasPrefix(propertyPrefix) {
                let words = name.dropFirst(propertyPrefix.count).lowercased().split(separator: "_")
                let property = words.joined(separator: ".")
                let text = PropertyValue(text: value, isSecret: PropertyValue.isSecretName(property))
                assign(SettingsTable.properties, .properties([property: text]), place: name)
            } else if sections.contains(where: { name.hasPrefix("WINNOW_\($0)_") }) {
                // Not a fault: orchestrators add variables named after services of theirs.
                let near = NearestName.of(name, among: keys.keys).map { "; did you mean \($0)?" } ?? ""
                warnings.append("the environment variable \(name) is no setting\(near)")
            }
        }
        return warnings
    }

    private mutating func apply(_ overrides: [SettingsOverride]) {
        for override in overrides {
            guard let key = SettingsTable.keys.first(where: { $0.path == override.path }) else {
                preconditionFailure("the flag \(override.flag) names no key of the table")
            }
            assign(key, .text(override.value), place: override.flag)
        }
    }

    private mutating func assign(_ key: SettingsKey, _ input: SettingInput, place: String) {
        places[key.path] = place
        do throws(SettingRefusal) {
            if input.holdsNUL { throw SettingRefusal(reason: "must not hold a NUL character") }
            try key.assign(&settings, input)
        } catch {
            faultyPaths.insert(key.path)
            faults.append(SettingsFault(place: place, sentence: "\(key.path) \(error.reason)"))
        }
    }

    private mutating func finish(
        file: String?, _ overrides: [SettingsOverride]
    ) throws(SettingsFailure) -> LoadedSettings {
        let placesInFile = places
        let warnings = readEnvironment()
        apply(overrides)
        readSecrets()
        for fault in SettingsRelations.faults(in: settings) where faultyPaths.isDisjoint(with: fault.paths) {
            let place = fault.paths.compactMap { places[$0] }.first ?? "default settings"
            faults.append(SettingsFault(place: place, sentence: fault.sentence))
        }
        guard faults.isEmpty else { throw SettingsFailure(faults: faults) }
        let askedFor = places.filter { placesInFile[$0.key] != $0.value }.map(\.key)
        return LoadedSettings(settings: settings, file: file, warnings: warnings, askedFor: Set(askedFor))
    }

    private mutating func readSecrets() {
        readSecret("postgres.password_file", \.postgres.passwordFile, into: \.postgres.password)
        readSecret("schema_registry.password_file", \.schemaRegistry.passwordFile, into: \.schemaRegistry.password)
        readSecret("schema_registry.token_file", \.schemaRegistry.tokenFile, into: \.schemaRegistry.token)
    }

    private mutating func readSecret(
        _ path: String, _ file: SettingsField<String?>, into field: SettingsField<Secret?>
    ) {
        guard let name = settings[keyPath: file] else { return }
        switch SecretFile.read(name) {
        case .success(let text): settings[keyPath: field] = Secret(String(text.prefix { !$0.isNewline }))
        case .failure(let refusal):
            faults.append(SettingsFault(place: places[path] ?? "settings", sentence: "\(path): \(refusal.reason)"))
        }
    }
}

extension SettingInput {
    fileprivate var holdsNUL: Bool {
        switch self {
        case .text(let text): text.utf8.contains(0)
        case .list(let items): items.contains { $0.utf8.contains(0) }
        case .properties(let properties):
            properties.contains { $0.key.utf8.contains(0) || $0.value.text.utf8.contains(0) }
        }
    }
}
