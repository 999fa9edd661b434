// The settings file that `winnow check --print-sample` prints: every key with its default and its meaning.

extension Settings {
    /// Working YAML: read back it gives the defaults.
    package static var sampleDocument: String {
        var lines = [
            "# Settings of winnow. Each key can be left out: what stands here is the default. Each can be overridden",
            "# from the environment: WINNOW_KAFKA_BROKERS for kafka.brokers and so on, lists with commas.",
            "",
        ]
        var section = ""
        for key in SettingsTable.keys {
            let parts = key.path.split(separator: ".")
            let isNested = parts.count == 2
            let newSection = isNested ? String(parts[0]) : ""
            if newSection != section || !isNested {
                if lines.last?.isEmpty == false { lines.append("") }
                lines += (SettingsTable.sections[newSection] ?? "").split(separator: "\n").map { "# \($0)" }
                if isNested { lines.append("\(newSection):") }
                section = newSection
            }
            let indent = isNested ? "  " : ""
            lines += key.summary.split(separator: "\n").map { "\(indent)# \($0)" }
            if let expectation = key.sampleExpectation { lines.append("\(indent)# \(expectation)") }
            lines.append("\(indent)\(parts[parts.count - 1]): \(yaml(key.show(Settings())))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What is in force, a line a key (`kafka.group: winnow`); secrets masked.
    package var summaryLines: [String] {
        SettingsTable.keys.map { "\($0.path): \(Self.yaml($0.show(self)))" }
    }

    private static func yaml(_ shown: SettingsKey.Shown) -> String {
        switch shown {
        case .text(let text): scalar(text)
        case .list(let items): "[\(items.map(scalar).joined(separator: ", "))]"
        case .properties(let pairs):
            "{\(pairs.map { "\(scalar($0.name)): \(scalar($0.value))" }.joined(separator: ", "))}"
        }
    }

    /// Plain where that is safe, else in double quotes.
    private static func scalar(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
                    UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "@"):
                    true
                default: false
                }
            }
        if isPlain, text.first != "-", text.first != ":", text.first != "@", text.last != ":" { return text }
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }
}

extension SettingsKey {
    /// Worth a line of its own only where the value does not show it.
    fileprivate var sampleExpectation: String? {
        switch shape {
        case .text, .textList, .properties: nil
        case .choice(let choices): choices.joined(separator: " | ")
        case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .duration(let range): "\(UnitText.text(range.lowerBound)) to \(UnitText.text(range.upperBound))"
        case .byteCount(let range):
            "\(UnitText.text(byteCount: range.lowerBound)) to \(UnitText.text(byteCount: range.upperBound))"
        }
    }
}
