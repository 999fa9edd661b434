// The time stamps of X's API v1.1, `Wed Apr 06 19:13:37 +0000 2011`, brought into the form of ISO 8601.

extension FeedTime {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Day of the week, month, day, time, offset, year; the day of the week is not looked at.
    package static func wordedDate(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, let month = months.firstIndex(of: String(parts[1])), parts[2].utf8.count <= 2 else { return nil }
        func twoDigits(_ text: String) -> String { text.utf8.count == 1 ? "0" + text : text }
        return iso8601(
            "\(parts[5])-\(twoDigits(String(month + 1)))-\(twoDigits(String(parts[2])))T\(parts[3])\(parts[4])")
    }
}
