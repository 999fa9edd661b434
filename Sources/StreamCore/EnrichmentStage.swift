// The seam to decoder and student.
package import Posts

/// A record after decoding, tokenisation and masking; posts still wait for the student.
package enum PreparedRecord<Tokens: Sendable>: Sendable {
    case post(Post, Tokens, tokenCount: Int)
    /// Needs no student: deletes, account changes, skips, rejections.
    case done(DeliverableContent)
    /// The documents of a record that holds more than one, each one of the other two cases.
    case several([PreparedDocument<Tokens>])

    /// - Parameter tokenize: what the student will read of a post; it may change what is known of the post, such as its language.
    package init(
        _ decoded: DecodedRecord, of record: SourceRecord, tokenize: (inout Post) -> (tokens: Tokens, count: Int)
    ) {
        switch decoded {
        case .event(.upsert(var post)):
            let (tokens, count) = tokenize(&post)
            self = .post(post, tokens, tokenCount: count)
        case .event(.delete(let deletion)): self = .done(.delete(deletion))
        case .event(.account(let change)): self = .done(.account(change))
        case .skip(let reason): self = .done(.skipped(reason))
        case .reject(let rejection): self = .done(.dead(DeadLetter(rejection: rejection, record: record)))
        case .several(let documents):
            self = .several(
                documents.map { document in
                    PreparedDocument(
                        place: document.place,
                        content: PreparedRecord(
                            document.content, of: document.place.record(of: record), tokenize: tokenize))
                })
        }
    }
}

package struct PreparedDocument<Tokens: Sendable>: Sendable {
    package let place: DocumentPlace
    package let content: PreparedRecord<Tokens>
    package init(place: DocumentPlace, content: PreparedRecord<Tokens>) {
        self.place = place
        self.content = content
    }
}

/// Decoder, tokenizer, mask and student of one worker thread: owns the thread's arena. All calls block, none throws:
/// what cannot be read is a rejection.
package protocol EnrichmentStage: AnyObject {
    associatedtype Tokens: Sendable
    func prepare(_ record: SourceRecord) -> PreparedRecord<Tokens>
    /// Tokens that the student reads of a post.
    func tokenCount(_ tokens: Tokens) -> Int
    /// Enriches a micro-batch. The answer has one element for each post, in order.
    func enrich(_ posts: [(post: Post, tokens: Tokens)]) -> [Enrichment]
}

package protocol EnrichmentStageProvider: Sendable {
    associatedtype Stage: EnrichmentStage
    func makeStage() -> Stage
}
