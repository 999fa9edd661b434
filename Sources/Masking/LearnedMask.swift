// The learned mask at inference. The keep-probability of a unit (a word, or a whole link or handle: MaskUnits) comes from a
// scorer of one hidden layer over the embeddings of a piece and its two neighbours and the marks of MaskFeatures (decision
// 0100 has the formula); units under the threshold are not read. Made once for a model, shared by its workers.
internal import Foundation
package import TensorKernels
package import Tokenization

/// The scorer's numbers. `hidden` units H, embeddings of width C, F features.
package struct MaskScorerWeights: Sendable {
    /// (3 H, C): previous piece, the piece, next piece.
    package let pieces: FloatStorage
    /// (H, F)
    package let features: FloatStorage
    /// (H)
    package let bias: FloatStorage
    /// (1, H)
    package let output: FloatStorage
    /// (1)
    package let outputBias: FloatStorage
    package let hidden: Int

    package init(
        pieces: FloatStorage, features: FloatStorage, bias: FloatStorage, output: FloatStorage,
        outputBias: FloatStorage, hidden: Int
    ) {
        self.pieces = pieces
        self.features = features
        self.bias = bias
        self.output = output
        self.outputBias = outputBias
        self.hidden = hidden
    }
}

package struct LearnedMask: Sendable {
    private let weights: MaskScorerWeights
    /// (vocabulary, 3 H): the pieces' products, made once, so that scoring a token is three look-ups.
    private let table: FloatStorage
    /// Units whose keep-probability is below are dropped.
    package let threshold: Float
    private let thresholdLogit: Float

    /// `embeddings` (vocabulary, width) is the encoder's table of word embeddings; it is only read here.
    package init(
        weights: MaskScorerWeights, embeddings: FloatStorage, vocabulary: Int, width: Int, threshold: Float
    ) {
        self.weights = weights
        let outputs = 3 * weights.hidden
        table = FloatStorage(count: vocabulary * outputs) { target in
            guard let target = target.baseAddress else { return }
            Gemm.multiply(
                embeddings.base, weights.pieces.base, transposeB: true, into: target, rows: vocabulary, columns: outputs,
                depth: width)
        }
        self.threshold = threshold
        thresholdLogit = threshold <= 0 ? -.infinity : threshold >= 1 ? .infinity : log(threshold / (1 - threshold))
    }

    /// The same mask with another threshold.
    package init(_ other: LearnedMask, threshold: Float) {
        weights = other.weights
        table = other.table
        self.threshold = threshold
        thresholdLogit = threshold <= 0 ? -.infinity : threshold >= 1 ? .infinity : log(threshold / (1 - threshold))
    }

    /// One element a token: the logit of its unit's keep-probability; the specials' is infinite.
    package func keepLogits(_ tokenized: TokenizedText, text: String) -> [Float] {
        let tokens = tokenized.tokens
        let features = MaskFeatures.values(tokenized, text: text)
        let units = MaskUnits.numbers(tokens, features: features)
        var logits = [Float](repeating: .infinity, count: tokens.count)
        var index = 0
        while index < tokens.count {
            var end = index + 1
            while end < tokens.count, units[end] == units[index], !tokens[end].isSpecial { end += 1 }
            defer { index = end }
            if tokens[index].isSpecial { continue }
            var sum: Float = 0
            for token in index..<end { sum += logit(token, tokens, features) }
            for token in index..<end { logits[token] = sum / Float(end - index) }
        }
        return logits
    }

    private func logit(_ token: Int, _ tokens: [Token], _ features: [Float]) -> Float {
        let hidden = weights.hidden
        let row = 3 * hidden
        let own = table.base + Int(tokens[token].id) * row + hidden
        // The specials stand at both ends, so that every word piece has neighbours.
        let previous = table.base + Int(tokens[token - 1].id) * row
        let next = table.base + Int(tokens[token + 1].id) * row + 2 * hidden
        let count = MaskFeatures.count
        return features.withUnsafeBufferPointer { features in
            var sum = weights.outputBias.base[0]
            for unit in 0..<hidden {
                var value = weights.bias.base[unit] + previous[unit] + own[unit] + next[unit]
                let factors = weights.features.base + unit * count
                for column in 0..<count { value += factors[column] * features[token * count + column] }
                sum += weights.output.base[unit] * tanh(value)
            }
            return sum
        }
    }

    /// One element a token. A text of which no word would be left is read whole, as under the rules.
    package func dropped(_ tokenized: TokenizedText, text: String) -> [Bool] {
        let logits = keepLogits(tokenized, text: text)
        let result = logits.map { $0 < thresholdLogit }
        let keepsAWord = zip(tokenized.tokens, result).contains { !$0.isSpecial && !$1 }
        return keepsAWord ? result : [Bool](repeating: false, count: result.count)
    }
}
