// Asks what is open, with a bounded number of requests under way, within budget and rates, and writes every end to the log before
// anything else is done with it. Its own failures end it in order; a kill at any moment costs no answer that was received.
package import Foundation
package import HTTPRequests
internal import Training

/// The way to the endpoint; the tests' stand-in for it fails on purpose.
package typealias SendRequest = @Sendable (Data) async -> Result<HTTPAnswer, TransportFault>

package actor TeachingRun {
    package struct Limits: Sendable {
        package var concurrency = 8
        package var requestsPerMinute: Int?
        package var tokensPerMinute: Int?
        package var retries = RetrySchedule()
        /// Requests that may end without an answer one after another, before the endpoint counts as gone.
        package var failuresInARow = 50
        /// The longest wait an endpoint may ask for.
        package var longestWait = Duration.seconds(900)
        package init() {}
    }

    private let plan: TeachingPlan
    private let log: AnswerLog
    private let limits: Limits
    private let send: SendRequest
    private let onProgress: @Sendable (TeachingProgress) -> Void
    private let started = ContinuousClock.now

    private var dialect: EndpointDialect
    package private(set) var budget: TeachingBudget
    package private(set) var counts = TeachingCounts()
    private var random: RandomSource
    private var requestRate: RateLimit?
    private var tokenRate: RateLimit?
    private var nextPost = 0
    private var nextSample = 0
    private var underWay: Set<String> = []
    private var settled = 0
    private var settledNow = 0
    private var failuresInARow = 0
    private var hasSucceeded = false
    private var pausedUntil: ContinuousClock.Instant?
    private var end: TeachingEnd?
    private var fault: AnswerLogFault?
    private var naps: [Int: Task<Void, Never>] = [:]
    private var napNumber = 0

    package init(
        plan: TeachingPlan, log: AnswerLog, limits: Limits, budget: TeachingBudget, dialect: EndpointDialect, seed: UInt64,
        send: @escaping SendRequest, onProgress: @escaping @Sendable (TeachingProgress) -> Void = { _ in }
    ) {
        self.plan = plan
        self.log = log
        self.limits = limits
        self.budget = budget
        self.dialect = dialect
        self.send = send
        self.onProgress = onProgress
        random = RandomSource(seed: seed)
        requestRate = limits.requestsPerMinute.map { RateLimit(perMinute: $0, now: .zero) }
        tokenRate = limits.tokensPerMinute.map { RateLimit(perMinute: $0, now: .zero) }
    }

    /// Returns when everything is answered, or nothing more can or may be asked.
    /// - Throws: where the log cannot be written: an answer that cannot be kept must not be paid for.
    package func run() async throws(AnswerLogFault) -> TeachingEnd {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<limits.concurrency { group.addTask { await self.work() } }
        }
        await log.flush()
        if let fault { throw fault }
        return end ?? (counts.givenUp > 0 ? .incomplete : .complete)
    }

    /// Sends nothing more; what is under way is waited for.
    package func stop() { finish(.stopped) }

    private func finish(_ reason: TeachingEnd) {
        if end == nil { end = reason }
        for nap in naps.values { nap.cancel() }
    }

    // MARK: The work of one of the tasks

    private func work() async {
        while end == nil, let request = nextRequest() {
            await settle(request)
        }
    }

    /// The next open request that nobody works on.
    private func nextRequest() -> (post: Int, sample: Int, request: ChatRequest)? {
        while nextPost < plan.posts.count {
            let (post, sample) = (nextPost, nextSample)
            nextSample += 1
            if nextSample == plan.samples { (nextPost, nextSample) = (nextPost + 1, 0) }
            guard case .open(let request) = plan.standing(of: plan.posts[post], sample: sample, in: log) else {
                settled += 1
                continue
            }
            // The same text twice: whoever works on the first settles both.
            if underWay.contains(plan.request(plan.posts[post], sample: sample).key) {
                settled += 1
                continue
            }
            return (post, sample, request)
        }
        return nil
    }

    /// Asks until the sample needs nothing more: a first question, perhaps a second.
    private func settle(_ item: (post: Int, sample: Int, request: ChatRequest)) async {
        let mark = plan.request(plan.posts[item.post], sample: item.sample).key
        underWay.insert(mark)
        defer { underWay.remove(mark) }
        var next: ChatRequest? = item.request
        while let request = next {
            if request.key != mark { counts.repairsAsked += 1 }
            guard await ask(request) else { return }
            next = nil
            if case .open(let repair) = plan.standing(of: plan.posts[item.post], sample: item.sample, in: log) { next = repair }
        }
        settled += 1
        settledNow += 1
        report()
    }

    /// All tries of one request; false where it stays open.
    private func ask(_ request: ChatRequest) async -> Bool {
        let estimate = TokenUsage(prompt: request.estimatedPromptTokens, completion: request.parameters.maximumTokens)
        var attempt = 1
        while end == nil {
            guard await admit(estimate) else { return false }
            guard budget.reserve(estimate) else {
                finish(.budgetSpent)
                return false
            }
            let spoken = dialect
            let outcome = await attemptOnce(request, estimate, spoken)
            switch outcome {
            case nil: return false
            case .answered, .refused: return true
            case .hopeless(let sentence):
                finish(.hopeless(sentence))
                return false
            case .misunderstood(let complaint, let status, let code):
                // Another task may have found a simpler dialect meanwhile.
                if dialect == spoken {
                    guard await adapt(request, complaint, status, code) else { return end == nil }
                }
            case .failed(let reason, let retryAfter, let complaint):
                if let simpler = complaint.flatMap({ spoken.simpler(afterFault: $0) }) {
                    if dialect == spoken { dialect = simpler }
                    continue
                }
                guard await backOff(reason, retryAfter, attempt: attempt) else { return false }
                attempt += 1
            }
        }
        return false
    }

    /// Sends once and writes the end; nil where the log failed.
    private func attemptOnce(
        _ request: ChatRequest, _ estimate: TokenUsage, _ spoken: EndpointDialect
    ) async -> RequestOutcome? {
        do throws(AnswerLogFault) {
            switch try log.begin(request.key, estimate: estimate) {
            case .afterKill: counts.repeatsAfterKill += 1
            case .afterTimeout: counts.repeatsAfterTimeout += 1
            case nil: break
            }
            counts.sent += 1
            let result = await send(request.body(spoken, schema: plan.taxonomy.schema).data)
            let outcome = RequestOutcome(result, now: Date())
            var usage = TokenUsage()
            switch outcome {
            case .answered(let answer):
                usage = TokenUsage(
                    prompt: answer.promptTokens ?? estimate.prompt,
                    completion: answer.completionTokens ?? TokenEstimate.tokens(answer.content))
                try await log.finish(AnswerLogEntry(key: request.key, answer: answer, usage: usage))
                counts.answered += 1
                (failuresInARow, hasSucceeded) = (0, true)
            case .failed(let reason, _, _):
                // What was cut off on the way back may have been worked on.
                if [.timedOut, .unreadableAnswer, .answerTooLarge].contains(reason) { usage = estimate }
                try await log.finish(AnswerLogEntry(failed: request.key, reason.rawValue, usage: usage))
                counts.failures[reason, default: 0] += 1
            case .refused(let status, let code): try await refuse(request, status, code)
            case .misunderstood(_, let status, _):
                try await log.finish(AnswerLogEntry(failed: request.key, "status \(status)", usage: usage))
            case .hopeless: try await log.finish(AnswerLogEntry(failed: request.key, "hopeless", usage: usage))
            }
            budget.settle(estimate, usage: usage)
            return outcome
        } catch {
            fault = error
            finish(.stopped)
            return nil
        }
    }

    private func refuse(_ request: ChatRequest, _ status: Int, _ code: String?) async throws(AnswerLogFault) {
        var entry = AnswerLogEntry(.refused, key: request.key)
        entry.status = status
        entry.reason = code
        try await log.finish(entry)
        counts.refusedByEndpoint += 1
    }

    /// After a request that the endpoint does not take: true where it should be sent again in a simpler dialect. A complaint that
    /// has nothing to do with the dialect is about this post, unless no request was ever taken.
    private func adapt(_ request: ChatRequest, _ complaint: String, _ status: Int, _ code: String?) async -> Bool {
        if let simpler = dialect.simpler(after: complaint) {
            dialect = simpler
            return true
        }
        let said = code.map { " (\($0))" } ?? ""
        guard hasSucceeded else {
            finish(.hopeless("the teacher refuses requests with status \(status)\(said): check --model and its limits"))
            return false
        }
        do throws(AnswerLogFault) {
            try await refuse(request, status, code)
        } catch {
            fault = error
            finish(.stopped)
        }
        return false
    }

    // MARK: Waiting

    /// Waits for the endpoint's pause and for the rates; false where asking has ended meanwhile.
    private func admit(_ estimate: TokenUsage) async -> Bool {
        while let until = pausedUntil, end == nil {
            let left = until - ContinuousClock.now
            if left <= .zero { pausedUntil = nil } else { await nap(left) }
        }
        let now = ContinuousClock.now - started
        let wait = max(
            requestRate?.take(1, now: now) ?? .zero, tokenRate?.take(estimate.total, now: now) ?? .zero)
        if wait > .zero, end == nil { await nap(wait) }
        return end == nil
    }

    /// False where this request gets no further try.
    private func backOff(_ reason: RetryReason, _ retryAfter: Duration?, attempt: Int) async -> Bool {
        failuresInARow += 1
        if failuresInARow >= limits.failuresInARow {
            let said = "the teacher gave \(failuresInARow) failures in a row (last: \(reason.rawValue))"
            finish(.hopeless("\(said): check that it runs, then run again"))
            return false
        }
        if let retryAfter, retryAfter > limits.longestWait {
            finish(.hopeless("the teacher asks to wait \(retryAfter.components.seconds) s: run again after that"))
            return false
        }
        guard let wait = limits.retries.wait(attempt: attempt, retryAfter: retryAfter, using: &random) else {
            counts.givenUp += 1
            return false
        }
        // A rate limit is for the account, not for the one request.
        if reason == .rateLimited, let retryAfter {
            pausedUntil = max(pausedUntil ?? .now, ContinuousClock.now + retryAfter)
        }
        await nap(wait)
        return end == nil
    }

    /// Sleeps until the time is over or asking ends.
    private func nap(_ duration: Duration) async {
        napNumber += 1
        let number = napNumber
        let nap = Task { () -> Void in try? await Task.sleep(for: duration) }
        naps[number] = nap
        if end != nil { nap.cancel() }
        await nap.value
        naps[number] = nil
    }

    private func report() {
        onProgress(
            TeachingProgress(
                all: plan.posts.count * plan.samples, settled: settled, settledNow: settledNow,
                elapsed: ContinuousClock.now - started, spent: budget.spent, cost: budget.cost, counts: counts))
    }
}
