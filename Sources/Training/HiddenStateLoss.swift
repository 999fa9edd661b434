// How far the student's hidden states are from the teacher's: mean over the pairs of layers and over the tokens that the student
// sees, of the squared distance (Sun et al., 2019; Jiao et al., 2020) or of the cosine distance (Sanh et al., 2019). Forward and
// gradient in one place.

struct HiddenStateLoss {
    private let recipe: TeacherRecipe.Hidden
    private let width: Int

    init(_ recipe: TeacherRecipe.Hidden, width: Int) {
        self.recipe = recipe
        self.width = width
    }

    /// The loss of one text times `scale`; its gradient is added to those of the student's layers.
    func add(
        _ student: EncoderActivations, _ teacher: EncoderActivations, _ pairs: TokenPairs, scale: Double,
        _ gradients: LayerGradients
    ) -> Double {
        guard !pairs.student.isEmpty else { return 0 }
        let weight = recipe.weight * scale / Double(recipe.layers.count * pairs.student.count)
        var loss = 0.0
        for layers in recipe.layers {
            guard let gradient = gradients.states[layers.student] else { continue }
            let (own, other) = (student.states(layers.student), teacher.states(layers.teacher))
            for (row, place) in zip(pairs.student, pairs.teacher) {
                let (s, t, target) = (own + row * width, other + place * width, gradient.pointer + row * width)
                loss += recipe.measure == .squared
                    ? squared(s, t, target, weight: weight) : cosine(s, t, target, weight: weight)
            }
        }
        return loss
    }

    private func squared(
        _ s: UnsafePointer<Float>, _ t: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, weight: Double
    ) -> Double {
        var sum = 0.0
        let factor = Float(2 * weight / Double(width))
        for column in 0..<width {
            let difference = s[column] - t[column]
            sum += Double(difference * difference)
            gradient[column] += factor * difference
        }
        return weight * sum / Double(width)
    }

    private func cosine(
        _ s: UnsafePointer<Float>, _ t: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, weight: Double
    ) -> Double {
        var (product, own, other) = (0.0, 0.0, 0.0)
        for column in 0..<width {
            let (a, b) = (Double(s[column]), Double(t[column]))
            product += a * b
            own += a * a
            other += b * b
        }
        let norms = max((own * other).squareRoot(), 1e-12)
        let cosine = product / norms
        for column in 0..<width {
            let slope = Double(t[column]) / norms - cosine * Double(s[column]) / max(own, 1e-12)
            gradient[column] -= Float(weight * slope)
        }
        return weight * (1 - cosine)
    }
}
