// What a run of asking did, in numbers: for the report and for the line of progress.

package struct TeachingCounts: Sendable, Equatable {
    /// Requests sent, tries included.
    package var sent = 0
    package var answered = 0
    package var repairsAsked = 0
    package var refusedByEndpoint = 0
    /// Requests given up after all tries; the next run asks them again.
    package var givenUp = 0
    package var failures: [RetryReason: Int] = [:]
    /// Requests that were sent although an earlier one may have been answered without our receiving it.
    package var repeatsAfterKill = 0
    package var repeatsAfterTimeout = 0

    package init() {}
}

package struct TeachingProgress: Sendable, Equatable {
    /// Samples of posts: all of them, those that need nothing more, and those that this run settled.
    package let all: Int
    package let settled: Int
    package let settledNow: Int
    package let elapsed: Duration
    package let spent: TokenUsage
    package let cost: Double
    package let counts: TeachingCounts

    /// At the pace of this run; nil before there is one.
    package var remaining: Duration? {
        guard settledNow > 0 else { return nil }
        return elapsed / settledNow * (all - settled)
    }
}

/// Why asking ended.
package enum TeachingEnd: Sendable, Equatable {
    case complete
    /// All was asked that can be; some requests were given up after all their tries.
    case incomplete
    case budgetSpent
    case stopped
    /// Further requests make no sense: one sentence.
    case hopeless(String)
}
