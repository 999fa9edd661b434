// A record with several documents on its way through the process: posts wait for their answers in place, and what is
// condemned keeps each document apart.
import Posts
import StreamCore
import StreamPipeline
import Testing

@Suite struct InFlightRecordTests {
    private static let page =
        #"{"data":[{"id":"1","text":"one","author_id":"7"},{"delete":{"tweet":{"id":"2"}}},{"id":"3"},{"id":"4","username":"u"},"#
        + #"{"id":"5","text":"five"},{"user_delete":{"user":{"id":"8"}}}]}"#

    private func inFlight(_ json: String) -> (record: InFlightRecord<Int>, tokenCount: Int?) {
        let partition = TopicPartition(topic: "feed", partition: 0)
        let source = SourceRecord(
            position: SourcePosition(topicPartition: partition, offset: 9), timestamp: nil, key: nil, value: Array(json.utf8))
        var record = InFlightRecord<Int>(record: source, polledAt: Timestamp(microseconds: 1))
        let count = record.take(
            PreparedRecord(PostDecoder(format: .x2).decode(source), of: source) { ($0.text.utf8.count, $0.text.utf8.count) })
        return (record, count)
    }

    private func enrichment(_ text: String) -> Enrichment {
        Enrichment(
            language: text, sentiment: nil, topic: nil, entities: [], mask: MaskSummary(keptShare: 1, dropped: []),
            model: ModelVersion(name: "m", version: "1", weightsHash: "0"))
    }

    private func kinds(_ record: InFlightRecord<Int>) -> [String] {
        record.deliverable.content.parts.map { part in
            switch part {
            case .post(let post, let enrichment): "post \(post.key.key) \(enrichment.language ?? "")"
            case .delete(let deletion): "delete \(deletion.key.key)"
            case .account(let change): "\(change.kind) \(change.account)"
            case .skipped(let reason): reason.rawValue
            case .dead(let letter):
                "\(letter.rejection.reason.rawValue) \(letter.rejection.key?.key ?? letter.rejection.author ?? "-") "
                    + String(decoding: letter.record.value ?? [], as: UTF8.self)
            case .several: "nested"
            }
        }
    }

    @Test func postsGetTheirAnswersInPlace() {
        var (record, tokenCount) = inFlight(Self.page)
        #expect(tokenCount == 7)
        #expect(record.waitingPosts.map(\.tokens) == [3, 4])
        record.finish { enrichment($0.text) }
        #expect(
            kinds(record) == [
                "post 1 one", "delete 2", #"missing_text 3 {"data":{"id":"3"}}"#, "other_event", "post 5 five", "purge 8",
            ])
        #expect(record.deliverable.offset == 9)
    }

    @Test func withoutPostsNothingWaits() {
        let (record, tokenCount) = inFlight(#"{"data":[{"delete":{"tweet":{"id":"2"}}},{"id":"4","username":"u"}]}"#)
        #expect(tokenCount == nil)
        #expect(record.waitingPosts.isEmpty)
        #expect(kinds(record) == ["delete 2", "other_event"])
    }

    @Test(arguments: [false, true])
    func whatIsCondemnedKeepsDocumentsApart(isFinished: Bool) {
        var (record, _) = inFlight(Self.page)
        if isFinished { record.finish { enrichment($0.text) } }
        let dead = record.condemned(Rejection(reason: .databaseRefusedData, detail: "refused"))
        #expect(
            kinds(dead) == [
                #"database_data 1 {"data":{"id":"1","text":"one","author_id":"7"}}"#,
                #"database_data 2 {"data":{"delete":{"tweet":{"id":"2"}}}}"#, #"missing_text 3 {"data":{"id":"3"}}"#, "other_event",
                #"database_data 5 {"data":{"id":"5","text":"five"}}"#, #"database_data 8 {"data":{"user_delete":{"user":{"id":"8"}}}}"#,
            ])
    }

    @Test func oneDocumentIsCondemnedWhole() {
        let json = #"{"data":{"id":"1","text":"one"}}"#
        let (record, tokenCount) = inFlight(json)
        #expect(tokenCount == 3)
        let dead = record.condemned(Rejection(reason: .databaseRefusedData, detail: "refused"))
        #expect(kinds(dead) == ["database_data 1 \(json)"])
    }
}
