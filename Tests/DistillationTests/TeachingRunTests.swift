// Asking with a stand-in for the endpoint: budgets, dialects, repairs, giving up, stopping.
import Foundation
import HTTPRequests
import Synchronization
import Testing

@testable import Distillation

struct TeachingRunTests {
    private final class Endpoint: Sendable {
        let calls = Mutex(0)
        let reply: @Sendable (Int, [String: Any]) -> Result<HTTPAnswer, TransportFault>
        init(_ reply: @escaping @Sendable (Int, [String: Any]) -> Result<HTTPAnswer, TransportFault>) { self.reply = reply }

        func send(_ body: Data) -> Result<HTTPAnswer, TransportFault> {
            let number = calls.withLock { calls in
                calls += 1
                return calls
            }
            return reply(number, (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:])
        }
    }

    private static let good = TeacherAnswer(sentiment: "neutral", topic: "daily_life", rationale: "It is said plainly.").json

    private static func answer(_ content: String) -> Result<HTTPAnswer, TransportFault> {
        .success(HTTPAnswer(status: 200, body: ScriptedTeacher.completion(content)))
    }

    private static func status(_ status: Int, _ code: String = "x", retryAfter: String? = nil) -> Result<HTTPAnswer, TransportFault> {
        .success(HTTPAnswer(status: status, retryAfter: retryAfter, body: Data("{\"error\":{\"code\":\"\(code)\"}}".utf8)))
    }

    private struct Outcome {
        let end: TeachingEnd
        let counts: TeachingCounts
        let budget: TeachingBudget
        let plan: TeachingPlan
        let log: AnswerLog
        let calls: Int
        var open: Int { plan.openRequests(in: log).count }
    }

    private func run(
        posts: Int, samples: Int = 1, budget: TeachingBudget = TeachingBudget(), limits: TeachingRun.Limits? = nil,
        stopAfter: Int? = nil, _ reply: @escaping @Sendable (Int, [String: Any]) -> Result<HTTPAnswer, TransportFault>
    ) async throws -> Outcome {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let plan = TeachingPlan(
            posts: (0..<posts).map { TeacherPost(id: "\($0)", text: "post number \($0)") }, samples: samples,
            schedule: PromptSchedule(try PromptSet.embedded()), parameters: ChatParameters(model: "m"))
        let log = try AnswerLog(folder.appendingPathComponent("log.jsonl"))
        let endpoint = Endpoint(reply)
        var chosen = limits ?? TeachingRun.Limits()
        chosen.concurrency = 4
        chosen.retries.first = .milliseconds(1)
        chosen.retries.longest = .milliseconds(5)
        let stopper = Mutex<TeachingRun?>(nil)
        let run = TeachingRun(
            plan: plan, log: log, limits: chosen, budget: budget, dialect: EndpointDialect(), seed: 1,
            send: { body in
                let result = endpoint.send(body)
                if endpoint.calls.withLock({ $0 }) == stopAfter, let run = stopper.withLock({ $0 }) { await run.stop() }
                return result
            })
        stopper.withLock { $0 = run }
        let end = try await run.run()
        return Outcome(
            end: end, counts: await run.counts, budget: await run.budget, plan: plan, log: log,
            calls: endpoint.calls.withLock { $0 })
    }

    @Test func everythingIsAnsweredOnce() async throws {
        let outcome = try await run(posts: 20, samples: 3) { _, _ in Self.answer(Self.good) }
        #expect(outcome.end == .complete)
        #expect(outcome.calls == 60 && outcome.counts.answered == 60)
        #expect(outcome.open == 0)
        #expect(outcome.budget.spent == TokenUsage(prompt: 60 * 700, completion: 60 * 60))
    }

    @Test func faultsAreTriedAgain() async throws {
        var limits = TeachingRun.Limits()
        // Three of five tries fail: 40 in a row are not to be expected in any order of the tasks.
        limits.retries.attempts = 40
        let outcome = try await run(posts: 30, limits: limits) { number, _ in
            switch number % 5 {
            case 0: Self.status(503)
            case 1: .failure(.connection(code: -1005))
            case 2: Self.status(429, retryAfter: "0.01")
            default: Self.answer(Self.good)
            }
        }
        #expect(outcome.end == .complete)
        #expect(outcome.open == 0)
        #expect(outcome.counts.answered == 30)
        #expect(outcome.counts.failures.values.reduce(0, +) == outcome.calls - 30)
        #expect(outcome.counts.repeatsAfterKill == 0 && outcome.counts.repeatsAfterTimeout == 0)
    }

    @Test func eachTimeoutCountsAsOnePossibleRepeat() async throws {
        let outcome = try await run(posts: 10) { number, _ in number % 3 == 0 ? .failure(.timedOut) : Self.answer(Self.good) }
        #expect(outcome.end == .complete)
        #expect(outcome.counts.repeatsAfterTimeout == outcome.counts.failures[.timedOut])
    }

    @Test func oneRepairIsAskedAndNoMore() async throws {
        let outcome = try await run(posts: 6) { _, _ in Self.answer("I would say: neutral.") }
        #expect(outcome.end == .complete)
        #expect(outcome.calls == 12)
        #expect(outcome.counts.repairsAsked == 6)
        let standing = outcome.plan.standing(of: outcome.plan.posts[0], sample: 0, in: outcome.log)
        guard case .answered(_, isRepaired: true) = standing else {
            Issue.record("the second answer counts")
            return
        }
    }

    @Test func refusalsAreNotArguedWith() async throws {
        let outcome = try await run(posts: 3) { _, _ in Self.answer("I'm sorry, I can't help with that.") }
        #expect(outcome.calls == 3)
    }

    @Test func theBudgetHolds() async throws {
        // An estimate is about 1,200 tokens in the prompt and 400 in the answer.
        let outcome = try await run(posts: 50, budget: TeachingBudget(mostTokens: 20_000)) { _, _ in Self.answer(Self.good) }
        #expect(outcome.end == .budgetSpent)
        #expect(outcome.budget.spent.total <= 20_000)
        #expect(outcome.counts.answered > 5 && outcome.open == 50 - outcome.counts.answered)
    }

    @Test func dialectsAreFoundOut() async throws {
        let outcome = try await run(posts: 12) { _, body in
            if body["response_format"] != nil { return Self.status(400, "response_format") }
            if body["seed"] != nil { return Self.status(422, "unknown_seed") }
            return Self.answer(Self.good)
        }
        #expect(outcome.end == .complete)
        // Two forms of schema, any JSON and the seed are given up one after another; each of the four under way may notice.
        #expect((4...16).contains(outcome.calls - 12))
        #expect(outcome.counts.refusedByEndpoint == 0)
    }

    /// As llama-cpp-python does: waiting and asking again in the same form would never end well.
    @Test func aFormThatIsAnsweredWithAServersFaultIsGivenUp() async throws {
        let outcome = try await run(posts: 12) { _, body in
            let format = body["response_format"] as? [String: Any]
            guard format?["type"] as? String == "json_object", format?["schema"] != nil else {
                let message = "{'loc': ('body', 'response_format', 'type'), 'msg': \"Input should be 'text' or 'json_object'\"}"
                let error = ["error": ["message": message, "type": "internal_server_error"]]
                return .success(HTTPAnswer(status: 500, body: (try? JSONSerialization.data(withJSONObject: error)) ?? Data()))
            }
            return Self.answer(Self.good)
        }
        #expect(outcome.end == .complete && outcome.open == 0)
        #expect(outcome.counts.answered == 12 && outcome.counts.givenUp == 0)
        #expect((1...4).contains(outcome.calls - 12))
    }

    /// A server that faults whatever the form is asked in the plainest form at the end, and is given up there.
    @Test func aFaultThatStaysIsGivenUp() async throws {
        var limits = TeachingRun.Limits()
        limits.retries.attempts = 3
        let outcome = try await run(posts: 1, limits: limits) { _, _ in
            .success(HTTPAnswer(status: 500, body: Data("response_format".utf8)))
        }
        #expect(outcome.calls == 3 + 3 && outcome.counts.givenUp == 1 && outcome.open == 1)
    }

    @Test func aPostThatIsRefusedStopsNothing() async throws {
        let outcome = try await run(posts: 10) { _, body in
            let last = (body["messages"] as? [[String: Any]])?.last?["content"] as? String ?? ""
            return last.contains("number 7") ? Self.status(400, "content_policy") : Self.answer(Self.good)
        }
        #expect(outcome.end == .complete)
        #expect(outcome.counts.refusedByEndpoint == 1)
        #expect(outcome.open == 0)
        guard case .refusedByEndpoint(status: 400, code: "content_policy") = outcome.plan.standing(
            of: outcome.plan.posts[7], sample: 0, in: outcome.log)
        else {
            Issue.record("the refusal is kept")
            return
        }
    }

    @Test(arguments: [(401, "key"), (404, "--base-url"), (400, "--model")])
    func hopelessEndpointsAreLeft(status: Int, word: String) async throws {
        let outcome = try await run(posts: 100) { _, _ in Self.status(status) }
        guard case .hopeless(let sentence) = outcome.end else {
            Issue.record("\(outcome.end)")
            return
        }
        #expect(sentence.contains(word))
        #expect(outcome.calls <= 4)
    }

    @Test func longOutagesEndTheRun() async throws {
        var limits = TeachingRun.Limits()
        limits.failuresInARow = 20
        let outcome = try await run(posts: 100, limits: limits) { _, _ in Self.status(500) }
        guard case .hopeless = outcome.end else {
            Issue.record("\(outcome.end)")
            return
        }
        #expect((20...24).contains(outcome.calls))
        limits.longestWait = .seconds(60)
        let paused = try await run(posts: 100, limits: limits) { _, _ in Self.status(429, retryAfter: "3600") }
        guard case .hopeless(let sentence) = paused.end else {
            Issue.record("\(paused.end)")
            return
        }
        #expect(sentence.contains("3600 s"))
    }

    @Test func whatIsGivenUpStaysOpen() async throws {
        var limits = TeachingRun.Limits()
        limits.retries.attempts = 3
        let outcome = try await run(posts: 10, limits: limits) { _, body in
            let last = (body["messages"] as? [[String: Any]])?.last?["content"] as? String ?? ""
            return last.contains("number 4") ? Self.status(500) : Self.answer(Self.good)
        }
        #expect(outcome.end == .incomplete)
        #expect(outcome.counts.givenUp == 1 && outcome.open == 1)
        #expect(outcome.counts.failures == [.serverError: 3])
    }

    @Test func stoppingKeepsWhatIsUnderWay() async throws {
        let outcome = try await run(posts: 100, stopAfter: 10) { _, _ in Self.answer(Self.good) }
        #expect(outcome.end == .stopped)
        #expect((10...14).contains(outcome.calls))
        #expect(outcome.counts.answered == outcome.calls)
        #expect(outcome.open == 100 - outcome.calls)
    }
}
