// How well a head of classes knows what it does not know: what it leaves without an answer inside and outside of its classes.
// Pure functions of answers.

package struct AbstentionScores: Sendable, Equatable, Codable {
    /// Below this score the head gives no answer; nil: it always answers.
    package let threshold: Double?
    /// Rows inside of the classes that are answered.
    package let coverage: Double
    /// Of those, the right ones.
    package let answeredAccuracy: Double
    package let outsideRows: Int
    /// Rows outside of the classes that get no answer.
    package let outsideRefused: Double
    /// The probability that a row inside scores higher than a row outside (ties count half): 0.5 is chance.
    package let auroc: Double

    enum CodingKeys: String, CodingKey {
        case threshold, coverage, auroc
        case answeredAccuracy = "answered_accuracy"
        case outsideRows = "outside_rows"
        case outsideRefused = "outside_refused"
    }

    /// nil where all rows are inside.
    package init?(_ answers: [ClassAnswer], threshold: Double?) {
        let inside = answers.filter { $0.truth != nil }
        let outside = answers.filter { $0.truth == nil }
        guard !outside.isEmpty else { return nil }
        let bound = threshold ?? 0
        let answered = inside.filter { $0.confidence >= bound }
        self.threshold = threshold
        coverage = inside.isEmpty ? 0 : Double(answered.count) / Double(inside.count)
        let right = answered.count { $0.truth == $0.given }
        answeredAccuracy = answered.isEmpty ? 0 : Double(right) / Double(answered.count)
        outsideRows = outside.count
        outsideRefused = Double(outside.count { $0.confidence < bound }) / Double(outside.count)
        auroc = Self.auroc(inside: inside.map(\.confidence), outside: outside.map(\.confidence))
    }

    /// The area under the ROC curve by ranks (the Mann-Whitney statistic). 0.5 where one side is empty.
    package static func auroc(inside: [Double], outside: [Double]) -> Double {
        guard !inside.isEmpty, !outside.isEmpty else { return 0.5 }
        let all = (inside.map { ($0, true) } + outside.map { ($0, false) }).sorted { $0.0 < $1.0 }
        var rankSum = 0.0
        var start = 0
        while start < all.count {
            var end = start
            while end < all.count, all[end].0 == all[start].0 { end += 1 }
            // Equal scores share the mean of their ranks, which count from 1.
            let rank = Double(start + 1 + end) / 2
            for index in start..<end where all[index].1 { rankSum += rank }
            start = end
        }
        let (m, n) = (Double(inside.count), Double(outside.count))
        return (rankSum - m * (m + 1) / 2) / (m * n)
    }
}
