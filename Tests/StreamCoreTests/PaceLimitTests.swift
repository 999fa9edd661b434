// The pace of a replay: pure, with a clock of our own.
import StreamCore
import Testing

@Suite struct PaceLimitTests {
    /// Runs batches that take `work` each and waits as it is told; answers with the time at the end.
    private func run(_ pace: inout PaceLimit, batches: Int, of count: Int, work: Duration) -> Duration {
        var now = Duration.zero
        for _ in 0..<batches {
            now += work
            now += pace.wait(after: count, elapsed: now)
        }
        return now
    }

    @Test func fastWorkIsSlowedToTheRate() {
        var pace = PaceLimit(perSecond: 100)
        let took = run(&pace, batches: 50, of: 20, work: .milliseconds(10))
        #expect(took >= .seconds(9.8) && took <= .seconds(10.2), "\(took)")
    }

    @Test func slowWorkIsNotSlowedFurther() {
        var pace = PaceLimit(perSecond: 100)
        #expect(run(&pace, batches: 10, of: 20, work: .seconds(1)) == .seconds(10))
    }

    /// After a minute of waiting for the database, at most a second's worth is made up.
    @Test func aPauseIsFollowedByNoRush() {
        var pace = PaceLimit(perSecond: 100)
        _ = pace.wait(after: 100, elapsed: .zero)
        var now = Duration.seconds(60)
        for _ in 0..<10 { now += pace.wait(after: 100, elapsed: now) }
        #expect(now >= .seconds(69) - .milliseconds(1) && now <= .seconds(70), "\(now)")
    }

    @Test func aBatchIsASecondsWorthAtMost() {
        let pace = PaceLimit(perSecond: 7.5)
        #expect(pace.batchLimit(256) == 7)
        #expect(PaceLimit(perSecond: 0.2).batchLimit(256) == 1)
        #expect(PaceLimit(perSecond: 1e12).batchLimit(256) == 256)
    }
}
