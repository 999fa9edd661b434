// What a log line looks like, for people and for machines. Control characters are escaped: no message forges a line.
internal import Foundation
internal import Logging

enum LogLine {
    /// `2026-07-04T14:38:06.240Z warning kafka: a broker is away broker=3`
    static func text(
        _ level: Logger.Level, _ label: String, _ message: String, _ metadata: [(name: String, value: String)],
        at time: Date = Date()
    ) -> String {
        let pairs = metadata.map { pair in
            let isPlain = !pair.value.isEmpty && !pair.value.contains { $0 == " " || $0 == "\"" || $0 == "=" }
            return " \(pair.name)=" + (isPlain ? escaped(pair.value) : JSONText.quoted(pair.value))
        }
        return "\(timestamp(time)) \(level.rawValue) \(label): \(escaped(message))\(pairs.joined())\n"
    }

    static func json(
        _ level: Logger.Level, _ label: String, _ message: String, _ metadata: [(name: String, value: String)],
        at time: Date = Date()
    ) -> String {
        var fields: [(name: String, value: String)] = [
            ("time", timestamp(time)), ("level", level.rawValue), ("logger", label), ("message", message),
        ]
        let taken = Set(fields.map(\.name))
        fields += metadata.map { (taken.contains($0.name) ? "field_\($0.name)" : $0.name, $0.value) }
        return "{\(fields.map { "\(JSONText.quoted($0.name)):\(JSONText.quoted($0.value))" }.joined(separator: ","))}\n"
    }

    private static func timestamp(_ time: Date) -> String {
        let milliseconds = Int64((time.timeIntervalSince1970 * 1_000).rounded(.down))
        var seconds = time_t(milliseconds / 1_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ number: Int, _ width: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let day =
            "\(padded(Int(parts.tm_year) + 1_900, 4))-\(padded(Int(parts.tm_mon) + 1))-\(padded(Int(parts.tm_mday)))"
        let clock = "\(padded(Int(parts.tm_hour))):\(padded(Int(parts.tm_min))):\(padded(Int(parts.tm_sec)))"
        return "\(day)T\(clock).\(padded(Int(milliseconds % 1_000), 3))Z"
    }

    private static func escaped(_ text: String) -> String {
        // Within quotes everything that could end a line or move a terminal's cursor is escaped already.
        let needsEscape = text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
        return needsEscape ? String(JSONText.quoted(text).dropFirst().dropLast()) : text
    }
}
