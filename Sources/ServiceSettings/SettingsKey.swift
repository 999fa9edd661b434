// One key of the settings: its name, what values it takes, and where the value goes. SettingsTable lists them all; the
// loader, the sample, the JSON schema and the environment rule all read that one list.

/// What was written for a key, before it is understood.
enum SettingInput {
    case text(String)
    case list([String])
    /// Only for `kafka.properties`.
    case properties([String: PropertyValue])
}

package struct SettingsKey: Sendable {
    /// What values a key takes; enough for a reader, for the check and for the JSON schema.
    package enum Shape: Sendable, Equatable {
        case text
        case textList
        case choice([String])
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        case duration(ClosedRange<Duration>)
        case byteCount(ClosedRange<Int>)
        case properties
    }

    /// What a key holds, for people: secrets masked.
    package enum Shown: Sendable, Equatable {
        case text(String)
        case list([String])
        case properties([(name: String, value: String)])

        package static func == (left: Shown, right: Shown) -> Bool {
            switch (left, right) {
            case (.text(let one), .text(let other)): one == other
            case (.list(let one), .list(let other)): one == other
            case (.properties(let one), .properties(let other)):
                one.elementsEqual(other) { $0.name == $1.name && $0.value == $1.value }
            default: false
            }
        }
    }

    /// Dotted: `kafka.brokers`.
    package let path: String
    package let summary: String
    package let shape: Shape
    /// Values of this key are never quoted in an error.
    let isSecret: Bool
    let assign: @Sendable (inout Settings, SettingInput) throws(SettingRefusal) -> Void
    package let show: @Sendable (Settings) -> Shown

    init(
        _ path: String, _ summary: String, _ shape: Shape, isSecret: Bool = false,
        assign: @escaping @Sendable (inout Settings, SettingInput) throws(SettingRefusal) -> Void,
        show: @escaping @Sendable (Settings) -> Shown
    ) {
        self.path = path
        self.summary = summary
        self.shape = shape
        self.isSecret = isSecret
        self.assign = assign
        self.show = show
    }

    /// The environment variable that overrides the key: `WINNOW_` and the path in capitals, dots as underscores.
    package var environmentName: String {
        "WINNOW_" + path.uppercased().map { $0 == "." ? "_" : String($0) }.joined()
    }
}

extension SettingsKey.Shape {
    /// What values a key takes, for an error and for the sample.
    var expectation: String {
        switch self {
        case .text: "a text"
        case .textList: "a list of texts"
        case .choice(let choices): "one of \(choices.joined(separator: ", "))"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
        case .duration(let range):
            "a duration from \(UnitText.text(range.lowerBound)) to \(UnitText.text(range.upperBound)), "
                + "such as 500ms, 20s or 2m"
        case .byteCount(let range):
            "a size from \(UnitText.text(byteCount: range.lowerBound)) to "
                + "\(UnitText.text(byteCount: range.upperBound)), such as 64MiB"
        case .properties: "a mapping of names to values"
        }
    }
}
