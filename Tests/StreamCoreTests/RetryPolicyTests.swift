// Waits grow, stay within their bounds, and differ from one another.
import StreamCore
import Testing

@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy(first: .milliseconds(100), last: .seconds(10))

    @Test func waitsLieBetweenHalfAndTheWhole() {
        var random = SeededRandom(seed: 1)
        for attempt in [-3, 0, 1, 2, 5, 8, 40, Int.max] {
            let whole = min(Duration.milliseconds(100) * (1 << min(max(attempt, 1) - 1, 30)), .seconds(10))
            for _ in 0..<200 {
                let wait = policy.wait(attempt: attempt, using: &random)
                #expect(wait >= whole / 2 && wait <= whole)
            }
        }
    }

    @Test func instancesDoNotMarchInStep() {
        var random = SeededRandom(seed: 2)
        let waits = Set((0..<100).map { _ in policy.wait(attempt: 5, using: &random) })
        #expect(waits.count > 90)
    }

    @Test func limitsThatContradictEachOtherAreNamed() {
        var limits = StreamLimits()
        #expect(limits.faults.isEmpty)
        limits.deliveryRecords = limits.recordsInFlight + 1
        limits.retryFirst = .seconds(60)
        limits.microBatchPosts = 0
        #expect(limits.faults.count == 3)
    }
}
