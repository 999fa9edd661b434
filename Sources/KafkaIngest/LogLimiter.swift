// Bounds how many of the client's own lines and errors become notices: a broken network must not fill a disk. Pure.

package struct LogLimiter: Sendable {
    private let burst: Int
    private let interval: Duration
    private var windowStart: ContinuousClock.Instant?
    private var used = 0
    package private(set) var suppressed = 0

    package init(burst: Int = 20, interval: Duration = .seconds(10)) {
        self.burst = burst
        self.interval = interval
    }

    /// Whether a line may pass, and how many were held back since the last one that passed.
    package mutating func admit(now: ContinuousClock.Instant) -> (isAdmitted: Bool, suppressedBefore: Int) {
        if windowStart.map({ now - $0 >= interval }) ?? true {
            windowStart = now
            used = 0
        }
        guard used < burst else {
            suppressed += 1
            return (false, 0)
        }
        used += 1
        defer { suppressed = 0 }
        return (true, suppressed)
    }
}
