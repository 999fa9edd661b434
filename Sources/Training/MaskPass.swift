// The mask's scorer as the trainer runs it: keep-logits of words, gates drawn from them, and the exact gradient of the
// scorer's numbers from that of the gates and from the mask's own losses. One pass belongs to one worker.
internal import CVectorKernels
internal import Foundation
internal import Masking

/// Places of the scorer's numbers in the block of parameters. The inference half is Masking.LearnedMask; a test holds
/// both equal.
package struct MaskScorerLayout: Sendable {
    package let recipe: MaskRecipe
    let width: Int
    let pieces: Int
    let features: Int
    let bias: Int
    let output: Int
    let outputBias: Int

    init(_ recipe: MaskRecipe, width: Int, table: inout ParameterTable) {
        self.recipe = recipe
        self.width = width
        func add(_ name: String, _ shape: [Int], decays: Bool) -> Int {
            table.add("mask." + name, shape, decays: decays, rateFactor: recipe.rate)
        }
        pieces = add("pieces.weight", [3 * recipe.hidden, width], decays: true)
        features = add("features.weight", [recipe.hidden, MaskFeatures.count], decays: true)
        bias = add("bias", [recipe.hidden], decays: false)
        output = add("output.weight", [1, recipe.hidden], decays: true)
        outputBias = add("output.bias", [1], decays: false)
    }
}

final class MaskPass {
    private let layout: MaskScorerLayout
    private let words: Int
    /// (T) each; valid until the next batch.
    private(set) var gates = FloatBlock(count: 0)
    private(set) var gateGradient = FloatBlock(count: 0)
    /// (T, C), (T, 3 H), (T, H)
    private var embeddings = FloatBlock(count: 0)
    private var products = FloatBlock(count: 0)
    private var hidden = FloatBlock(count: 0)
    private var scored: [ScoredWord] = []
    private var batch = PackedTokens()

    private struct ScoredWord {
        let tokens: Range<Int>
        let example: Int
        let goal: MaskGoal
        let logit: Float
        let slope: Float
        var gradient = 0.0
    }

    /// `words` is the place of the table of word embeddings.
    init(layout: MaskScorerLayout, words: Int) {
        self.layout = layout
        self.words = words
    }

    private func reserve(_ tokens: Int) {
        guard tokens > gates.count else { return }
        let room = tokens * 5 / 4
        gates = FloatBlock(count: room)
        gateGradient = FloatBlock(count: room)
        embeddings = FloatBlock(count: room * layout.width)
        products = FloatBlock(count: room * 3 * layout.recipe.hidden)
        hidden = FloatBlock(count: room * layout.recipe.hidden)
    }

    /// The gates of the batch (T), or nil where none of its texts is gated.
    func forward(
        _ batch: PackedTokens, _ examples: [TrainingExample], parameters: UnsafePointer<Float>, draw: GateDraw
    ) -> UnsafePointer<Float>? {
        scored = []
        guard examples.contains(where: { $0.mask?.isGated == true }) else { return nil }
        self.batch = batch
        reserve(batch.tokenCount)
        gateGradient.clear()
        for token in 0..<batch.tokenCount {
            gates.pointer[token] = 1
            (embeddings.pointer + token * layout.width).update(
                from: parameters + words + Int(batch.ids[token]) * layout.width, count: layout.width)
        }
        MatrixProduct.linear(
            embeddings.pointer, weight: parameters + layout.pieces, rows: batch.tokenCount, input: layout.width,
            output: 3 * layout.recipe.hidden, into: products.pointer)
        var random = RandomSource(seed: draw.seed)
        for (index, example) in examples.enumerated() {
            guard let mask = example.mask, mask.isGated else { continue }
            let first = batch.range(index).lowerBound
            var token = 0
            while token < mask.words.count {
                var end = token + 1
                while end < mask.words.count, mask.words[end] == mask.words[token], mask.words[end] >= 0 { end += 1 }
                defer { token = end }
                guard mask.words[token] >= 0 else { continue }
                let logit = (token..<end).reduce(Float(0)) {
                    $0 + score(first + $1, features: mask.features, row: $1, parameters)
                } / Float(end - token)
                let uniform = (Double(random.unit()) + 0x1p-25).clamped(to: 1e-6...1 - 1e-6)
                let gate = MaskGate(layout.recipe.method, logit: logit, uniform: uniform, progress: draw.progress)
                for piece in token..<end { gates.pointer[first + piece] = gate.value }
                scored.append(
                    ScoredWord(
                        tokens: first + token..<first + end, example: index,
                        // An entity anywhere in a handle keeps the handle.
                        goal: mask.goals[token..<end].contains(.keep) ? .keep : mask.goals[token], logit: logit,
                        slope: gate.slope))
            }
        }
        return UnsafePointer(gates.pointer)
    }

    /// The logit of one piece; keeps its hidden values.
    private func score(
        _ token: Int, features: [Float], row: Int, _ parameters: UnsafePointer<Float>
    ) -> Float {
        let (units, count) = (layout.recipe.hidden, MaskFeatures.count)
        let own = products.pointer + token * 3 * units
        var sum = parameters[layout.outputBias]
        for unit in 0..<units {
            var value = parameters[layout.bias + unit] + own[unit - 3 * units] + own[units + unit]
            value += own[5 * units + unit]
            for column in 0..<count {
                value += parameters[layout.features + unit * count + column] * features[row * count + column]
            }
            let active = tanh(value)
            hidden.pointer[token * units + unit] = active
            sum += parameters[layout.output + unit] * active
        }
        return sum
    }

    /// The mask's own losses times `scale` a text; adds all gradients of the scorer, and of the embeddings it read, to
    /// `gradients`. Follows the encoder's backward pass, which fills `gateGradient`.
    func backward(
        _ examples: [TrainingExample], parameters: UnsafePointer<Float>, gradients: UnsafeMutablePointer<Float>,
        scale: Double
    ) -> Double {
        guard !scored.isEmpty else { return 0 }
        for index in scored.indices {
            let word = scored[index]
            scored[index].gradient = word.tokens.reduce(0.0) { $0 + Double(gateGradient.pointer[$1]) } * Double(word.slope)
        }
        let loss = addBudget(scale: scale) + addGoals(scale: scale)
        scatter(examples, parameters: parameters, gradients: gradients)
        return loss
    }

    /// The squared excess of the mean keep-probability of the gated texts' pieces over the budget.
    private func addBudget(scale: Double) -> Double {
        let recipe = layout.recipe
        let texts = Set(scored.map(\.example)).count
        let pieces = Double(scored.reduce(0) { $0 + $1.tokens.count })
        let probabilities = scored.map { MaskGate.sigmoid(Double($0.logit)) }
        let mean = zip(scored, probabilities).reduce(0.0) { $0 + Double($1.0.tokens.count) * $1.1 } / pieces
        let excess = max(0, mean - recipe.keptShare)
        let weight = recipe.budgetWeight * Double(texts) * scale
        for (index, probability) in probabilities.enumerated() {
            scored[index].gradient += weight * 2 * excess * Double(scored[index].tokens.count) / pieces
                * probability * (1 - probability)
        }
        return weight * excess * excess
    }

    /// Cross-entropy of the words whose answer is known, a mean over those of a text, and the rationales' ranking.
    private func addGoals(scale: Double) -> Double {
        let recipe = layout.recipe
        var loss = 0.0
        for (_, indices) in Dictionary(grouping: scored.indices, by: { scored[$0].example }).sorted(by: { $0.key < $1.key }) {
            func of(_ goal: MaskGoal) -> [Int] { indices.filter { scored[$0].goal == goal } }
            for (goal, sign, factor) in [(MaskGoal.keep, 1.0, recipe.entityWeight), (.drop, -1.0, recipe.noiseWeight)] {
                let words = of(goal)
                let weight = factor * scale / Double(max(1, words.count))
                for index in words {
                    let logit = sign * Double(scored[index].logit)
                    loss -= weight * MaskGate.logSigmoid(logit)
                    scored[index].gradient -= weight * sign * MaskGate.sigmoid(-logit)
                }
            }
            let (inside, outside) = (of(.rationale), of(.besides))
            guard !inside.isEmpty, !outside.isEmpty else { continue }
            func mean(_ words: [Int]) -> Double {
                words.reduce(0.0) { $0 + Double(scored[$1].logit) } / Double(words.count)
            }
            let margin = mean(inside) - mean(outside)
            let weight = recipe.rationaleWeight * scale
            loss -= weight * MaskGate.logSigmoid(margin)
            let slope = weight * MaskGate.sigmoid(-margin)
            for index in inside { scored[index].gradient -= slope / Double(inside.count) }
            for index in outside { scored[index].gradient += slope / Double(outside.count) }
        }
        return loss
    }

    private func scatter(
        _ examples: [TrainingExample], parameters: UnsafePointer<Float>, gradients: UnsafeMutablePointer<Float>
    ) {
        let (units, count) = (layout.recipe.hidden, MaskFeatures.count)
        let productGradient = products.pointer
        productGradient.update(repeating: 0, count: batch.tokenCount * 3 * units)
        for word in scored {
            let share = Float(word.gradient / Double(word.tokens.count))
            guard let mask = examples[word.example].mask else { continue }
            let first = batch.range(word.example).lowerBound
            for token in word.tokens {
                gradients[layout.outputBias] += share
                let own = productGradient + token * 3 * units
                for unit in 0..<units {
                    let active = hidden.pointer[token * units + unit]
                    gradients[layout.output + unit] += share * active
                    let below = share * parameters[layout.output + unit] * (1 - active * active)
                    gradients[layout.bias + unit] += below
                    own[unit - 3 * units] += below
                    own[units + unit] += below
                    own[5 * units + unit] += below
                    for column in 0..<count {
                        gradients[layout.features + unit * count + column] +=
                            below * mask.features[(token - first) * count + column]
                    }
                }
            }
        }
        MatrixProduct.addLinearWeightGradient(
            productGradient, embeddings.pointer, rows: batch.tokenCount, input: layout.width, output: 3 * units,
            into: gradients + layout.pieces)
        MatrixProduct.linearInputGradient(
            productGradient, weight: parameters + layout.pieces, rows: batch.tokenCount, input: layout.width,
            output: 3 * units, into: embeddings.pointer)
        for token in 0..<batch.tokenCount {
            winnow_training_add(
                gradients + words + Int(batch.ids[token]) * layout.width, embeddings.pointer + token * layout.width,
                layout.width)
        }
    }
}

extension Double {
    fileprivate func clamped(to range: ClosedRange<Double>) -> Double { min(range.upperBound, max(range.lowerBound, self)) }
}
