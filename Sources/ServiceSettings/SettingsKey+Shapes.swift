// How a key of each shape is read into a field of Settings and shown again.

typealias SettingsField<Value> = any WritableKeyPath<Settings, Value> & Sendable

extension SettingsKey {
    static func text(_ path: String, _ field: SettingsField<String>, _ summary: String) -> SettingsKey {
        SettingsKey(path, summary, .text) { settings, input throws(SettingRefusal) in
            settings[keyPath: field] = try single(input, "a text")
        } show: {
            .text($0[keyPath: field])
        }
    }

    /// Empty means nil.
    static func optionalText(_ path: String, _ field: SettingsField<String?>, _ summary: String) -> SettingsKey {
        SettingsKey(path, summary, .text) { settings, input throws(SettingRefusal) in
            let text = try single(input, "a text")
            settings[keyPath: field] = text.isEmpty ? nil : text
        } show: {
            .text($0[keyPath: field] ?? "")
        }
    }

    /// A YAML list, or a text with commas.
    static func list(
        _ path: String, _ field: SettingsField<[String]>, _ summary: String
    ) -> SettingsKey {
        SettingsKey(path, summary, .textList) { settings, input throws(SettingRefusal) in
            switch input {
            case .list(let items): settings[keyPath: field] = items
            case .text(let text):
                settings[keyPath: field] = text.split(separator: ",").map { trimmed($0) }.filter { !$0.isEmpty }
            case .properties: throw SettingRefusal(reason: "must be a list of texts")
            }
        } show: {
            .list($0[keyPath: field])
        }
    }

    static func choice<Choice: RawRepresentable & Sendable>(
        _ path: String, _ field: SettingsField<Choice>, _ choices: [Choice], _ summary: String
    ) -> SettingsKey where Choice.RawValue == String {
        let names = choices.map(\.rawValue)
        return SettingsKey(path, summary, .choice(names)) { settings, input throws(SettingRefusal) in
            let text = try single(input, "one of \(names.joined(separator: ", "))")
            guard names.contains(text), let choice = Choice(rawValue: text) else {
                let hint = NearestName.of(text, among: names).map { "; did you mean \($0)?" } ?? ""
                throw SettingRefusal(
                    reason: "must be one of \(names.joined(separator: ", ")), not \(quoted(text))\(hint)")
            }
            settings[keyPath: field] = choice
        } show: {
            .text($0[keyPath: field].rawValue)
        }
    }

    static func integer(
        _ path: String, _ field: SettingsField<Int>, _ range: ClosedRange<Int>, _ summary: String
    ) -> SettingsKey {
        measured(path, summary, .integer(range), range, field, read: { Int($0) }, show: { String($0) })
    }

    /// Empty means nil.
    static func optionalInteger(
        _ path: String, _ field: SettingsField<Int?>, _ range: ClosedRange<Int>, _ summary: String
    ) -> SettingsKey {
        optionalMeasured(path, summary, .integer(range), range, field, read: { Int($0) }, show: { String($0) })
    }

    static func number(
        _ path: String, _ field: SettingsField<Double>, _ range: ClosedRange<Double>, _ summary: String
    ) -> SettingsKey {
        measured(path, summary, .number(range), range, field, read: { Double($0) }, show: { String($0) })
    }

    /// Empty means nil.
    static func optionalNumber(
        _ path: String, _ field: SettingsField<Double?>, _ range: ClosedRange<Double>, _ summary: String
    ) -> SettingsKey {
        optionalMeasured(path, summary, .number(range), range, field, read: { Double($0) }, show: { String($0) })
    }

    static func duration(
        _ path: String, _ field: SettingsField<Duration>, _ range: ClosedRange<Duration>, _ summary: String
    ) -> SettingsKey {
        measured(
            path, summary, .duration(range), range, field, read: { UnitText.duration($0) },
            show: { UnitText.text($0) })
    }

    static func byteCount(
        _ path: String, _ field: SettingsField<Int>, _ range: ClosedRange<Int>, _ summary: String
    ) -> SettingsKey {
        measured(
            path, summary, .byteCount(range), range, field, read: { UnitText.byteCount($0) },
            show: { UnitText.text(byteCount: $0) })
    }

    private static func measured<Value: Comparable & Sendable>(
        _ path: String, _ summary: String, _ shape: Shape, _ range: ClosedRange<Value>, _ field: SettingsField<Value>,
        read: @escaping @Sendable (String) -> Value?, show: @escaping @Sendable (Value) -> String
    ) -> SettingsKey {
        SettingsKey(path, summary, shape) { settings, input throws(SettingRefusal) in
            settings[keyPath: field] = try value(input, shape, range, read)
        } show: {
            .text(show($0[keyPath: field]))
        }
    }

    private static func optionalMeasured<Value: Comparable & Sendable>(
        _ path: String, _ summary: String, _ shape: Shape, _ range: ClosedRange<Value>, _ field: SettingsField<Value?>,
        read: @escaping @Sendable (String) -> Value?, show: @escaping @Sendable (Value) -> String
    ) -> SettingsKey {
        SettingsKey(path, summary, shape) { settings, input throws(SettingRefusal) in
            if case .text("") = input {
                settings[keyPath: field] = nil
            } else {
                settings[keyPath: field] = try value(input, shape, range, read)
            }
        } show: {
            .text($0[keyPath: field].map(show) ?? "")
        }
    }

    private static func value<Value: Comparable>(
        _ input: SettingInput, _ shape: Shape, _ range: ClosedRange<Value>, _ read: (String) -> Value?
    ) throws(SettingRefusal) -> Value {
        let text = try single(input, shape.expectation)
        // A not-a-number compares with nothing and so lies in no range.
        guard let value = read(text), range.contains(value) else {
            throw SettingRefusal(reason: "must be \(shape.expectation), not \(quoted(text))")
        }
        return value
    }

    static func single(_ input: SettingInput, _ expectation: String) throws(SettingRefusal) -> String {
        guard case .text(let text) = input else { throw SettingRefusal(reason: "must be \(expectation)") }
        return text
    }

    /// Cut, so that a mistake of a megabyte gives an error of a line.
    static func quoted(_ text: String) -> String {
        text.isEmpty ? "empty" : "\"\(text.prefix(60))\(text.count > 60 ? "…" : "")\""
    }

    static func trimmed(_ text: Substring) -> String {
        var rest = text.drop { $0.isWhitespace }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
