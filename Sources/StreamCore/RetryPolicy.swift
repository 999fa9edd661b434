// How long to wait before the next try. Pure: the caller owns time and randomness.

/// Doubling waits with "equal jitter": half of the wait is fixed, half random, so that instances do not march in step.
package struct RetryPolicy: Hashable, Sendable {
    package let first: Duration
    package let last: Duration

    package init(first: Duration, last: Duration) {
        self.first = first
        self.last = last
    }

    /// - Parameter attempt: 1 for the wait after the first failure.
    package func wait(attempt: Int, using random: inout SeededRandom) -> Duration {
        let doublings = min(max(attempt, 1) - 1, 30)
        let full = min(first * (1 << doublings), last)
        let half = full / 2
        let share = Double(random.next() >> 11) / Double(1 << 53)
        return half + half * share
    }
}
