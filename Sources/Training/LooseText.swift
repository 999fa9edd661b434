// The form of a text that decides whether two data sets hold the same post: lower case, without links, handles, a
// leading RT, punctuation and white space. Data preparation and the leak guard must agree on it.

package struct LooseText: Hashable, Sendable {
    package let text: String

    package init(_ original: String) {
        var kept = String.UnicodeScalarView()
        var isFirstWord = true
        for word in original.lowercased().unicodeScalars.split(whereSeparator: \.properties.isWhitespace) {
            defer { isFirstWord = false }
            if isFirstWord, String(word) == "rt" { continue }
            LooseText.append(word, to: &kept)
        }
        text = String(kept)
    }

    /// Whether nothing is left that could identify a post.
    package var isEmpty: Bool { text.isEmpty }

    private static func append(_ word: Substring.UnicodeScalarView, to kept: inout String.UnicodeScalarView) {
        var index = word.startIndex
        while index < word.endIndex {
            let rest = String(word[index...])
            if rest.hasPrefix("http://") || rest.hasPrefix("https://") || rest.hasPrefix("www.") { return }
            let scalar = word[index]
            index = word.index(after: index)
            if scalar == "@" {
                while index < word.endIndex, isWordScalar(word[index]) || word[index] == "_" {
                    index = word.index(after: index)
                }
            } else if isWordScalar(scalar) {
                kept.append(scalar)
            }
        }
    }

    private static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || ("A"..."Z").contains(scalar)
        }
        // Emoji stay: a post may be nothing else.
        switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation, .control, .format:
            return false
        default: return true
        }
    }
}
