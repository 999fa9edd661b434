// The page about dead letters names every reason that the code can give, and no other.
import Foundation
import Testing

@Suite struct DeadLetterPageTests {
    @Test func thePageNamesEveryReason() throws {
        var reasons: Set<String> = []
        for file in SourceTree.swiftSources {
            for line in file.lines {
                for match in line.matches(of: #/RejectionReason\(rawValue: "([a-z_]+)"\)/#) { reasons.insert(String(match.1)) }
            }
        }
        #expect(reasons.count >= 11, "the reasons were not found: has their declaration changed?")
        let page = SourceFile(SourceTree.root.appending(path: "Sources/winnow/Documentation.docc/DeadLetters.md"))
        var named: Set<String> = []
        for line in page.lines {
            // A row of the table of reasons: | `reason` | what it means | what to do |
            if let match = line.prefixMatch(of: #/\| `([a-z_]+)` \| [^|]+ \| [^|]+ \|/#) { named.insert(String(match.1)) }
        }
        #expect(named == reasons, "DeadLetters.md and the code name other reasons")
    }
}
