// Durations and sizes as people write them: `20s`, `500ms`, `64MiB`. Both ways, for reading and for the sample.

enum UnitText {
    private static let durationUnits: [(name: String, milliseconds: Int)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]
    private static let sizeUnits: [(name: String, bytes: Int)] = [
        ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
        ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000),
    ]

    /// A whole number and one of ms, s, m, h, d. Nil for anything else: a number without unit would be a guess.
    static func duration(_ text: String) -> Duration? {
        scaled(text, durationUnits.map { ($0.name, $0.milliseconds) }).map { .milliseconds($0) }
    }

    /// A whole number and one of B, KiB, MiB, GiB, kB, MB, GB; bytes where there is no unit.
    static func byteCount(_ text: String) -> Int? {
        Int(text) ?? scaled(text, sizeUnits.map { ($0.name, $0.bytes) })
    }

    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
        guard milliseconds != 0 else { return "0s" }
        let unit = durationUnits.last { milliseconds % $0.milliseconds == 0 } ?? durationUnits[0]
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }

    static func text(byteCount: Int) -> String {
        guard byteCount != 0 else { return "0B" }
        let unit = sizeUnits.prefix(4).last { byteCount % $0.bytes == 0 } ?? sizeUnits[0]
        return "\(byteCount / unit.bytes)\(unit.name)"
    }

    private static func scaled(_ text: String, _ units: [(name: String, factor: Int)]) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text[digits.endIndex...].drop { $0 == " " }
        guard let number = Int(digits), let factor = units.first(where: { $0.name == unit })?.factor else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }
}
