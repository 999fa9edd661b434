// How tables write shares and columns.

enum PercentText {
    /// `71.3 %`
    static func of(_ share: Double) -> String { "\(tenths(share)) %" }

    /// `+0.4`: a difference of shares in percentage points.
    static func points(_ difference: Double) -> String {
        let text = tenths(difference)
        return difference < 0 || text == "0.0" ? text : "+" + text
    }

    private static func tenths(_ share: Double) -> String {
        let tenths = Int((share * 1000).rounded())
        return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }

    static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
