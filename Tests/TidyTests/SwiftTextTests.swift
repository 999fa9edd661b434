// The reader of the tidy tests is itself tested: a rule that sees nothing finds nothing.
import Testing

@Suite struct SwiftTextTests {
    @Test func codeCommentsAndStringsAreToldApart() {
        let text = SwiftText([
            #"let a = "try! // no" // a try! in words"#,
            #"let b = "\"//" + c"#,
            "/// Sendable: guarded by a lock.",
            "@frozen",
            "final class D: @unchecked Sendable {",
            #"let e = """"#, "try! not code", #"""""#, "try! code",
        ])
        #expect(text.code[0] == #"let a = "" "#)
        #expect(text.comments[0] == "a try! in words")
        #expect(text.code[1] == #"let b = "" + c"#)
        #expect(text.commentary(at: 4).contains("guarded by a lock"))
        #expect(text.code[6].isEmpty)
        #expect(text.code[8] == "try! code")
    }

    @Test func theTreeIsFound() {
        #expect(SourceTree.swiftSources.contains { $0.path == "Sources/winnow/Winnow.swift" })
        #expect(SourceTree.swiftTests.contains { $0.path == "Tests/TidyTests/SwiftTextTests.swift" })
    }
}
