// What a job may spend and how fast, as plain bookkeeping: tokens and money against limits, requests and tokens against rates.
// Pure: time is given.

package struct TokenPrices: Sendable, Equatable {
    /// In the account's currency, for a million tokens.
    package var prompt: Double
    package var completion: Double
    package init(prompt: Double = 0, completion: Double = 0) {
        self.prompt = prompt
        self.completion = completion
    }
    package func cost(_ usage: TokenUsage) -> Double {
        (Double(usage.prompt) * prompt + Double(usage.completion) * completion) / 1e6
    }
}

package struct TokenUsage: Sendable, Equatable {
    package var prompt: Int
    package var completion: Int
    package init(prompt: Int = 0, completion: Int = 0) {
        self.prompt = prompt
        self.completion = completion
    }
    package var total: Int { prompt + completion }
    package static func + (one: TokenUsage, other: TokenUsage) -> TokenUsage {
        TokenUsage(prompt: one.prompt + other.prompt, completion: one.completion + other.completion)
    }
    package static func - (one: TokenUsage, other: TokenUsage) -> TokenUsage {
        TokenUsage(prompt: one.prompt - other.prompt, completion: one.completion - other.completion)
    }
}

/// Spending of a job, earlier runs included. A request is admitted only where its estimate still fits beside what is under way,
/// so a limit is passed by no more than estimates are wrong.
package struct TeachingBudget: Sendable {
    package let prices: TokenPrices
    package let mostTokens: Int?
    package let mostCost: Double?
    /// Reported by the endpoint, or estimated where it reports nothing.
    package private(set) var spent: TokenUsage
    private var reserved = TokenUsage()

    package init(
        prices: TokenPrices = TokenPrices(), mostTokens: Int? = nil, mostCost: Double? = nil, spent: TokenUsage = TokenUsage()
    ) {
        self.prices = prices
        self.mostTokens = mostTokens
        self.mostCost = mostCost
        self.spent = spent
    }

    package var cost: Double { prices.cost(spent) }

    /// Sets the estimate aside; false, and nothing set aside, where it does not fit any more.
    package mutating func reserve(_ estimate: TokenUsage) -> Bool {
        let all = spent + reserved + estimate
        if let mostTokens, all.total > mostTokens { return false }
        if let mostCost, prices.cost(all) > mostCost { return false }
        reserved = reserved + estimate
        return true
    }

    /// The request of this estimate is over.
    /// - Parameter usage: what it cost; for a request without an answer that may have been worked on, its estimate.
    package mutating func settle(_ estimate: TokenUsage, usage: TokenUsage) {
        reserved = reserved - estimate
        spent = spent + usage
    }
}

/// A bucket that fills evenly and holds what a minute brings, or ten seconds' worth at the start: a job does not begin with a
/// burst of a whole minute.
package struct RateLimit: Sendable {
    private let perSecond: Double
    private let capacity: Double
    private var level: Double
    private var filledAt: Duration

    /// - Parameter now: on any clock that never goes back.
    package init(perMinute: Int, now: Duration) {
        perSecond = Double(perMinute) / 60
        capacity = max(1, Double(perMinute) / 6)
        level = capacity
        filledAt = now
    }

    /// Takes `amount` at once, into debt if need be, and says how long to wait before acting on it: order is kept, and requests
    /// larger than the bucket pass too.
    package mutating func take(_ amount: Int, now: Duration) -> Duration {
        let elapsed = max(0, (now - filledAt) / .seconds(1))
        filledAt = max(now, filledAt)
        level = min(capacity, level + elapsed * perSecond) - Double(amount)
        return level >= 0 ? .zero : .seconds(-level / perSecond)
    }
}
