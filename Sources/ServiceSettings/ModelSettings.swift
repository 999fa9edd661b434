// Which student reads the posts, and what its mask drops.

package struct ModelSettings: Sendable, Equatable {
    package enum Mask: String, Sendable, CaseIterable {
        case none, rules, random, learned
    }

    /// A model folder, or the name of a shipped model, for every language; nil: as `routes` say, or the shipped models.
    package var path: String?
    /// Model folder or name by language: base subtags, and `*` for all others. Empty where `path` names a model; empty as well
    /// as no path: the shipped models.
    package var routes: [String: String] = [:]
    package var mask = Mask.learned
    /// `learned`: tokens below this keep-probability are dropped; nil: the model's own threshold.
    package var threshold: Double?
    /// `random`: the share of the words that is dropped.
    package var randomShare = 0.3
    /// Threads that run the student; nil: one a core.
    package var workers: Int?

    package init() {}
}
