// Constructs that hide faults: each with what to do in its place.
import Foundation
import Testing

@Suite struct BannedCodeTests {
    /// What is banned, as a regular expression over code without comments and strings, and the way round.
    private static let everywhere: [(pattern: String, advice: String)] = [
        (#"Task\.detached"#, "give the work an owner that waits for it: a thread of its own or a child task"),
        (#"Thread\.sleep|\b(usleep|nanosleep)\(|(^|[^.\w])sleep\("#, "wait on a condition with a deadline"),
        (#"\btry!"#, "throw, or handle the error"),
        (#"\bfatalError\("#, "throw for the world's faults, use precondition for our own"),
        (#"\bas!"#, "use as? and say what happens otherwise"),
        (#"^\s*(package |internal |public )?import XCTest\b"#, "write tests with swift-testing"),
    ]

    @Test func bannedCallsAreNotMade() throws {
        for rule in Self.everywhere {
            let expression = try Regex(rule.pattern)
            for file in SourceTree.swiftSources + SourceTree.swiftTests where file.target != "TidyTests" {
                for (number, code) in zip(1..., file.swift.code) where code.contains(expression) {
                    Issue.record("\(file):\(number) uses \(rule.pattern): \(rule.advice)")
                }
            }
        }
    }

    @Test func onlyTheCommandLinePrints() throws {
        let printing = try Regex(#"(^|[^.\w])(print|debugPrint|dump)\("#)
        for file in SourceTree.swiftSources where file.target != "winnow" {
            for (number, code) in zip(1..., file.swift.code) where code.contains(printing) {
                Issue.record("\(file):\(number) prints: libraries report through events and logs")
            }
        }
    }

    @Test func blockingWorkHasItsOwnThread() {
        for file in SourceTree.swiftSources {
            for (number, code) in zip(1..., file.swift.code) where code.contains("DispatchQueue.global") {
                Issue.record("\(file):\(number) uses the shared pool: blocking work runs on a thread of its own")
            }
        }
    }

    @Test func nothingIsPutOff() throws {
        let mark = try Regex(#"\b(TODO|FIXME|XXX|HACK)\b"#)
        for file in SourceTree.swiftSources + SourceTree.swiftTests where file.target != "TidyTests" {
            for (number, comment) in zip(1..., file.swift.comments) where comment.contains(mark) {
                Issue.record("\(file):\(number) puts work off: do it, or file an issue and say what holds today")
            }
        }
    }

    /// Where the compiler's proof is switched off, a comment gives ours.
    @Test func uncheckedSharingIsProved() {
        let proofs = ["sendable", "because", "safe", "lock", "thread", "only read", "guard", "never changes", "touched by"]
        for file in SourceTree.swiftSources + SourceTree.swiftTests where file.target != "TidyTests" {
            let text = file.swift
            for (index, code) in text.code.enumerated()
            where code.contains("@unchecked Sendable") || code.contains("nonisolated(unsafe)") {
                let comment = text.commentary(at: index).lowercased()
                #expect(
                    proofs.contains { comment.contains($0) },
                    """
                    \(file):\(index + 1) switches the check of sharing off without a proof: the comment above it must \
                    say why it is safe (one of the words \(proofs.joined(separator: ", ")))
                    """)
            }
        }
    }

    @Test func placeholdersAreGone() {
        for file in SourceTree.swiftSources + SourceTree.swiftTests where file.name == "Placeholder.swift" {
            Issue.record("\(file) stands in for nothing any more: delete it")
        }
    }
}
