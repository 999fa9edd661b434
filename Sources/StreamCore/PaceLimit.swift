// How long to wait so that work stays below a rate. Pure: the caller owns the clock and the waiting.

/// Counts from the moment work began; idle time is not saved up beyond one second, so that a pause is followed by no rush.
package struct PaceLimit: Sendable {
    private static let burst = Duration.seconds(1)
    private let perSecond: Double
    /// When the next piece may begin, counted from the start.
    private var due: Duration = .zero

    /// - Parameter perSecond: above zero.
    package init(perSecond: Double) {
        precondition(perSecond > 0, "a pace is above zero")
        self.perSecond = perSecond
    }

    /// How many pieces one batch may have at most: a second's worth, one at least.
    package func batchLimit(_ wanted: Int) -> Int { max(1, min(wanted, Int(min(perSecond, 1e9)))) }

    /// Notes that `count` pieces were done at `elapsed` after the start; answers with how long to wait before the next.
    package mutating func wait(after count: Int, elapsed: Duration) -> Duration {
        due = max(due, elapsed - Self.burst) + .seconds(Double(count) / perSecond)
        return max(.zero, due - elapsed)
    }
}
