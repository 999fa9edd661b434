// The keys `model.path` and `model.routes`: one model for all posts, or one by language. Whoever names the one takes the other
// back, so that a flag beats what a file says.

extension SettingsTable {
    static let modelPath = SettingsKey(
        "model.path",
        "A model folder, or the name of a shipped model, for posts of every language; takes the place of model.routes.\n"
            + "Empty: as model.routes says.", .text
    ) { settings, input throws(SettingRefusal) in
        let text = try SettingsKey.single(input, "a text")
        settings.model.path = text.isEmpty ? nil : text
        if !text.isEmpty { settings.model.routes = [:] }
    } show: {
        .text($0.model.path ?? "")
    }

    static let modelRoutes = SettingsKey(
        "model.routes",
        "Models by language, such as {en: english, \"*\": multilingual}: what a post's language begins with (pt of pt-BR), and\n"
            + "\"*\" for all others and for posts without a language. Takes the place of model.path. Empty: the shipped models.",
        .properties
    ) { settings, input throws(SettingRefusal) in
        let routes = try routes(input)
        settings.model.routes = routes
        if !routes.isEmpty { settings.model.path = nil }
    } show: { settings in
        .properties(settings.model.routes.sorted { $0.key > $1.key }.map { ($0.key, $0.value) })
    }

    private static func routes(_ input: SettingInput) throws(SettingRefusal) -> [String: String] {
        var routes: [String: String] = [:]
        for (written, model) in try pairs(input) {
            let language = written.lowercased()
            guard isRoute(language) else {
                throw SettingRefusal(
                    reason: "must name languages by their first subtag, such as en or pt, or \"*\" for all others, not "
                        + SettingsKey.quoted(written))
            }
            guard !model.isEmpty else { throw SettingRefusal(reason: "has no model for \(written)") }
            guard routes.updateValue(model, forKey: language) == nil else {
                throw SettingRefusal(reason: "names \(language) twice; keep one")
            }
        }
        guard routes.isEmpty || routes["*"] != nil else {
            throw SettingRefusal(reason: "must say with \"*\" which model reads posts of all other languages")
        }
        return routes
    }

    private static func pairs(_ input: SettingInput) throws(SettingRefusal) -> [(language: String, model: String)] {
        switch input {
        case .list: throw SettingRefusal(reason: "must be a mapping of languages to models")
        case .properties(let properties):
            guard !properties.values.contains(where: \.isSecret) else {
                throw SettingRefusal(reason: "must hold names or folders of models, not secrets")
            }
            return properties.sorted { $0.key < $1.key }.map { ($0.key, $0.value.text) }
        case .text(let text):
            var found: [(String, String)] = []
            for pair in text.split(separator: ",") {
                guard let equals = pair.firstIndex(of: "=") else {
                    throw SettingRefusal(reason: "must be written as en=english,*=multilingual")
                }
                found.append(
                    (SettingsKey.trimmed(pair[..<equals]), SettingsKey.trimmed(pair[pair.index(after: equals)...])))
            }
            return found
        }
    }

    private static func isRoute(_ language: String) -> Bool {
        language == "*" || ((2...8).contains(language.utf8.count) && language.utf8.allSatisfy { (97...122).contains($0) })
    }
}
