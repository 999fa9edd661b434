// The seam to decoder and student.
package import Posts

/// A record after decoding, tokenisation and masking; posts still wait for the student.
package enum PreparedRecord<Tokens: Sendable>: Sendable {
    case post(Post, Tokens, tokenCount: Int)
    /// Needs no student: deletes, account changes, skips, rejections.
    case done(DeliverableContent)
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
