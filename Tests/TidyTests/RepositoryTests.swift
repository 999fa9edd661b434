// What lies where in the repository, and that it speaks of itself alone.
import Foundation
import Testing

@Suite struct RepositoryTests {
    @Test func theTopLevelHoldsOnlyWhatBelongsThere() throws {
        // Package.resolved is written by the package manager and ignored by git.
        let allowed: Set<String> = [
            "Package.swift", "Package.resolved", "Sources", "Tests", "Deploy", "Schemas", "README.md", "LICENSE",
        ]
        for entry in try FileManager.default.contentsOfDirectory(atPath: SourceTree.root.path(percentEncoded: false)) {
            #expect(entry.hasPrefix(".") || allowed.contains(entry), "\(entry) does not belong at the top level")
        }
    }

    @Test func scriptsCanBeExecuted() {
        let files = ["Deploy", "Tests", ".ci"].flatMap { SourceTree.files(under: $0) }
        let withInterpreter = files.filter { $0.lines.first?.hasPrefix("#!") == true }
        for expected in ["Deploy/demo", "Deploy/test", ".ci/run"] {
            #expect(withInterpreter.contains { $0.path == expected }, "\(expected) is missing")
        }
        for script in withInterpreter {
            #expect(script.isExecutable, "\(script) is not executable: git update-index --chmod=+x \(script)")
        }
    }

    /// A path of one person's machine means nothing on another's.
    @Test func noFileKnowsAMachine() throws {
        let path = try Regex(#"(?:^|[\s"'(=:])/(?:work/|root/|home/\w+/\w|Users/\w+/)"#)
        let endings: Set<String> = ["swift", "md", "json", "yaml", "yml", "sql", "c", "h", "py", "sh", "modulemap", ""]
        for folder in ["Sources", "Tests", "Deploy", "Schemas", ".ci"] {
            for file in SourceTree.files(under: folder, endings: endings) where file.target != "TidyTests" {
                for (number, line) in zip(1..., file.lines) where line.contains(path) {
                    Issue.record("\(file):\(number) names a path of one machine")
                }
            }
        }
    }

    @Test func decisionRecordsAreComplete() {
        let records = SourceTree.files(under: "Sources/winnow/Documentation.docc/Decisions", endings: ["md"])
        var numbers: [String: String] = [:]
        for record in records {
            let number = String(record.name.prefix(4))
            #expect(
                record.name.wholeMatch(of: #/\d{4}-[a-z0-9-]+\.md/#) != nil,
                "\(record) is not named like 0042-short-title.md")
            #expect(numbers[number] == nil, "\(record) has the number of \(numbers[number] ?? "")")
            numbers[number] = record.name
            #expect(record.lines.first?.hasPrefix("# ") == true, "\(record) has no title")
            // As a heading or as the bold words that open a paragraph.
            let leads = record.lines.filter { $0.hasPrefix("#") || $0.hasPrefix("**") }.map { $0.lowercased() }
            for part in ["problem", "choice"] {
                #expect(leads.contains { $0.contains(part) }, "\(record) has no part \"\(part)\"")
            }
            #expect(leads.count > 3, "\(record) gives no options, reasons or figures")
        }
    }

    @Test func linksBetweenDocumentsLeadSomewhere() {
        let documents = SourceTree.files(under: "Sources/winnow/Documentation.docc", endings: ["md"])
            + SourceTree.files(under: "Deploy", endings: ["md"]) + SourceTree.files(under: "Schemas", endings: ["md"])
            + [SourceFile(SourceTree.root.appending(path: "README.md"))]
        for document in documents {
            for match in (document.text ?? "").matches(of: #/\]\(([^)#\s]+)[^)]*\)/#) {
                let target = String(match.1)
                guard !target.contains(":"), !target.hasPrefix("<") else { continue }
                let file = document.location.deletingLastPathComponent().appending(path: target)
                #expect(
                    FileManager.default.fileExists(atPath: file.path(percentEncoded: false)),
                    "\(document) links to \(target), which is not there")
            }
        }
    }
}
