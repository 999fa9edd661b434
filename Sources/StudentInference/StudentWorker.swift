// One thread's share of the student: tokenises and masks single posts, enriches micro-batches. Owns the arena; no other
// thread may use it. Never fails: every text has an answer.
package import Masking
internal import ModelFiles
package import Posts
package import Tokenization

/// A text after tokeniser and mask, ready for the encoder.
package struct TokenizedPost: Sendable {
    package let tokens: TokenizedText
    package let mask: MaskedText
    /// Tokens the encoder will read, the specials included: what a micro-batch counts.
    package let tokenCount: Int

    package init(tokens: TokenizedText, mask: MaskedText) {
        self.tokens = tokens
        self.mask = mask
        tokenCount = mask.kept?.count ?? tokens.tokens.count
    }
}

/// One post of a micro-batch.
package struct EnrichmentRequest: Sendable {
    package let post: TokenizedPost
    package let text: String
    /// Passed through to the result.
    package let language: String?

    package init(post: TokenizedPost, text: String, language: String? = nil) {
        self.post = post
        self.text = text
        self.language = language
    }
}

package final class StudentWorker {
    package let student: Student
    package let mask: MaskPolicy
    /// Tokens of a batch of several posts.
    private let packedTokens: Int
    let arena: InferenceArena
    private(set) var batch = PackedBatch()
    private let spanDecoders: [SpanDecoder?]

    /// A text longer than a batch of `limits` goes alone.
    package init(student: Student, mask: MaskPolicy, limits: InferenceLimits = InferenceLimits()) {
        self.student = student
        self.mask = mask
        packedTokens = limits.tokens
        let tokens = max(limits.tokens, student.configuration.tokenizer.maximumTokens)
        arena = InferenceArena(
            configuration: student.configuration, limits: InferenceLimits(tokens: tokens, sequences: limits.sequences))
        spanDecoders = student.heads.map { $0.settings.kind == .spans ? SpanDecoder(labels: $0.settings.labels) : nil }
    }

    package func prepare(_ text: String) -> TokenizedPost {
        let tokens = student.tokenizer.tokenize(text)
        return TokenizedPost(tokens: tokens, mask: mask.apply(to: tokens, text: text))
    }

    /// One enrichment a request, in order. Any number of requests: they are run in packed batches within the limits.
    package func enrich(_ requests: [EnrichmentRequest]) -> [Enrichment] {
        var result: [Enrichment] = []
        result.reserveCapacity(requests.count)
        let heads = student.heads.map(\.settings)
        for (request, answers) in zip(requests, answer(requests)) {
            var sentiment: Classification?, topic: Classification?, entities: [EntityMention] = []
            var ownHeads: [HeadClassification] = []
            for (head, answer) in zip(heads, answers) where !head.evaluationOnly {
                switch (head.name, answer) {
                case ("sentiment", .classes(let value)): sentiment = value
                case ("topic", .classes(let value)): topic = value
                case (_, .classes(let value)):
                    ownHeads.append(HeadClassification(head: head.name, classification: value))
                case (_, .spans(let found)): entities += found
                default: break
                }
            }
            result.append(Enrichment(
                language: request.language, sentiment: sentiment, topic: topic, entities: entities,
                mask: request.post.mask.summary, model: student.version, ownHeads: ownHeads))
        }
        return result
    }

    /// What each head says, in the model's order of heads, for each request in order.
    package func answer(_ requests: [EnrichmentRequest]) -> [[HeadAnswer]] {
        var result: [[HeadAnswer]] = []
        result.reserveCapacity(requests.count)
        forEachBatch(requests.map(\.post)) { range in
            result += answerBatch(requests[range])
        }
        return result
    }

    /// Runs the encoder alone, one packed batch after the other: `body` gets the indices of the posts, the batch, and
    /// its hidden states (T, width), which lie in the arena until `body` returns.
    package func withHiddenStates(
        _ posts: [TokenizedPost], _ body: (Range<Int>, PackedBatch, UnsafeBufferPointer<Float>) -> Void
    ) {
        forEachBatch(posts) { range in body(range, batch, student.encoder.encode(batch, arena: arena)) }
    }

    /// Hidden states of each post, (kept tokens, width) row-major, copied.
    package func hiddenStates(_ posts: [TokenizedPost]) -> [[Float]] {
        let width = student.configuration.encoder.width
        var result: [[Float]] = []
        withHiddenStates(posts) { _, batch, hidden in
            for sequence in 0..<batch.sequenceCount {
                let rows = batch.rows(sequence)
                result.append(Array(hidden[rows.lowerBound * width..<rows.upperBound * width]))
            }
        }
        return result
    }

    /// Fills `batch` with as many posts as the limits allow, calls `body` with their indices, and goes on.
    func forEachBatch(_ posts: [TokenizedPost], _ body: (Range<Int>) -> Void) {
        var start = 0
        while start < posts.count {
            batch.removeAll()
            var end = start
            while end < posts.count, batch.sequenceCount < arena.limits.sequences,
                end == start || batch.tokenCount + posts[end].tokenCount <= packedTokens
            {
                batch.append(posts[end].tokens.tokens, kept: posts[end].mask.kept)
                end += 1
            }
            body(start..<end)
            start = end
        }
    }

    private func answerBatch(_ requests: ArraySlice<EnrichmentRequest>) -> [[HeadAnswer]] {
        student.encoder.encode(batch, arena: arena)
        var result = [[HeadAnswer]](repeating: [], count: requests.count)
        for (head, decoder) in zip(student.heads, spanDecoders) {
            let count = head.settings.labels.count
            let logits = writeLogits(of: head)
            for (index, request) in requests.enumerated() {
                if let decoder {
                    let first = logits + batch.rows(index).lowerBound * count
                    let found = EntityDecoder.mentions(
                        logits: UnsafeMutableBufferPointer(start: first, count: batch.rows(index).count * count),
                        request: request, decoder: decoder, temperature: head.settings.temperature)
                    result[index].append(.spans(found))
                } else {
                    let row = UnsafeMutableBufferPointer(start: logits + index * count, count: count)
                    result[index].append(
                        head.settings.kind == .classes
                            ? .classes(LogitDecoder.classes(row, head.settings))
                            : .labels(LogitDecoder.labels(row, head.settings)))
                }
            }
        }
        return result
    }

    /// Logits of the batch that was encoded last, in the arena until its next use: (sequences, labels) for a head that reads the
    /// whole text, (T, labels) for one of spans.
    func writeLogits(of head: TaskHead) -> UnsafeMutablePointer<Float> {
        let logits = arena.logits.base
        let rows = head.settings.kind == .spans ? batch.tokenCount : batch.sequenceCount
        precondition(rows * head.settings.labels.count <= arena.logits.count)
        var inputs = arena.hidden.base
        if head.settings.kind != .spans {
            student.encoder.pool(arena.hidden.base, batch, head.settings.pooling, into: arena.pooled.base)
            inputs = arena.pooled.base
        }
        head.apply(inputs, rows: rows, scratch: arena.headHidden.base, into: logits)
        return logits
    }
}
