// How the learned mask is trained, as part of a recipe. Decision 0100 defines the terms.

package struct MaskRecipe: Sendable, Codable, Equatable {
    /// How a keep-probability becomes a gate in training.
    package enum Method: String, Sendable, Codable, CaseIterable {
        /// Stretched and clipped binary concrete (Louizos, Welling and Kingma, 2018).
        case hardConcrete = "hard_concrete"
        /// A Bernoulli draw; its gradient is taken at the probability (Bengio, Leonard and Courville, 2013).
        case straightThrough = "straight_through"
        /// A sigmoid that is made steeper over the run; no draw.
        case annealed
    }

    package var method: Method
    /// Units of the scorer's hidden layer.
    package var hidden: Int
    /// Factor on the learning rate.
    package var rate: Float
    /// Share of the texts that are read through gates; the others are read as without a learned mask.
    package var gatedShare: Double
    /// The budget: the mean keep-probability above which the loss grows, and the factor on the squared excess.
    package var keptShare: Double
    package var budgetWeight: Double
    /// Share of the gated texts into which generated noise is put.
    package var noiseShare: Double
    /// Files below the data directory whose posts of nothing but handles, links, hashtags and marks are put in as well, as
    /// often as the generated pieces; nil: generated pieces alone.
    package var noiseFiles: [String]?
    /// Nearly half of the generated noise is sentences, of a long list (record 0196); nil or false: a fifth, of a short one.
    package var manySentences: Bool?
    /// Factors on the cross-entropy of words known to matter (entities), of words known not to (inserted noise), and on the
    /// rationales' ranking loss.
    package var entityWeight: Double
    package var noiseWeight: Double
    package var rationaleWeight: Double
    /// Written to the model: words whose keep-probability is below are dropped.
    package var threshold: Float

    package init(
        method: Method, hidden: Int, rate: Float, gatedShare: Double, keptShare: Double, budgetWeight: Double,
        noiseShare: Double, noiseFiles: [String]? = nil, manySentences: Bool? = nil, entityWeight: Double, noiseWeight: Double,
        rationaleWeight: Double, threshold: Float
    ) {
        self.method = method
        self.hidden = hidden
        self.rate = rate
        self.gatedShare = gatedShare
        self.keptShare = keptShare
        self.budgetWeight = budgetWeight
        self.noiseShare = noiseShare
        self.noiseFiles = noiseFiles
        self.manySentences = manySentences
        self.entityWeight = entityWeight
        self.noiseWeight = noiseWeight
        self.rationaleWeight = rationaleWeight
        self.threshold = threshold
    }

    var isInRange: Bool {
        let shares = [gatedShare, keptShare, noiseShare, Double(threshold)]
        let weights = [budgetWeight, entityWeight, noiseWeight, rationaleWeight, Double(rate)]
        return (1...1024).contains(hidden) && shares.allSatisfy { (0...1).contains($0) }
            && weights.allSatisfy { $0 >= 0 && $0.isFinite }
    }
}
