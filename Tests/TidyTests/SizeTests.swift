// How long files, lines and functions may be. A limit that nobody measures is no limit.
import Testing

private let sourceFileLimit = 400
private let testFileLimit = 500
private let functionLimit = 70
private let lineAim = 120
private let lineLimit = 132
private let textLineLimit = 140

@Suite struct SizeTests {
    @Test func filesStayShort() {
        for (files, limit) in [(SourceTree.swiftSources, sourceFileLimit), (SourceTree.swiftTests, testFileLimit)] {
            for file in files where !file.isGenerated {
                let count = file.lines.count
                #expect(count <= limit, "\(file) has \(count) lines, at most \(limit) are allowed: split it by purpose")
            }
        }
    }

    /// Aim at `lineAim`; this is where it ends. Long addresses and texts of several lines are left as they are.
    @Test func linesStayShort() {
        for file in SourceTree.swiftSources + SourceTree.swiftTests where !file.isGenerated {
            for (index, line) in file.lines.enumerated() where line.count > lineLimit {
                guard !line.contains("://"), !file.swift.isLiteral[index] else { continue }
                let limit = line.contains("\"") ? textLineLimit : lineLimit
                guard line.count > limit else { continue }
                Issue.record("\(file):\(index + 1) has \(line.count) characters, at most \(limit); aim at \(lineAim)")
            }
        }
    }

    @Test func functionsStayShort() {
        for file in SourceTree.swiftSources + SourceTree.swiftTests where !file.isGenerated {
            for function in functions(in: file.swift.code) {
                #expect(
                    function.length <= functionLimit,
                    "\(file):\(function.line) is \(function.length) lines long, at most \(functionLimit) are allowed")
            }
        }
    }

    @Test func everyFileSaysWhatItIsFor() {
        for file in SourceTree.swiftSources + SourceTree.swiftTests {
            let first = file.lines.first ?? ""
            #expect(first.hasPrefix("//"), "\(file) does not open with a comment that says what it is for")
        }
    }

    /// From the line of `func` or `init` to the line of its closing brace.
    private func functions(in code: [String]) -> [(line: Int, length: Int)] {
        var found: [(line: Int, length: Int)] = []
        for (start, line) in code.enumerated() where declaresFunction(line) {
            var depth = 0
            var hasOpened = false
            for position in start ..< code.count {
                for character in code[position] {
                    if character == "{" { depth += 1; hasOpened = true }
                    if character == "}" { depth -= 1 }
                }
                // A protocol's requirement has no body: the next declaration or closing brace ends the search.
                if !hasOpened, position > start, declaresFunction(code[position]) || depth < 0 { break }
                if hasOpened, depth <= 0 {
                    found.append((start + 1, position - start + 1))
                    break
                }
            }
        }
        return found
    }

    private func declaresFunction(_ line: String) -> Bool {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "(" || $0 == "<" })
        guard let keyword = words.firstIndex(where: { ["func", "init", "init?"].contains($0) }) else { return false }
        let before: Set<Substring> = [
            "package", "private", "fileprivate", "internal", "public", "static", "mutating", "consuming", "borrowing",
            "override", "convenience", "required", "nonisolated", "@Test", "@inline", "@discardableResult",
        ]
        return words[..<keyword].allSatisfy { before.contains($0) || $0.hasSuffix(")") || $0.hasPrefix("@") }
    }
}
