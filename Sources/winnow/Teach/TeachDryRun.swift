// What `winnow teach --dry-run` prints: one whole prompt, how much is open, and what it would cost.
import Distillation

struct TeachDryRun {
    /// Answers of the form are mostly this long; the limit is what a budget reserves.
    private static let usualAnswer = 120

    let plan: TeachingPlan
    let log: AnswerLog?
    let rejected: [RejectedPost]
    let prices: TokenPrices

    func show() {
        let open = plan.openRequests(in: log)
        if let first = open.first {
            for message in first.messages { print("[\(message.role.rawValue)]\n\(message.content)\n") }
        }
        let prompt = open.reduce(0) { $0 + $1.estimatedPromptTokens }
        let usual = TokenUsage(prompt: prompt, completion: open.count * Self.usualAnswer)
        let most = TokenUsage(prompt: prompt, completion: open.count * plan.parameters.maximumTokens)
        print("prompts     \(plan.schedule.prompts.version), \(plan.schedule.decks.count) decks of examples")
        print("posts       \(plan.posts.count) to ask about, \(rejected.count) left out before asking")
        for reason in FilterReason.allCases {
            let count = rejected.filter { $0.reason == reason }.count
            if count > 0 { print("left out    \(count) \(reason.rawValue)") }
        }
        print("requests    \(open.count) open")
        print("tokens      about \(prompt) in prompts, \(usual.completion) in answers of the usual length, at most \(most.completion)")
        if prices != TokenPrices() {
            func money(_ amount: Double) -> String {
                let hundredths = Int((amount * 100).rounded(.up))
                return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
            }
            print("cost        about \(money(prices.cost(usual))), at most \(money(prices.cost(most))), without repairs")
        }
        print("Estimates: four Latin letters a token; the teacher counts for itself.")
    }
}
