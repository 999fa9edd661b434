// The whole trained network: the encoder's and the heads' places in one block of parameters, and what one worker
// does with a share of a batch. Knows nothing of files, data sets or optimisers.

/// The network's structure; its numbers are in a `FloatBlock` of `table.count` floats.
package struct StudentNetwork: Sendable {
    package let table: ParameterTable
    package let encoder: EncoderLayout
    package let heads: [LearningHead]
    package let losses: [SoftmaxCrossEntropy]
    /// nil: no mask is learned.
    package let mask: MaskScorerLayout?
    /// nil: no hidden pieces are guessed.
    package let languageModel: LanguageModelHead?
    /// Whether any parameter of the encoder has a learning rate.
    package let encoderLearns: Bool
    /// nil: no local model teaches.
    package let teacher: LocalTeacher?

    package init(
        shape: EncoderShape, rates: EncoderRates, heads specifications: [TaskHeadSpecification], headRate: Float,
        losses: [SoftmaxCrossEntropy], mask: MaskRecipe? = nil, piecesAtOnce: Int? = nil, teacher: LocalTeacher? = nil
    ) {
        precondition(losses.count == specifications.count, "a loss for each head")
        var table = ParameterTable()
        encoder = EncoderLayout(shape: shape, rates: rates, table: &table)
        heads = specifications.map { LearningHead($0, width: shape.width, rateFactor: headRate, table: &table) }
        self.losses = losses
        self.mask = mask.map { MaskScorerLayout($0, width: shape.width, table: &table) }
        let layout = encoder
        languageModel = piecesAtOnce.map {
            LanguageModelHead(encoder: layout, wordsLearn: rates.embeddings > 0, piecesAtOnce: $0, table: &table)
        }
        self.table = table
        self.teacher = teacher
        encoderLearns = rates.embeddings > 0 || rates.layers > 0
    }

    /// The network that a recipe describes, on an encoder of the given shape.
    package init(recipe: TrainingRecipe, shape: EncoderShape, teacher: LocalTeacher? = nil) {
        self.init(
            shape: shape, rates: recipe.encoder, heads: recipe.heads, headRate: recipe.schedule.headRate,
            losses: recipe.heads.map { head in
                SoftmaxCrossEntropy(smoothing: head.kind == .classes ? recipe.schedule.smoothing : 0)
            }, mask: recipe.mask, teacher: teacher)
    }

    /// The network of a recipe's masked-language stage. Its encoder lies where that of the recipe's own network does.
    /// `piecesAtOnce`: of so many pieces of the vocabulary scores are held at once.
    package init(languageModel stage: LanguageModelRecipe, shape: EncoderShape, piecesAtOnce: Int = 4096) {
        self.init(
            shape: shape, rates: stage.encoder, heads: [], headRate: 1, losses: [], piecesAtOnce: piecesAtOnce)
    }

    /// Copies what both networks have, the encoder, from the parameters of the other one.
    package func takeShared(from other: FloatBlock, of network: StudentNetwork, into parameters: FloatBlock) {
        for entry in network.table.entries {
            guard let own = table[entry.name], own.shape == entry.shape else { continue }
            (parameters.pointer + own.offset).update(from: other.pointer + entry.offset, count: entry.count)
        }
    }

    /// What the losses of `NetworkWorker.learn` are called, in order.
    package var lossNames: [String] {
        heads.map(\.specification.name) + (mask == nil ? [] : ["mask"]) + (languageModel == nil ? [] : ["hidden pieces"])
            + (teacher == nil ? [] : ["teacher"])
    }

    /// Small random weights for every parameter, norms at identity; a checkpoint's values are then loaded over
    /// them.
    package func startingParameters(seed: UInt64) -> FloatBlock {
        let parameters = FloatBlock(count: table.count)
        var random = RandomSource(seed: seed, stream: 1)
        for entry in table.entries {
            for index in entry.offset..<entry.offset + entry.count {
                if entry.decays {
                    parameters.pointer[index] = 0.02 * random.normal()
                } else if entry.name.hasSuffix("LayerNorm.weight") {
                    parameters.pointer[index] = 1
                } else if entry.name == "mask.output.bias" {
                    // Begins by keeping four words of five: what it drops, it has to learn.
                    parameters.pointer[index] = 1.5
                }
            }
        }
        return parameters
    }
}

/// One worker's activations and gradients. Used by one thread at a time.
package final class NetworkWorker {
    package let network: StudentNetwork
    package let gradients: FloatBlock
    private let pass: EncoderPass
    private let maskPass: MaskPass?
    private let teacherPass: TeacherPass?
    private var hiddenGradient = FloatBlock(count: 0)

    package init(network: StudentNetwork) {
        self.network = network
        gradients = FloatBlock(count: network.table.count)
        pass = EncoderPass(layout: network.encoder)
        maskPass = network.mask.map { MaskPass(layout: $0, words: network.encoder.words) }
        teacherPass = network.teacher.map { TeacherPass($0, student: network.encoder.shape) }
    }

    /// The summed loss of each head over the examples, times `scale`, and behind them the mask's own where one is learned and
    /// that of hidden pieces where they are guessed, then that of the teacher's layers where one teaches (its heads' opinions are
    /// part of the heads' losses); gradients are added to `gradients`. Gates are drawn by `draw`.
    package func learn(
        _ examples: [TrainingExample], parameters: UnsafePointer<Float>, scale: Double, dropout: Dropout,
        draw: GateDraw = GateDraw(seed: 0, progress: 0)
    ) -> [Double] {
        guard !examples.isEmpty else { return network.lossNames.map { _ in 0 } }
        let batch = NetworkWorker.packed(examples)
        let gates = maskPass?.forward(batch, examples, parameters: parameters, draw: draw)
        let hidden = pass.forward(
            batch, parameters: parameters, dropout: network.encoderLearns ? dropout : .none, gates: gates)
        let floats = batch.tokenCount * network.encoder.shape.width
        if hiddenGradient.count < floats { hiddenGradient = FloatBlock(count: floats * 5 / 4) }
        hiddenGradient.clear()
        let taught = teacherPass?.read(examples)
        var losses = network.heads.indices.map { head in
            var rows: [Range<Int>] = []
            var goals: [TrainingGoal] = []
            var weights: [Double] = []
            for (sequence, example) in examples.enumerated() {
                for target in example.targets + (taught?[sequence] ?? []) where target.head == head {
                    rows += NetworkWorker.rows(of: target.tokens, in: batch.range(sequence))
                    goals += target.goals
                    weights += target.goals.map { _ in Double(target.weight) * scale }
                }
            }
            guard !rows.isEmpty else { return 0.0 }
            return network.heads[head].learn(
                rows, goals: goals, weights: weights, loss: network.losses[head], hidden: hidden,
                parameters: parameters, gradients: gradients.pointer, hiddenGradient: hiddenGradient.pointer,
                gates: gates.flatMap { values in maskPass.map { (values, $0.gateGradient.pointer) } })
        }
        let guessed = network.languageModel.map { model in
            let hiddenPieces = examples.enumerated().flatMap { sequence, example in
                example.hidden.map { (token: batch.range(sequence).lowerBound + $0.token, piece: $0.piece) }
            }
            return model.learn(
                hiddenPieces, weight: scale, hidden: hidden, parameters: parameters, gradients: gradients.pointer,
                hiddenGradient: hiddenGradient.pointer)
        }
        let matching = teacherPass?.match(pass.activations, batch, gates: gates, scale: scale)
        if network.encoderLearns || gates != nil {
            pass.backward(
                batch, parameters: parameters, hiddenGradient: hiddenGradient.pointer, gradients: gradients.pointer,
                gateGradient: maskPass?.gateGradient.pointer, besides: teacherPass?.gradients)
        }
        if let maskPass {
            losses.append(
                maskPass.backward(examples, parameters: parameters, gradients: gradients.pointer, scale: scale))
        }
        return losses + (guessed.map { [$0] } ?? []) + (matching.map { [$0] } ?? [])
    }

    /// Logits of one head, a list for each example: one row for a whole text, or one for each of `tokens`.
    package func logits(
        head: Int, _ examples: [(example: TrainingExample, tokens: [Int])], parameters: UnsafePointer<Float>
    ) -> [[[Float]]] {
        guard !examples.isEmpty else { return [] }
        let batch = NetworkWorker.packed(examples.map(\.example))
        let hidden = pass.forward(batch, parameters: parameters)
        let rows = examples.enumerated().map { NetworkWorker.rows(of: $1.tokens, in: batch.range($0)) }
        let (_, logits) = network.heads[head].logits(
            rows.flatMap { $0 }, hidden: hidden, parameters: parameters)
        let outputs = network.heads[head].specification.outputs.count
        var next = logits.pointer
        return rows.map { part in
            part.map { _ in
                defer { next += outputs }
                return Array(UnsafeBufferPointer(start: next, count: outputs))
            }
        }
    }

    private static func packed(_ examples: [TrainingExample]) -> PackedTokens {
        var batch = PackedTokens()
        for example in examples { batch.append(ids: example.ids, positions: example.positions) }
        return batch
    }

    private static func rows(of tokens: [Int], in sequence: Range<Int>) -> [Range<Int>] {
        tokens.isEmpty
            ? [sequence] : tokens.map { sequence.lowerBound + $0..<sequence.lowerBound + $0 + 1 }
    }
}
