// Money, rates and waits as bookkeeping; and what each outcome of a request means.
import Foundation
import HTTPRequests
import Testing
import Training

@testable import Distillation

struct BudgetAndRetryTests {
    @Test func budgetAdmitsOnlyWhatFits() {
        var budget = TeachingBudget(
            prices: TokenPrices(prompt: 2, completion: 8), mostTokens: 1_000, mostCost: 0.004,
            spent: TokenUsage(prompt: 100, completion: 0))
        let request = TokenUsage(prompt: 200, completion: 200)
        // 0.0002 spent, 0.002 a request.
        let first = budget.reserve(request)
        #expect(first)
        let second = budget.reserve(request)
        #expect(!second, "0.0042 is more than 0.004")
        budget.settle(request, usage: TokenUsage(prompt: 200, completion: 50))
        #expect(budget.spent == TokenUsage(prompt: 300, completion: 50))
        #expect(abs(budget.cost - 0.001) < 1e-12)
        let third = budget.reserve(request)
        #expect(third)
        var tokens = TeachingBudget(mostTokens: 500)
        let admitted = [tokens.reserve(request), tokens.reserve(request)]
        #expect(admitted == [true, false])
        var free = TeachingBudget()
        let all = (0..<1_000).map { _ in free.reserve(request) }
        #expect(!all.contains(false))
    }

    @Test func ratesHoldOverAMinute() {
        var rate = RateLimit(perMinute: 60, now: .zero)
        var now = Duration.zero
        var sent = 0
        while now < .seconds(60) {
            now += rate.take(1, now: now)
            sent += 1
        }
        // Ten at once at the start, then one a second.
        #expect((69...71).contains(sent))
        var large = RateLimit(perMinute: 600, now: .zero)
        let waits = [large.take(700, now: .zero), large.take(1, now: .zero), large.take(1, now: .seconds(1_000))]
        #expect(waits[0] == .seconds(60) && waits[1] > .seconds(60) && waits[2] == .zero)
    }

    @Test func waitsDoubleAndKeepToTheirBounds() {
        let schedule = RetrySchedule(first: .milliseconds(100), longest: .seconds(1), attempts: 6)
        var random = RandomSource(seed: 1)
        for attempt in 1...5 {
            let full = min(Duration.milliseconds(100) * (1 << (attempt - 1)), .seconds(1))
            for _ in 0..<50 {
                let wait = schedule.wait(attempt: attempt, retryAfter: nil, using: &random)
                #expect(wait.map { $0 >= full / 2 && $0 <= full } == true)
            }
        }
        let last = schedule.wait(attempt: 6, retryAfter: .seconds(1), using: &random)
        let asked = schedule.wait(attempt: 1, retryAfter: .seconds(7), using: &random)
        #expect(last == nil && asked == .seconds(7))
    }

    @Test func retryAfterIsSecondsOrADate() {
        let now = Date(timeIntervalSince1970: 1_783_145_520)
        #expect(RetryAfter.duration(" 3 ", now: now) == .seconds(3))
        #expect(RetryAfter.duration("0.5", now: now) == .milliseconds(500))
        #expect(RetryAfter.duration("Sat, 04 Jul 2026 06:12:30 GMT", now: now) == .seconds(30))
        #expect(RetryAfter.duration("Sat, 04 Jul 2026 06:11:30 GMT", now: now) == .zero)
        for text in ["", "soon", "-1", "nan", "1e99"] { #expect(RetryAfter.duration(text, now: now) == nil, "\(text)") }
    }

    private func outcome(_ status: Int, _ body: String = "{}", retryAfter: String? = nil) -> RequestOutcome {
        RequestOutcome(.success(HTTPAnswer(status: status, retryAfter: retryAfter, body: Data(body.utf8))), now: Date())
    }

    @Test func outcomesAreToldApart() {
        #expect(outcome(429, retryAfter: "2") == .failed(.rateLimited, retryAfter: .seconds(2)))
        #expect(outcome(500, "why") == .failed(.serverError, retryAfter: nil, complaint: "why"))
        #expect(outcome(503, retryAfter: "1") == .failed(.serverError, retryAfter: .seconds(1)))
        #expect(outcome(200, "{\"choices\":[") == .failed(.unreadableAnswer, retryAfter: nil))
        #expect(outcome(413) == .refused(status: 413, code: nil))
        for status in [401, 403, 404, 301, 307] {
            guard case .hopeless = outcome(status) else {
                Issue.record("\(status) will not become better")
                continue
            }
        }
        guard case .hopeless = outcome(429, #"{"error":{"code":"insufficient_quota"}}"#) else {
            Issue.record("waiting brings no quota")
            return
        }
        #expect(RequestOutcome(.failure(.timedOut), now: Date()) == .failed(.timedOut, retryAfter: nil))
    }

    /// Messages of an endpoint may quote the post or the key: only plain codes are shown.
    @Test func complaintsAreReducedToCodes() {
        #expect(EndpointComplaint(body: Data(#"{"error":{"code":"invalid_api_key","message":"sk-1"}}"#.utf8)).code == "invalid_api_key")
        #expect(EndpointComplaint(body: Data(#"{"error":{"code":"my post text","type":"bad_request"}}"#.utf8)).code == "bad_request")
        #expect(EndpointComplaint(body: Data("sk-1 is wrong".utf8)).code == nil)
        if case .hopeless(let sentence) = outcome(401, #"{"error":{"message":"key sk-1 is wrong","code":"key sk-1"}}"#) {
            #expect(!sentence.contains("sk-1"))
        }
    }

    @Test func dialectsGiveUpOneThingAtATime() {
        var dialect = EndpointDialect()
        for (complaint, expected) in [
            ("response_format of type json_schema is not supported", "schema-in-object"),
            ("unknown field response_format.schema", "object"), ("unknown field response_format", "off"),
        ] {
            dialect = dialect.simpler(after: complaint) ?? dialect
            #expect(dialect.structure.rawValue == expected)
        }
        dialect = dialect.simpler(after: "Use 'max_completion_tokens' instead of max_tokens") ?? dialect
        #expect(dialect.tokenField == .maxCompletionTokens)
        dialect = dialect.simpler(after: "'temperature' does not support 0") ?? dialect
        #expect(!dialect.takesTemperature)
        #expect(dialect.simpler(after: "the post is too long") == nil)
    }
}
