// Every reason for which a micro-batch closes, and the order in which they win.
import StreamCore
import Testing

@Suite struct MicroBatchPolicyTests {
    private let policy: MicroBatchPolicy

    init() {
        var limits = StreamLimits()
        limits.microBatchPosts = 4
        limits.microBatchTokens = 100
        limits.microBatchBytes = 1_000
        limits.microBatchAge = .milliseconds(25)
        policy = MicroBatchPolicy(limits: limits)
    }

    private func post(_ tokens: Int, _ bytes: Int = 10, since: Duration = .zero) -> MicroBatchPolicy.Candidate {
        .init(tokenCount: tokens, byteCount: bytes, since: since)
    }

    @Test func nothingWaits() {
        #expect(policy.decide([], now: .seconds(9)) == .empty)
        #expect(policy.decide([], now: .seconds(9), flush: .drain) == .empty)
    }

    @Test func fullByPosts() {
        let posts = Array(repeating: post(10), count: 6)
        #expect(policy.decide(posts, now: .zero) == .close(count: 4, .posts))
    }

    @Test func fullByTokens() {
        #expect(policy.decide([post(60), post(40), post(1)], now: .zero) == .close(count: 2, .tokens))
        // The post that would break the limit waits for the next batch.
        #expect(policy.decide([post(60), post(41)], now: .zero) == .close(count: 1, .tokens))
        // A post alone may be larger than the limit.
        #expect(policy.decide([post(500)], now: .zero) == .close(count: 1, .tokens))
    }

    @Test func fullByBytes() {
        #expect(policy.decide([post(1, 600), post(1, 500)], now: .zero) == .close(count: 1, .bytes))
        #expect(policy.decide([post(1, 5_000)], now: .zero) == .close(count: 1, .bytes))
    }

    @Test func ageCountsFromTheOldest() {
        let posts = [post(1, since: .milliseconds(10)), post(1, since: .milliseconds(30))]
        #expect(policy.decide(posts, now: .milliseconds(34)) == .waitUntil(.milliseconds(35)))
        #expect(policy.decide(posts, now: .milliseconds(35)) == .close(count: 2, .age))
    }

    @Test func flushClosesWhatThereIs() {
        #expect(policy.decide([post(1)], now: .zero, flush: .drain) == .close(count: 1, .drain))
    }
}
