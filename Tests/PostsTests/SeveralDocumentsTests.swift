// Records that hold more than one document, in every form that feeds and collectors write.
import Foundation
import Posts
import Testing

struct SeveralDocumentsTests {
    private static let first = #"{"id":"1","text":"a"}"#
    private static let second = #"{"id":"2","text":"b"}"#

    private func kinds(_ json: String, _ format: PostFormat = .generic, _ instances: [String] = []) -> String {
        Decoding.decode(Array(json.utf8), format, instances: instances).kind
    }

    @Test(arguments: [
        (first + "\n" + second, "upsert upsert"), (first + "\r\n\r\n" + second + "\n", "upsert upsert"),
        ("\u{FEFF}" + first + "\n" + second, "upsert upsert"), ("[\(first),\(second)]", "upsert upsert"),
        ("[\(first)]", "upsert"), (first + "\n", "upsert"),
        ("[\(first),7,[\(second)]]", "upsert rejected(not_an_object) rejected(not_an_object)"),
        (first + "\n{\"id\":\n" + second, "upsert rejected(malformed_json) upsert"), ("[\(first)]\n" + second, "upsert upsert"),
        ("[\(first),\(second)]\n\(first)", "upsert upsert upsert"), (first + "\n\"x", "rejected(malformed_json)"),
        (first + second, "rejected(malformed_json)"), ("{\n\"id\":\"1\",\n\"text\":", "rejected(malformed_json)"),
        ("[\(first),", "rejected(malformed_json)"),
    ])
    func generic(json: String, expected: String) {
        #expect(kinds(json) == expected)
        #expect(kinds(json, .auto) == expected)
    }

    @Test func pagesOfX() {
        let page = #"{"data":[{"id":"1","text":"a"},{"id":"2"},{"id":"3","name":"n","username":"u"}],"meta":{}}"#
        for format in [PostFormat.x2, .auto] {
            let documents = Decoding.decode(page, format).documents
            #expect(documents.map(\.content.kind) == ["upsert", "rejected(missing_text)", "skipped(other_event)"])
            #expect(documents.first?.content.post?.key == PostKey(platform: "x", key: "1"))
            #expect(kinds(page + "\n" + page, format).split(separator: " ").count == 6)
        }
        let deletes = #"{"data":[\#(#"{"delete":{"tweet":{"id":"1"}}}"#),\#(#"{"user_delete":{"user":{"id":"7"}}}"#)]}"#
        #expect(kinds(deletes, .x2) == "delete purge")
        let statuses = "[\(XFixtures.status),\(XFixtures.delete)]"
        #expect(kinds(statuses, .x1) == "upsert delete" && kinds(statuses, .auto) == "upsert delete")
    }

    /// A dead letter holds one of several frames and is taken in again by itself.
    @Test func aFrameBehindALineOfNothingIsAFrameAlone() throws {
        let value = "data: 1\n\nscrap\nevent: delete\ndata: 2\n\n"
        let position = SourcePosition(topicPartition: TopicPartition(topic: "t", partition: 0), offset: 1)
        let record = SourceRecord(position: position, timestamp: nil, key: nil, value: Array(value.utf8))
        let decoder = PostDecoder(format: .mastodon)
        guard case .several(let documents) = decoder.decode(record) else {
            Issue.record("two frames are two documents")
            return
        }
        let second = try #require(documents.last?.place.record(of: record))
        #expect(String(decoding: second.value ?? [], as: UTF8.self) == "event: delete\ndata: 2\n\n")
    }

    /// As the only document of a response it is rejected too.
    @Test func anElementOfAPageIsAPostWhateverItLacks() {
        let page = #"{"data":[{"id":"1","text":"a"},{"kind":"x"},{"data":{"id":"2","text":"b"}}]}"#
        #expect(kinds(page, .x2) == "upsert rejected(missing_id) rejected(missing_id)")
        #expect(Decoding.decode(#"{"data":{"kind":"x"}}"#, .x2).rejection?.reason == .missingIdentifier)
    }

    @Test func severalFrames() {
        let stream = ":thump\n\n" + MastodonFixtures.frame("update", MastodonFixtures.local()) + MastodonFixtures.frame("delete", "111")
            + ":thump\n" + MastodonFixtures.frame("notification", "{}") + "event: status.update\ndata: {\n"
        let expected = "upsert delete skipped(other_event) rejected(malformed_json)"
        for format in [PostFormat.mastodon, .auto] { #expect(kinds(stream, format, ["home.example"]) == expected) }
    }

    @Test func feedsMayMixInAuto() {
        let lines = [JetstreamFixtures.create, XFixtures.stream, XFixtures.status, MastodonFixtures.status, Self.first]
        let documents = Decoding.decode(lines.joined(separator: "\n"), .auto).documents
        #expect(documents.map { $0.content.post?.key.platform } == ["bluesky", "x", "x", "mastodon", "generic"])
    }

    /// A dead letter of one document must not hold its neighbours, and must be that document again when it is taken in.
    @Test func eachDocumentHasItsOwnBytes() throws {
        let listing = #"{"kind":"Listing","data":{"children":[{"kind":"t1","data":{"name":"t1_a"}},"#
            + #"{"kind":"t1","data":{"name":"t1_b","body":"x"}}]}}"#
        let whole = #"{"data":[{"id":"1","text":"a"},{"id":"2","text":"b"}]}"#
        let page = #"{"data":[{"id":"1","text":"a"},{"id":"2"}]}"#
        let records: [(String, PostFormat)] = [
            (Self.first + "\n[" + Self.second + "," + Self.first + "]", .generic), (page, .x2), (page + "\n" + page, .x2),
            (whole + "\n" + whole, .auto),
            (listing, .reddit), ("[\(listing)]\n\(listing)", .auto), ("[1,\"two\",{}]", .x1),
            (MastodonFixtures.frame("update", MastodonFixtures.local()) + MastodonFixtures.frame("delete", "x!"), .mastodon),
        ]
        for (json, format) in records {
            let record = SourceRecord(position: Decoding.position, timestamp: nil, key: [1], value: Array(json.utf8))
            let documents = PostDecoder(format: format).decode(record).documents
            #expect(documents.count > 1, "\(json)")
            for document in documents {
                let alone = document.place.record(of: record)
                let again = PostDecoder(format: format).decode(alone)
                #expect(again.kind == document.content.kind, "\(String(decoding: alone.value ?? [], as: UTF8.self))")
                #expect(again.post?.key == document.content.post?.key && again.rejection?.key == document.content.rejection?.key)
                #expect((alone.value?.count ?? 0) < json.utf8.count)
                #expect(alone.position == record.position && alone.key == record.key)
            }
        }
    }

    @Test func theNumberOfDocumentsIsBounded() {
        let most = PostDecoder.mostDocuments
        func lines(_ count: Int) -> String { Array(repeating: Self.first, count: count).joined(separator: "\n") }
        func list(_ count: Int) -> String { "[" + Array(repeating: Self.first, count: count).joined(separator: ",") + "]" }
        #expect(Decoding.decode(lines(most)).documents.count == most)
        #expect(Decoding.decode(list(most)).documents.count == most)
        #expect(Decoding.decode(lines(most + 1)).rejection?.reason == .tooManyDocuments)
        #expect(Decoding.decode(list(most + 1)).rejection?.reason == .tooManyDocuments)
        #expect(Decoding.decode(list(most / 2) + "\n" + list(most)).rejection?.reason == .tooManyDocuments)
        let frames = String(repeating: "data: 1\n\n", count: most + 1)
        #expect(Decoding.decode(frames, .mastodon).rejection?.reason == .tooManyDocuments)
        // A million lines that cannot be read are one dead letter.
        #expect(Decoding.decode(String(repeating: "{\n", count: 1_000_000)).rejection?.reason == .tooManyDocuments)
    }

    @Test func blankRecords() {
        #expect(kinds("\r\n", .auto) == "skipped(keep_alive)" && kinds("", .auto) == "rejected(malformed_json)")
        for format in [PostFormat.x2, .x1, .mastodon, .reddit] { #expect(kinds("", format) == "skipped(keep_alive)") }
        for format in [PostFormat.generic, .jetstream] { #expect(kinds("\r\n", format) == "rejected(malformed_json)") }
    }

    @Test func emptyListsHoldNothing() {
        for format in [PostFormat.generic, .jetstream, .auto] { #expect(kinds("[]", format) == "rejected(not_an_object)") }
        for format in [PostFormat.x2, .x1, .mastodon, .reddit] { #expect(kinds("[]", format) == "skipped(empty_page)") }
    }
}
