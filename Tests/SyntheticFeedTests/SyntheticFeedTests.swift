// The synthetic feed is a fixture of other tests and the input of the demo: varied, repeatable and well-formed.
import Foundation
import Posts
import SyntheticFeed
import Testing

private let start = Timestamp(microseconds: 1_783_175_888_090_631)

private func events(_ count: Int, seed: UInt64 = 1, mix: FeedMix = .demonstration) -> [SyntheticEvent] {
    var feed = SyntheticFeed(seed: seed, mix: mix)
    return (0 ..< count).map { feed.next(at: Timestamp(microseconds: start.microseconds + Int64($0) * 1_000)) }
}

private func object(_ event: SyntheticEvent) throws -> [String: Any] {
    let parsed = try JSONSerialization.jsonObject(with: Data(event.document))
    return try #require(parsed as? [String: Any])
}

/// Escapes that strict readers refuse; they are in the feed on purpose.
private func isStrictlyReadable(_ event: SyntheticEvent) -> Bool {
    let text = String(decoding: event.document, as: UTF8.self)
    return event.kind != .malformed && !["\\ud83d", "\\udc00", "\\u0000"].contains { text.contains($0) }
}

@Test func theSameSeedGivesTheSameBytes() {
    #expect(events(3_000, seed: 42).map(\.document) == events(3_000, seed: 42).map(\.document))
    #expect(events(50, seed: 42).map(\.document) != events(50, seed: 43).map(\.document))
}

@Test func postsAreDistinct() {
    let texts = events(4_000, mix: .postsOnly).compactMap { $0.post?.text }
    #expect(texts.count == 4_000)
    #expect(Set(texts).count == texts.count)
    #expect(texts.allSatisfy { !$0.isEmpty && $0.unicodeScalars.count <= 400 })
}

@Test func aDemonstrationHoldsHundredsOfDistinctPosts() {
    let texts = events(1_500).filter { $0.kind == .post }.compactMap { $0.post?.text }
    #expect(Set(texts).count >= 600)
}

@Test func everyKindMoodSubjectAndManyLanguagesOccur() {
    let all = events(6_000)
    #expect(Set(all.map(\.kind)) == Set(SyntheticEvent.Kind.allCases))
    let posts = all.compactMap(\.post)
    #expect(Set(posts.map(\.mood)) == Set(PostMood.allCases))
    #expect(Set(posts.map(\.subject)) == Set(PostSubject.allCases))
    #expect(Set(posts.compactMap(\.language)).count >= 15)
    let english = posts.filter { $0.language == "en" }.count
    #expect((0.55 ... 0.85).contains(Double(english) / Double(posts.count)))
}

@Test func postsCarryWhatTheMaskIsFor() {
    let texts = events(3_000).compactMap { $0.post?.text }
    for needle in ["https://", "@", "#", "RT @", "$"] {
        #expect(texts.contains { $0.contains(needle) }, "no post contains \(needle)")
    }
    // Joined emoji, variation selectors, skin tones, flags.
    for scalar: Unicode.Scalar in ["\u{200D}", "\u{FE0F}", "\u{1F3FF}", "\u{1F1EF}"] {
        #expect(texts.contains { $0.unicodeScalars.contains(scalar) }, "no post contains U+\(scalar.value)")
    }
    #expect(!texts.contains { $0.contains("{") || $0.contains("}") }, "a gap of a template was left unfilled")
    #expect(!texts.contains { $0.contains("  ") })
}

@Test func documentsHaveTheFeedsShape() throws {
    var readable = 0
    for event in events(3_000) where isStrictlyReadable(event) {
        readable += 1
        let document = try object(event)
        #expect(document["did"] as? String == event.key)
        #expect(document["time_us"] is Int)
        let kind = try #require(document["kind"] as? String)
        #expect(document[kind] is [String: Any])
        guard let post = event.post else { continue }
        let commit = try #require(document["commit"] as? [String: Any])
        #expect(commit["operation"] as? String == (event.kind == .edit ? "update" : "create"))
        let recordKey = try #require(commit["rkey"] as? String)
        #expect(event.postKey == "at://\(event.key)/app.bsky.feed.post/\(recordKey)")
        let record = try #require(commit["record"] as? [String: Any])
        #expect(record["text"] as? String == post.text)
        try checkFacets(of: record, text: post.text)
    }
    #expect(readable > 2_900)
}

private func checkFacets(of record: [String: Any], text: String) throws {
    let bytes = Array(text.utf8)
    for facet in record["facets"] as? [[String: Any]] ?? [] {
        let index = try #require(facet["index"] as? [String: Int])
        let range = try #require(index["byteStart"]) ..< (try #require(index["byteEnd"]))
        #expect(range.upperBound <= bytes.count)
        let stretch = String(decoding: bytes[range], as: UTF8.self)
        let feature = try #require((facet["features"] as? [[String: Any]])?.first)
        switch feature["$type"] as? String {
        case "app.bsky.richtext.facet#tag": #expect(stretch == "#\(feature["tag"] ?? "")")
        case "app.bsky.richtext.facet#mention": #expect(stretch.hasPrefix("@"))
        default: #expect(stretch.contains(".example"))
        }
    }
}

@Test func malformedDocumentsAreMalformed() throws {
    let malformed = events(6_000).filter { $0.kind == .malformed }
    #expect(malformed.count > 10)
    var unreadable = 0
    for event in malformed {
        guard let document = try? object(event) else {
            unreadable += 1
            continue
        }
        let commit = try #require(document["commit"] as? [String: Any])
        let record = try #require(commit["record"] as? [String: Any])
        #expect(!(record["text"] is String))
    }
    #expect(unreadable > 0 && unreadable < malformed.count)
}

@Test func revisionsRiseAndEditsAndDeletesNameLivingPosts() throws {
    var living: Set<String> = []
    var owner: [String: String] = [:]
    var lastRevision = ""
    var seen: Set<SyntheticEvent.Kind> = []
    for event in events(6_000) {
        seen.insert(event.kind)
        if isStrictlyReadable(event), let commit = try object(event)["commit"] as? [String: Any] {
            let revision = try #require(commit["rev"] as? String)
            #expect(revision > lastRevision)
            lastRevision = revision
        }
        if event.kind == .accountDeleted { living = living.filter { owner[$0] != event.key } }
        guard let key = event.postKey else { continue }
        switch event.kind {
        case .post:
            #expect(living.insert(key).inserted)
            owner[key] = event.key
        case .edit: #expect(living.contains(key))
        case .delete: #expect(living.remove(key) != nil)
        default: Issue.record("\(event.kind) has no post key")
        }
    }
    #expect(seen.contains(.edit) && seen.contains(.delete) && seen.contains(.accountDeleted))
}

@Test func theFirehoseMixIsMostlyNoPosts() {
    let posts = events(5_000, mix: .firehose).filter { $0.kind == .post }.count
    #expect((300 ... 1_000).contains(posts))
}

@Test func timesAreWrittenAsTheFeedWritesThem() throws {
    var feed = SyntheticFeed(seed: 5, mix: .postsOnly)
    let document = String(decoding: feed.next(at: start).document, as: UTF8.self)
    #expect(document.contains("\"createdAt\":\"2026-07-04T14:38:08.090Z\""))
    #expect(document.contains("\"time_us\":1783175888090631"))
}
