// The JSON schema of the settings file, for editors and for machines. Schemas/settings.schema.json is this text; a test
// compares them.

extension Settings {
    package static var jsonSchema: String {
        var sections: [(name: String, keys: [SettingsKey])] = []
        for key in SettingsTable.keys {
            let parts = key.path.split(separator: ".")
            let name = parts.count == 2 ? String(parts[0]) : ""
            if name.isEmpty || sections.last?.name != name { sections.append((name, [])) }
            sections[sections.count - 1].keys.append(key)
        }
        let properties = sections.map { section in
            let entries = section.keys.map { key in
                "\(quoted(String(key.path.split(separator: ".").last ?? ""))): \(schema(of: key))"
            }
            if section.name.isEmpty { return "    " + entries.joined(separator: ",\n    ") }
            return """
                    \(quoted(section.name)): {
                      "type": ["object", "null"],
                      "description": \(quoted(SettingsTable.sections[section.name] ?? "")),
                      "additionalProperties": false,
                      "properties": {
                        \(entries.joined(separator: ",\n        "))
                      }
                    }
                """
        }
        return """
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "title": "Settings of winnow",
              "type": ["object", "null"],
              "additionalProperties": false,
              "properties": {
            \(properties.joined(separator: ",\n"))
              }
            }

            """
    }

    private static func schema(of key: SettingsKey) -> String {
        let type =
            switch key.shape {
            case .text: #""type": ["string", "number", "null"]"#
            case .textList: #""type": ["string", "array", "null"], "items": {"type": ["string", "number"]}"#
            case .choice(let choices): #""enum": [\#(choices.map(quoted).joined(separator: ", ")), null]"#
            case .integer(let range):
                #""type": ["integer", "string", "null"], "minimum": \#(range.lowerBound), "#
                    + #""maximum": \#(range.upperBound)"#
            case .number(let range):
                #""type": ["number", "string", "null"], "minimum": \#(range.lowerBound), "#
                    + #""maximum": \#(range.upperBound)"#
            case .duration: #""type": ["string", "null"], "pattern": "^[0-9]+ *(ms|s|m|h|d)$""#
            case .byteCount:
                #""type": ["integer", "string", "null"], "pattern": "^[0-9]+ *(B|KiB|MiB|GiB|kB|MB|GB)?$""#
            case .properties:
                #""type": ["object", "string", "null"], "additionalProperties": "#
                    + #"{"type": ["string", "number", "boolean", "object"]}"#
            }
        var description = key.summary
        if case .duration = key.shape { description += " Takes \(key.shape.expectation)." }
        if case .byteCount = key.shape { description += " Takes \(key.shape.expectation)." }
        let standard = json(key.show(Settings()), key.shape)
        return "{\(type), \"default\": \(standard), \"description\": \(quoted(description))}"
    }

    private static func json(_ shown: SettingsKey.Shown, _ shape: SettingsKey.Shape) -> String {
        switch (shown, shape) {
        case (.text(""), .integer), (.text(""), .number): "null"
        case (.text(let text), .integer), (.text(let text), .number): text
        case (.text(let text), _): quoted(text)
        case (.list(let items), _): "[\(items.map(quoted).joined(separator: ", "))]"
        case (.properties(let pairs), _):
            "{\(pairs.map { "\(quoted($0.name)): \(quoted($0.value))" }.joined(separator: ", "))}"
        }
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": " "
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }
}
