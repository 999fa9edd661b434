// The recipe of a whole training on a taxonomy of one's own: all of the starting folder's heads stay listed, one is taught. Numbers
// that a person would otherwise have to find; decision 0184 says where they come from.
package import ModelFiles

extension TrainingRecipe {
    /// Data files are `training` and `development`, below the data directory, as JSON Lines of text and label.
    /// - Throws: where the folder has a head that the trainer cannot write again.
    package static func ownTaxonomy(
        head: String, labels: [String], name: String, seed: UInt64, startingFrom start: ModelConfiguration,
        training: String, development: String
    ) throws(TrainingFailure) -> TrainingRecipe {
        var heads: [TaskHeadSpecification] = []
        for old in start.heads where old.name != head {
            guard old.kind != .labels, old.hidden == nil, old.pooling == .mean else {
                throw TrainingFailure(
                    "The head \(old.name) of the starting model has a form that is not trained: leave out --whole, which keeps it.")
            }
            let types = old.labels.filter { $0.hasPrefix("B-") }.map { String($0.dropFirst(2)) }
            heads.append(
                TaskHeadSpecification(
                    name: old.name, kind: old.kind == .spans ? .spans : .classes,
                    labels: old.kind == .spans ? types : old.labels, onlyForEvaluation: old.evaluationOnly))
        }
        heads.append(TaskHeadSpecification(name: head, kind: .classes, labels: labels))
        let lesson = Lesson(head: head, labels: nil, weight: nil)
        return TrainingRecipe(
            name: name, version: "1", seed: seed, maximumTokens: start.tokenizer.maximumTokens, heads: heads,
            encoder: EncoderRates(embeddings: 1, layerDecay: 0.9, layers: 1), optimiser: AdamWSettings(),
            schedule: Schedule(
                epochs: 4, examplesInBatch: 32, peakRate: 5e-5, warmUpShare: 0.1, headRate: 20, dropout: 0.1,
                smoothing: 0.05, maskedShare: 0.3, measurementsInEpoch: 2),
            sources: [Source(path: training, lessons: [lesson], repeats: nil)],
            development: [Development(path: development, lesson: lesson, metric: "macro_f1")], unguarded: nil,
            abstaining: nil, mask: start.mask.hidden.map { mask(hidden: $0, threshold: start.mask.threshold ?? 0.5) })
    }

    /// The mask goes on learning beside the head, as the shipped models' did.
    private static func mask(hidden: Int, threshold: Float) -> MaskRecipe {
        MaskRecipe(
            method: .hardConcrete, hidden: hidden, rate: 60, gatedShare: 0.6, keptShare: 0.8, budgetWeight: 4,
            noiseShare: 0.35, entityWeight: 2, noiseWeight: 0.5, rationaleWeight: 0.3, threshold: threshold)
    }
}
