// How far the student's attention is from the teacher's, head by head: the Kullback-Leibler divergence of the rows of
// softmax(X Y' / sqrt(d)), with X and Y query and key (the attention itself) or both values (MiniLM; Wang et al., 2020), both
// queries or both keys (MiniLMv2; Wang et al., 2021). Taken over the tokens that the student sees, in the teacher too: a softmax
// over fewer keys is the teacher's own, made to add up to 1 over them. Forward and gradient in one place.
internal import CVectorKernels
internal import Foundation

/// Belongs to one worker: holds scratch.
final class RelationLoss {
    private let recipe: TeacherRecipe.Relations
    private let shape: EncoderShape
    /// Rows of one head, (tokens, head width) each: the student's X and Y, the teacher's, the student's gradients.
    private var rows: [FloatBlock] = []
    /// (tokens, tokens): the student's relation, which becomes the gradient at its scores, and the teacher's.
    private var relations: [FloatBlock] = []

    init(_ recipe: TeacherRecipe.Relations, shape: EncoderShape) {
        self.recipe = recipe
        self.shape = shape
    }

    /// Which third of (query, key, value) X and Y are.
    private static func parts(_ relation: TeacherRecipe.Relation) -> (x: Int, y: Int) {
        switch relation {
        case .attention: (0, 1)
        case .queries: (0, 0)
        case .keys: (1, 1)
        case .values: (2, 2)
        }
    }

    private func reserve(_ tokens: Int) {
        guard (relations.first?.count ?? 0) < tokens * tokens else { return }
        let room = tokens * 5 / 4
        rows = (0..<6).map { _ in FloatBlock(count: room * shape.headWidth) }
        relations = (0..<2).map { _ in FloatBlock(count: room * room) }
    }

    /// The loss of one text times `scale`; its gradient is added to those of the student's attention inputs.
    func add(
        _ student: EncoderActivations, _ teacher: EncoderActivations, _ pairs: TokenPairs, scale: Double,
        _ gradients: LayerGradients
    ) -> Double {
        let count = pairs.student.count
        guard count > 0 else { return 0 }
        reserve(count)
        let weight = recipe.weight * scale / Double(recipe.layers.count * recipe.of.count * shape.heads * count)
        var loss = 0.0
        for layers in recipe.layers {
            guard let gradient = gradients.attentionInputs[layers.student] else { continue }
            let own = student.layers[layers.student - 1].attentionInputs
            let other = teacher.layers[layers.teacher - 1].attentionInputs
            for relation in recipe.of {
                let (x, y) = Self.parts(relation)
                for head in 0..<shape.heads {
                    gather(own, pairs.student, part: x, head, into: rows[0])
                    gather(own, pairs.student, part: y, head, into: rows[1])
                    gather(other, pairs.teacher, part: x, head, into: rows[2])
                    gather(other, pairs.teacher, part: y, head, into: rows[3])
                    loss += weight * divergence(count, weight: weight)
                    scatter(rows[4], pairs.student, part: x, head, into: gradient)
                    scatter(rows[5], pairs.student, part: y, head, into: gradient)
                }
            }
        }
        return loss
    }

    /// The summed divergence of the rows; their gradients, times `weight`, are left in rows[4] and rows[5].
    private func divergence(_ count: Int, weight: Double) -> Double {
        let width = shape.headWidth
        let factor = 1 / Float(width).squareRoot()
        for (relation, first) in [(relations[0], 0), (relations[1], 2)] {
            MatrixProduct.multiply(
                .init(rows[first].pointer, stride: width), .init(rows[first + 1].pointer, stride: width, .transposed),
                rows: count, columns: count, inner: width, into: relation.pointer, stride: count)
            winnow_training_softmax(relation.pointer, factor, count, count)
        }
        let (own, other) = (relations[0].pointer, relations[1].pointer)
        var sum = 0.0
        let slope = Float(weight) * factor
        for index in 0..<count * count {
            let (p, q) = (other[index], own[index])
            if p > 0 { sum += Double(p) * Double(log(p) - log(max(q, .leastNormalMagnitude))) }
            own[index] = slope * (q - p)
        }
        MatrixProduct.multiply(
            .init(own, stride: count), .init(rows[1].pointer, stride: width), rows: count, columns: width, inner: count,
            into: rows[4].pointer, stride: width)
        MatrixProduct.multiply(
            .init(own, stride: count, .transposed), .init(rows[0].pointer, stride: width), rows: count, columns: width,
            inner: count, into: rows[5].pointer, stride: width)
        return sum
    }

    private func gather(_ inputs: UnsafePointer<Float>, _ tokens: [Int], part: Int, _ head: Int, into target: FloatBlock) {
        let (stride, width) = (3 * shape.width, shape.headWidth)
        let offset = part * shape.width + head * width
        for (row, token) in tokens.enumerated() {
            (target.pointer + row * width).update(from: inputs + token * stride + offset, count: width)
        }
    }

    private func scatter(_ values: FloatBlock, _ tokens: [Int], part: Int, _ head: Int, into gradient: FloatBlock) {
        let (stride, width) = (3 * shape.width, shape.headWidth)
        let offset = part * shape.width + head * width
        for (row, token) in tokens.enumerated() {
            winnow_training_add(gradient.pointer + token * stride + offset, values.pointer + row * width, width)
        }
    }
}
