// L-BFGS (Nocedal, 1980): the minimum of a smooth convex function of many variables from its values and gradients, without a rate
// to choose. For losses over data that fit in memory; deterministic.

struct QuasiNewton {
    /// Pairs of steps that the curvature is told from.
    let memory = 10
    let mostSteps: Int
    /// It ends when a step lowers the value by less than this share of it.
    let tolerance = 1e-7

    /// Improves `point` in place. `evaluate` gives the value at a point and writes the gradient.
    func minimise(_ point: inout [Double], _ evaluate: ([Double], inout [Double]) -> Double) {
        var gradient = [Double](repeating: 0, count: point.count)
        var value = evaluate(point, &gradient)
        var pairs: [(step: [Double], change: [Double], scale: Double)] = []
        for _ in 0..<mostSteps {
            var direction = Self.direction(gradient, pairs)
            var slope = Self.dot(gradient, direction)
            if slope >= 0 {
                // Rounding has spoilt the curvature: begin again downhill.
                pairs.removeAll()
                direction = gradient.map { -$0 }
                slope = -Self.dot(gradient, gradient)
            }
            guard slope < 0 else { return }
            var length = pairs.isEmpty ? min(1, 1 / Self.dot(gradient, gradient).squareRoot()) : 1
            var next = point, nextGradient = gradient, nextValue = value
            var isLower = false
            // Armijo's condition with halving; forty halvings reach the limit of double precision.
            for _ in 0..<40 {
                for index in point.indices { next[index] = point[index] + length * direction[index] }
                nextValue = evaluate(next, &nextGradient)
                isLower = nextValue <= value + 1e-4 * length * slope
                if isLower { break }
                length /= 2
            }
            guard isLower else { return }
            let step = zip(next, point).map { $0 - $1 }, change = zip(nextGradient, gradient).map { $0 - $1 }
            let product = Self.dot(step, change)
            if product > 1e-12 { pairs.append((step, change, 1 / product)) }
            if pairs.count > memory { pairs.removeFirst() }
            let gained = value - nextValue
            (point, gradient, value) = (next, nextGradient, nextValue)
            if gained <= tolerance * max(abs(value), 1e-3) { return }
        }
    }

    /// The two-loop recursion: minus the inverse Hessian's estimate times the gradient.
    private static func direction(
        _ gradient: [Double], _ pairs: [(step: [Double], change: [Double], scale: Double)]
    ) -> [Double] {
        var result = gradient.map { -$0 }
        var shares: [Double] = []
        for pair in pairs.reversed() {
            let share = pair.scale * dot(pair.step, result)
            shares.append(share)
            for index in result.indices { result[index] -= share * pair.change[index] }
        }
        if let last = pairs.last {
            let scale = 1 / (last.scale * dot(last.change, last.change))
            for index in result.indices { result[index] *= scale }
        }
        for (pair, share) in zip(pairs, shares.reversed()) {
            let correction = share - pair.scale * dot(pair.change, result)
            for index in result.indices { result[index] += correction * pair.step[index] }
        }
        return result
    }

    private static func dot(_ left: [Double], _ right: [Double]) -> Double {
        var sum = 0.0
        for index in left.indices { sum += left[index] * right[index] }
        return sum
    }
}
