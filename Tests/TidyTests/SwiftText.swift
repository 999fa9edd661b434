// Swift lines without their comments and string literals, so that a rule about code is not broken by words.
// No parser: good enough for the line-wise rules of these tests, and it never reads more than one file at a time.

struct SwiftText: Sendable {
    /// One element a line of the file: what is code in it.
    let code: [String]
    /// One element a line: the comment in it, without the slashes; empty where there is none.
    let comments: [String]
    /// One element a line: whether it lies inside a text of several lines.
    let isLiteral: [Bool]

    init(_ lines: [String]) {
        var code: [String] = []
        var comments: [String] = []
        var isLiteral: [Bool] = []
        var isInMultilineString = false
        for line in lines {
            isLiteral.append(isInMultilineString)
            if line.contains("\"\"\"") {
                // An opening or closing line holds code outside the quotes at most before or after them.
                let parts = line.components(separatedBy: "\"\"\"")
                if parts.count == 2 {
                    code.append(isInMultilineString ? parts[1] : Self.split(parts[0]).code)
                    isInMultilineString.toggle()
                } else {
                    code.append("")
                }
                comments.append("")
                continue
            }
            if isInMultilineString {
                code.append("")
                comments.append("")
                continue
            }
            let pieces = Self.split(line)
            code.append(pieces.code)
            comments.append(pieces.comment)
        }
        self.code = code
        self.comments = comments
        self.isLiteral = isLiteral
    }

    private static func split(_ line: String) -> (code: String, comment: String) {
        var code = ""
        var isInString = false
        var isEscaped = false
        var previous: Character = " "
        for (position, character) in line.enumerated() {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    isInString = false
                    code.append("\"")
                }
            } else if character == "\"" {
                isInString = true
                code.append("\"")
            } else if character == "/", previous == "/" {
                code.removeLast()
                let comment = line.dropFirst(position + 1).drop { $0 == "/" || $0 == " " }
                return (code, String(comment))
            } else {
                code.append(character)
            }
            previous = isInString ? " " : character
        }
        return (code, "")
    }

    /// The comment that belongs to a line: on it, on the line below, or on the unbroken comment and attribute lines above.
    func commentary(at line: Int) -> String {
        var words = [comments[line]]
        if line + 1 < code.count, code[line + 1].trimmed.isEmpty { words.append(comments[line + 1]) }
        var above = line - 1
        while above >= 0 {
            let trimmed = code[above].trimmed
            guard trimmed.isEmpty || trimmed.hasPrefix("@") else { break }
            if trimmed.isEmpty, comments[above].isEmpty { break }
            words.append(comments[above])
            above -= 1
        }
        return words.joined(separator: " ")
    }
}

extension String {
    var trimmed: String {
        let withoutStart = drop { $0 == " " || $0 == "\t" }
        var end = withoutStart.endIndex
        while end > withoutStart.startIndex {
            let before = withoutStart.index(before: end)
            guard withoutStart[before] == " " || withoutStart[before] == "\t" else { break }
            end = before
        }
        return String(withoutStart[..<end])
    }
}
