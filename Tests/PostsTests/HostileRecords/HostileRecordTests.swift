// Tens of thousands of records that no feed should send, each with the outcome it must have; and valid text byte for byte.
import Foundation
import Posts
import Testing

@Suite struct HostileRecordTests {
    private static let perFeed: UInt64 = 30_000

    @Test func everyMutatedRecordHasItsOutcome() {
        run(JetstreamFeed(), GenericFieldPaths())
        run(GenericFeed(), GenericFeed.paths)
    }

    private func run(_ feed: some HostileFeed, _ paths: GenericFieldPaths) {
        let decoders = [feed.format, .auto].map { (format: $0, decoder: PostDecoder(format: $0, generic: paths)) }
        var seen: [DocumentMutation: Int] = [:]
        for seed in 0..<Self.perFeed {
            var random = TestRandom(seed: seed)
            let record = Self.record(feed, using: &random)
            seen[record.mutation, default: 0] += 1
            for (format, decoder) in decoders {
                let decoded = record.bytes.withUnsafeBufferPointer { decoder.decode($0, at: Decoding.position) }
                let expected = Self.outcome(record, format)
                guard Self.fits(decoded, expected) else {
                    Issue.record("\(format) seed \(seed), \(record.mutation): expected \(expected), got \(decoded)")
                    continue
                }
            }
        }
        // The generator does what it says: no mutation is left out.
        for mutation in DocumentMutation.allCases { #expect(seen[mutation, default: 0] > 200, "\(mutation)") }
    }

    private static func record(_ feed: some HostileFeed, using random: inout TestRandom) -> HostileRecord {
        let mutation = DocumentMutation.allCases.randomElement(using: &random)!
        let needsPost: Bool
        switch mutation {
        case .textMissing, .textNull, .textOfOtherType, .identifierMissing, .identifierOfOtherType, .identifierTooLong:
            needsPost = true
        default: needsPost = Int.random(in: 0..<4, using: &random) > 0
        }
        let document =
            needsPost
            ? feed.post(text: .any(pieces: Int.random(in: 0...8, using: &random), using: &random), using: &random)
            : feed.otherEvent(using: &random)
        return mutation.apply(to: document, of: feed, using: &random)
    }

    /// Blanks alone keep some streams open, and `auto` cannot know that this is none of them.
    private static func outcome(_ record: HostileRecord, _ format: PostFormat) -> ExpectedOutcome {
        let isBlank = record.mutation == .emptied && !record.bytes.isEmpty && record.bytes[0] != 0xEF
        return format == .auto && isBlank ? .skip(.keepAlive) : record.outcome
    }

    /// Compared byte by byte: Swift's strings are equal where Unicode's canonical forms are.
    private static func fits(_ decoded: DecodedRecord, _ expected: ExpectedOutcome) -> Bool {
        func same(_ one: String?, _ other: String?) -> Bool { one.map { Array($0.utf8) } == other.map { Array($0.utf8) } }
        switch (decoded, expected) {
        case (.event(.upsert(let post)), .post(let key, let author, let text, let language)):
            return same(post.key.key, key) && same(post.author, author) && Array(post.text.utf8) == text
                && same(post.language, language)
        case (.event(.delete(let deletion)), .deletion(let key, let author)):
            return same(deletion.key.key, key) && same(deletion.author, author)
        case (.event(.account(let change)), .account(let account, let kind)):
            return same(change.account, account) && change.kind == kind
        case (.skip(let reason), .skip(let expected)): return reason == expected
        case (.reject(let rejection), .rejection(let reason, let key)):
            return rejection.reason == reason && same(rejection.key?.key, key)
        case (.reject(let rejection), .damaged(let reason, let key)):
            return rejection.reason == reason && (rejection.key == nil || same(rejection.key?.key, key))
        // Lines that are whole documents are told from those that are damaged.
        case (.several(let documents), .damaged(let reason, _)):
            return documents.contains { document in
                if case .reject(let rejection) = document.content { rejection.reason == reason } else { false }
            }
        default: return false
        }
    }

    @Test func validTextSurvivesByteForByte() {
        let plain = PostDecoder(format: .text)
        for seed in 0..<5_000 as Range<UInt64> {
            var random = TestRandom(seed: seed)
            let text = HostileText.valid(pieces: Int.random(in: 1...12, using: &random), using: &random)
            for feed in [JetstreamFeed(), GenericFeed()] as [any HostileFeed] {
                let document = feed.post(text: text, using: &random)
                let bytes = WrittenDocument(document.root, using: &random).bytes(using: &random)
                let post = Decoding.decode(bytes, feed.format, GenericFeed.paths).post
                #expect(post.map { Array($0.text.utf8) } == text.stored, "\(feed.format), seed \(seed)")
            }
            let line = text.stored.withUnsafeBufferPointer { plain.decode($0, at: Decoding.position) }.post
            #expect(line.map { Array($0.text.utf8) } == text.stored, "seed \(seed)")
        }
    }

    @Test func aMegabyteOfAnyTextIsAText() {
        for seed in 0..<6 as Range<UInt64> {
            var random = TestRandom(seed: seed)
            let piece = seed % 2 == 0
                ? HostileText.valid(pieces: 40, using: &random) : HostileText.any(pieces: 40, using: &random)
            var text = HostileText()
            while text.wire.count < 1 << 20 { text.append(piece) }
            let document = GenericFeed().post(text: text, using: &random)
            let bytes = WrittenDocument(document.root, using: &random).bytes(using: &random)
            let post = Decoding.decode(bytes, .generic, GenericFeed.paths).post
            #expect(post.map { Array($0.text.utf8) } == text.stored, "seed \(seed)")
        }
    }

    /// The oracle itself: a decoder that does no more than Foundation's must not fit what is expected.
    @Test func theExpectationsAreNotEmpty() {
        var random = TestRandom(seed: 7)
        let text = HostileText.any(pieces: 400, using: &random)
        #expect(text.wire != text.stored)
        #expect(!text.stored.contains(0))
        #expect(String(validating: text.stored, as: UTF8.self) != nil)
        #expect(String(validating: text.wire, as: UTF8.self) == nil)
    }
}
