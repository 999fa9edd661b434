// What a job did and has, as one JSON document: report.json and `winnow teach --json`.
package import Foundation

package struct TeachingReport: Sendable, Encodable {
    package struct Requests: Sendable, Encodable {
        package var sent = 0
        package var answered = 0
        package var repairs = 0
        package var refused_by_endpoint = 0
        package var given_up = 0
        package var failures: [String: Int] = [:]
        package var repeats_after_kill = 0
        package var repeats_after_timeout = 0
        package init() {}
    }
    package struct Tokens: Sendable, Encodable {
        package let prompt: Int
        package let completion: Int
    }
    package struct Log: Sendable, Encodable {
        package let answers_before: Int
        package let open_requests_before: Int
        package let torn_bytes_removed: Int
        package let unreadable_lines: Int
    }
    package struct Batch: Sendable, Encodable {
        package let taken: Int
        package let known: Int
        package let foreign: Int
        package let failed: Int
        package let unreadable: Int
    }

    package var teacher: String
    package var prompt_version: String
    package var posts: Int
    package var samples: Int
    /// complete, incomplete, budget_spent, stopped, hopeless, or batch where nothing was asked.
    package var end: String
    package var reason: String?
    package var requests = Requests()
    /// Of the whole job, earlier runs included; estimates where the endpoint counts nothing.
    package var tokens: Tokens
    package var cost: Double
    package var log: Log
    package var batch: Batch?
    package var answers = 0
    package var harmful = 0
    package var unanswered = 0
    package var rejected: [String: Int] = [:]
    package var seconds: Double

    package init(
        plan: TeachingPlan, posts: Int, end: TeachingEnd?, counts: TeachingCounts, budget: TeachingBudget,
        recovery: AnswerLog.Recovery, seconds: Double
    ) {
        teacher = plan.parameters.model
        prompt_version = plan.schedule.prompts.version
        self.posts = posts
        samples = plan.samples
        switch end {
        case nil: self.end = "batch"
        case .complete: self.end = "complete"
        case .incomplete: self.end = "incomplete"
        case .budgetSpent: self.end = "budget_spent"
        case .stopped: self.end = "stopped"
        case .hopeless(let sentence):
            self.end = "hopeless"
            reason = sentence
        }
        requests.sent = counts.sent
        requests.answered = counts.answered
        requests.repairs = counts.repairsAsked
        requests.refused_by_endpoint = counts.refusedByEndpoint
        requests.given_up = counts.givenUp
        for reason in RetryReason.allCases { requests.failures[reason.rawValue] = counts.failures[reason] ?? 0 }
        requests.repeats_after_kill = counts.repeatsAfterKill
        requests.repeats_after_timeout = counts.repeatsAfterTimeout
        tokens = Tokens(prompt: budget.spent.prompt, completion: budget.spent.completion)
        cost = budget.cost
        log = Log(
            answers_before: recovery.answers, open_requests_before: recovery.openRequests,
            torn_bytes_removed: recovery.tornBytes, unreadable_lines: recovery.unreadableLines)
        self.seconds = seconds
    }

    package mutating func count(_ intake: BatchFiles.Intake) {
        batch = Batch(
            taken: intake.taken, known: intake.known, foreign: intake.foreign, failed: intake.failed,
            unreadable: intake.unreadable)
    }

    package mutating func count(_ files: AnswerFiles) {
        answers = files.learned
        harmful = files.harmful
        unanswered = files.open
        for reason in FilterReason.allCases { rejected[reason.rawValue] = files.rejected[reason] ?? 0 }
    }

    package var json: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return ((try? encoder.encode(self)) ?? Data("{}".utf8)) + Data("\n".utf8)
    }
}
