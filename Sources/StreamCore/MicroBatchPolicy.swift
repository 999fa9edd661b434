// When a micro-batch closes. Pure: it is told the time.

/// Why a batch was closed; a metric label.
package enum BatchCloseReason: String, Sendable, CaseIterable {
    case posts, tokens, bytes, age
    /// A partition is being given up: nothing is gained by waiting.
    case drain
    /// The record is tried alone.
    case isolation
}

package struct MicroBatchPolicy: Hashable, Sendable {
    /// The size of one post that waits.
    package struct Candidate: Hashable, Sendable {
        package let tokenCount: Int
        package let byteCount: Int
        package let since: Duration
        package init(tokenCount: Int, byteCount: Int, since: Duration) {
            self.tokenCount = tokenCount
            self.byteCount = byteCount
            self.since = since
        }
    }

    package enum Decision: Hashable, Sendable {
        /// Close a batch of the first `count` posts.
        case close(count: Int, BatchCloseReason)
        /// Nothing to do before this time, unless more posts come.
        case waitUntil(Duration)
        case empty
    }

    private let posts: Int
    private let tokens: Int
    private let bytes: Int
    private let age: Duration

    package init(limits: StreamLimits) {
        posts = limits.microBatchPosts
        tokens = limits.microBatchTokens
        bytes = limits.microBatchBytes
        age = limits.microBatchAge
    }

    /// - Parameters:
    ///   - waiting: posts in the order of their arrival; only as many as a batch can hold are looked at.
    ///   - flush: close what there is, for this reason, even below every limit.
    package func decide<Waiting: Collection<Candidate>>(
        _ waiting: Waiting, now: Duration, flush: BatchCloseReason? = nil
    ) -> Decision {
        var count = 0
        var tokenSum = 0
        var byteSum = 0
        for candidate in waiting {
            if count > 0, tokenSum + candidate.tokenCount > tokens { return .close(count: count, .tokens) }
            if count > 0, byteSum + candidate.byteCount > bytes { return .close(count: count, .bytes) }
            count += 1
            tokenSum += candidate.tokenCount
            byteSum += candidate.byteCount
            if count == posts { return .close(count: count, .posts) }
            if tokenSum >= tokens { return .close(count: count, .tokens) }
            if byteSum >= bytes { return .close(count: count, .bytes) }
        }
        guard let oldest = waiting.first else { return .empty }
        if let flush { return .close(count: count, flush) }
        let due = oldest.since + age
        return now >= due ? .close(count: count, .age) : .waitUntil(due)
    }
}
