// The form under which mentions are counted together.

enum EntityName {
    /// An index entry must stay under 2,700 bytes: 200 characters of at most 4 bytes do.
    static let longest = 200

    /// Lower case, white space collapsed to single spaces, at most 200 code points.
    static func normalized(_ name: String) -> String {
        var result = String.UnicodeScalarView()
        var count = 0
        var isPendingSpace = false
        for scalar in name.lowercased().unicodeScalars {
            if scalar.properties.isWhitespace {
                isPendingSpace = count > 0
                continue
            }
            if isPendingSpace {
                result.append(" ")
                count += 1
                isPendingSpace = false
            }
            result.append(scalar)
            count += 1
            if count >= longest { break }
        }
        return String(result)
    }
}
