// The head of masked-language training: which piece stood where one was hidden. Its output product is tied to the table of word
// embeddings; only a bias is its own. Only hidden places are computed, and of the vocabulary a chunk at a time, so that memory
// does not grow with it.
internal import CVectorKernels
internal import Foundation

package struct LanguageModelHead: Sendable {
    private let width: Int
    private let pieces: Int
    /// Places of the word embeddings (pieces, width) and of the bias (pieces) in the block of parameters.
    private let words: Int
    private let bias: Int
    /// Frozen embeddings need no gradient of the output product.
    private let wordsLearn: Bool
    /// Pieces of the vocabulary whose scores are held at once.
    private let piecesAtOnce: Int

    init(encoder: EncoderLayout, wordsLearn: Bool, piecesAtOnce: Int, table: inout ParameterTable) {
        width = encoder.shape.width
        pieces = encoder.shape.vocabulary
        words = encoder.words
        self.wordsLearn = wordsLearn
        self.piecesAtOnce = piecesAtOnce
        bias = table.add("language_model.bias", [pieces], decays: false, rateFactor: 1)
    }

    /// The summed cross-entropy of the hidden pieces times `weight`. `rows` are tokens of the batch, `hidden` its states (T, C);
    /// gradients are added to `gradients` and to `hiddenGradient` (T, C).
    func learn(
        _ rows: [(token: Int, piece: Int32)], weight: Double, hidden: UnsafePointer<Float>,
        parameters: UnsafePointer<Float>, gradients: UnsafeMutablePointer<Float>,
        hiddenGradient: UnsafeMutablePointer<Float>
    ) -> Double {
        guard !rows.isEmpty else { return 0 }
        let inputs = FloatBlock(count: rows.count * width)
        for (row, place) in rows.enumerated() {
            (inputs.pointer + row * width).update(from: hidden + place.token * width, count: width)
        }
        let scores = FloatBlock(count: rows.count * min(piecesAtOnce, pieces))
        let (largest, sums) = (FloatBlock(count: rows.count), FloatBlock(count: rows.count))
        for row in rows.indices { largest.pointer[row] = -3e38 }
        var right = [Float](repeating: 0, count: rows.count)
        for range in chunks {
            score(range, inputs: inputs, rows: rows.count, parameters: parameters, into: scores.pointer)
            winnow_training_add_to_softmax_sums(scores.pointer, largest.pointer, sums.pointer, rows.count, range.count)
            for (row, place) in rows.enumerated() where range.contains(Int(place.piece)) {
                right[row] = scores.pointer[row * range.count + Int(place.piece) - range.lowerBound]
            }
        }
        var loss = 0.0
        for row in rows.indices {
            loss += weight * (Double(largest.pointer[row] - right[row]) + log(Double(sums.pointer[row])))
            // From here on the factor that turns powers into gradients.
            sums.pointer[row] = Float(weight) / sums.pointer[row]
        }
        let inputGradient = FloatBlock(count: rows.count * width)
        for range in chunks {
            score(range, inputs: inputs, rows: rows.count, parameters: parameters, into: scores.pointer)
            winnow_training_softmax_by_sums(scores.pointer, largest.pointer, sums.pointer, rows.count, range.count)
            for (row, place) in rows.enumerated() where range.contains(Int(place.piece)) {
                scores.pointer[row * range.count + Int(place.piece) - range.lowerBound] -= Float(weight)
            }
            addGradients(
                range, scores.pointer, inputs: inputs, rows: rows.count, parameters: parameters, gradients: gradients,
                inputGradient: inputGradient.pointer)
        }
        for (row, place) in rows.enumerated() {
            winnow_training_add(hiddenGradient + place.token * width, inputGradient.pointer + row * width, width)
        }
        return loss
    }

    private var chunks: [Range<Int>] {
        stride(from: 0, to: pieces, by: piecesAtOnce).map { $0..<min($0 + piecesAtOnce, pieces) }
    }

    /// Scores (rows, chunk) of a part of the vocabulary.
    private func score(
        _ range: Range<Int>, inputs: FloatBlock, rows: Int, parameters: UnsafePointer<Float>,
        into scores: UnsafeMutablePointer<Float>
    ) {
        MatrixProduct.linear(
            inputs.pointer, weight: parameters + words + range.lowerBound * width, rows: rows, input: width,
            output: range.count, into: scores)
        winnow_training_add_bias(scores, parameters + bias + range.lowerBound, rows, range.count)
    }

    /// `scoreGradient` (rows, chunk); that of the inputs (rows, C) is added to.
    private func addGradients(
        _ range: Range<Int>, _ scoreGradient: UnsafePointer<Float>, inputs: FloatBlock, rows: Int,
        parameters: UnsafePointer<Float>, gradients: UnsafeMutablePointer<Float>,
        inputGradient: UnsafeMutablePointer<Float>
    ) {
        let place = words + range.lowerBound * width
        winnow_training_add_column_sums(scoreGradient, gradients + bias + range.lowerBound, rows, range.count)
        if wordsLearn {
            MatrixProduct.addLinearWeightGradient(
                scoreGradient, inputs.pointer, rows: rows, input: width, output: range.count, into: gradients + place)
        }
        MatrixProduct.multiply(
            .init(scoreGradient, stride: range.count), .init(parameters + place, stride: width), rows: rows,
            columns: width, inner: range.count, into: inputGradient, stride: width, adding: true)
    }
}
