// Masked-language training before the heads' own, as part of a recipe: the encoder reads posts without labels and guesses the
// pieces that were hidden (Devlin et al., 2019; whole words as in their later release).

package struct LanguageModelRecipe: Sendable, Codable, Equatable {
    /// Files of posts (JSON Lines with text) below the data directory.
    package var files: [String]
    /// Share of the posts that is read, drawn by the seed; all by default.
    package var share: Double?
    /// Share of a post's pieces that is hidden, such as 0.15.
    package var hiddenShare: Double
    package var steps: Int
    package var examplesInBatch: Int
    package var peakRate: Float
    package var warmUpShare: Double
    package var dropout: Float
    /// Factors on the learning rate of the encoder's parts, of this stage alone: embeddings may be frozen here and trained
    /// later, or the other way round.
    package var encoder: EncoderRates

    package init(
        files: [String], share: Double? = nil, hiddenShare: Double = 0.15, steps: Int, examplesInBatch: Int,
        peakRate: Float, warmUpShare: Double, dropout: Float, encoder: EncoderRates
    ) {
        self.files = files
        self.share = share
        self.hiddenShare = hiddenShare
        self.steps = steps
        self.examplesInBatch = examplesInBatch
        self.peakRate = peakRate
        self.warmUpShare = warmUpShare
        self.dropout = dropout
        self.encoder = encoder
    }

    var isInRange: Bool {
        !files.isEmpty && steps > 0 && examplesInBatch > 0 && hiddenShare > 0 && hiddenShare < 1
            && (0...1).contains(share ?? 1) && (0..<1).contains(warmUpShare) && (0..<1).contains(dropout)
            && encoder.layers > 0
    }
}

extension TrainingRecipe {
    /// The stage as a run of its own over `posts` posts: no heads, nothing measured, the same seed and optimiser.
    package func languageModelStage(_ stage: LanguageModelRecipe, posts: Int) -> TrainingRecipe {
        var recipe = self
        recipe.heads = []
        recipe.sources = []
        recipe.answers = nil
        recipe.development = []
        recipe.abstaining = nil
        recipe.mask = nil
        recipe.encoder = stage.encoder
        let stepsInEpoch = (posts + stage.examplesInBatch - 1) / stage.examplesInBatch
        recipe.schedule = Schedule(
            epochs: Double(stage.steps) / Double(stepsInEpoch), examplesInBatch: stage.examplesInBatch,
            peakRate: stage.peakRate, warmUpShare: stage.warmUpShare, headRate: 1, dropout: stage.dropout, smoothing: 0,
            maskedShare: 0, measurementsInEpoch: 1)
        return recipe
    }
}
