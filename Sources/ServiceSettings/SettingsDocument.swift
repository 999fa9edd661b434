// A YAML settings file as a flat list of keys with the place of each. Knows which keys there are, not what their values
// mean; reads the files and variables that properties name.
internal import Yams

struct SettingsDocument {
    struct Entry {
        let key: SettingsKey
        let input: SettingInput
        let place: String
    }

    /// How faults call the file.
    let name: String
    let environment: [String: String]
    private(set) var entries: [Entry] = []
    private(set) var faults: [SettingsFault] = []

    /// Never fails: what cannot be read is in `faults`.
    init(yaml: String, name: String, environment: [String: String]) {
        self.name = name
        self.environment = environment
        do {
            guard let root = try Yams.compose(yaml: yaml) else { return }
            readSection(root, path: "")
        } catch let error as YamlError {
            faults.append(Self.fault(of: error, name: name))
        } catch {
            faults.append(SettingsFault(place: name, sentence: "cannot be read as YAML"))
        }
    }

    private mutating func readSection(_ node: Node, path: String) {
        if Self.isNull(node) { return }
        guard case .mapping(let mapping) = node else {
            let what = path.isEmpty ? "the file" : path
            add(node, "\(what) must be a mapping of keys to values")
            return
        }
        for (keyNode, value) in mapping {
            guard case .scalar(let scalar) = keyNode else {
                add(keyNode, "a key must be a word")
                continue
            }
            readEntry(name: scalar.string, at: keyNode, value, section: path)
        }
    }

    private mutating func readEntry(name: String, at keyNode: Node, _ value: Node, section: String) {
        let path = section.isEmpty ? name : "\(section).\(name)"
        if let key = SettingsTable.keys.first(where: { $0.path == path }) {
            // A key without a value keeps its default.
            if Self.isNull(value) { return }
            guard let input = input(for: key, value) else { return }
            entries.append(Entry(key: key, input: input, place: place(value)))
        } else if SettingsTable.keys.contains(where: { $0.path.hasPrefix(path + ".") }) {
            readSection(value, path: path)
        } else {
            add(keyNode, "\(SettingsKey.quoted(path)) is no setting; \(SettingsTable.suggestion(for: path))")
        }
    }

    private mutating func input(for key: SettingsKey, _ node: Node) -> SettingInput? {
        switch node {
        case .scalar(let scalar):
            return .text(scalar.string)
        case .sequence(let sequence):
            var items: [String] = []
            for item in sequence {
                guard case .scalar(let scalar) = item else {
                    add(item, "\(key.path) must be a list of texts")
                    return nil
                }
                items.append(scalar.string)
            }
            return .list(items)
        case .mapping(let mapping):
            guard key.shape == .properties else {
                add(node, "\(key.path) must be \(key.shape.expectation)")
                return nil
            }
            return .properties(properties(mapping, of: key))
        case .alias:
            add(node, "\(key.path) must not be an alias")
            return nil
        }
    }

    private mutating func properties(_ mapping: Node.Mapping, of key: SettingsKey) -> [String: PropertyValue] {
        var properties: [String: PropertyValue] = [:]
        for (nameNode, value) in mapping {
            guard case .scalar(let name) = nameNode else {
                add(nameNode, "the name of a property must be a word")
                continue
            }
            switch value {
            case .scalar(let scalar):
                let isSecret = PropertyValue.isSecretName(name.string)
                properties[name.string] = PropertyValue(text: scalar.string, isSecret: isSecret)
            case .mapping(let source):
                properties[name.string] = secret(source, at: value, "\(key.path).\(name.string)")
            default:
                add(value, "\(key.path).\(name.string) must be a text, {file: PATH} or {env: NAME}")
            }
        }
        return properties
    }

    private mutating func secret(_ source: Node.Mapping, at node: Node, _ path: String) -> PropertyValue? {
        guard source.count == 1, let (kind, place) = source.first, case .scalar(let placeText) = place else {
            add(node, "\(path) must be a text, {file: PATH} or {env: NAME}")
            return nil
        }
        switch kind.scalar?.string {
        case "file":
            switch SecretFile.read(placeText.string) {
            case .success(let text): return PropertyValue(text: text, isSecret: true)
            case .failure(let refusal): add(node, "\(path): \(refusal.reason)")
            }
        case "env":
            if let text = environment[placeText.string] { return PropertyValue(text: text, isSecret: true) }
            add(node, "\(path): the environment variable \(SettingsKey.quoted(placeText.string)) is not set")
        default:
            add(node, "\(path) must be a text, {file: PATH} or {env: NAME}")
        }
        return nil
    }

    private static func isNull(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null"].contains(scalar.string)
    }

    private func place(_ node: Node) -> String {
        node.mark.map { "\(name):\($0.line):\($0.column)" } ?? name
    }

    private mutating func add(_ node: Node, _ sentence: String) {
        faults.append(SettingsFault(place: place(node), sentence: sentence))
    }

    /// The parser's own messages are short and fixed; its context quotes the file, which may hold a secret: left out.
    private static func fault(of error: YamlError, name: String) -> SettingsFault {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            // What libyaml says of a * that begins no alias.
            let hint = problem.contains("alphabetic or numeric character") ? "; put * in quotes" : ""
            return SettingsFault(place: "\(name):\(mark.line):\(mark.column)", sentence: "is no YAML: \(problem)\(hint)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let keys = duplicates.map { SettingsKey.quoted($0) }.joined(separator: ", ")
            return SettingsFault(
                place: "\(name):\(context.mark.line):\(context.mark.column)", sentence: "says \(keys) twice; keep one")
        default:
            return SettingsFault(place: name, sentence: "cannot be read as YAML")
        }
    }
}

extension SettingsTable {
    /// What to say of a key that does not exist.
    static func suggestion(for path: String) -> String {
        let section = path.split(separator: ".").dropLast().joined(separator: ".")
        let firstWords = Set(keys.compactMap { $0.path.split(separator: ".").first.map(String.init) })
        let known = keys.map(\.path) + firstWords.sorted()
        let siblings = known.filter { section.isEmpty || $0.hasPrefix(section + ".") }
        // The right word in the wrong section is as likely as a slip of the finger.
        let lastWord = path.split(separator: ".").last.map(String.init) ?? path
        let elsewhere = keys.map(\.path).first { $0.hasSuffix("." + lastWord) || $0 == lastWord }
        if let near = NearestName.of(path, among: siblings) ?? elsewhere ?? NearestName.of(path, among: known) {
            return "did you mean \(near)?"
        }
        return "winnow check --print-sample shows all settings"
    }
}
