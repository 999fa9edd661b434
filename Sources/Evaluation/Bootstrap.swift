// Percentile bootstrap intervals of a metric over rows (Efron, 1979): seeded, so that a report can be repeated.
// Knows row indices only; what is measured on them is the caller's.

package struct Bootstrap: Sendable {
    package let seed: UInt64
    package let resamples: Int

    package init(seed: UInt64 = 20_170_815, resamples: Int = 1000) {
        precondition(resamples >= 40, "a 95 % interval needs at least 40 resamples")
        self.seed = seed
        self.resamples = resamples
    }

    /// The 2.5 and 97.5 percentiles of `metric` over resamples of `rowCount` row indices.
    package func interval(rowCount: Int, metric: ([Int]) -> Double) -> [Double] {
        guard rowCount > 0 else { return [0, 0] }
        var counter = seed
        var drawn = Array(repeating: 0, count: rowCount)
        var values = (0..<resamples).map { _ in
            for index in drawn.indices {
                drawn[index] = Int(Bootstrap.next(&counter).multipliedFullWidth(by: UInt64(rowCount)).high)
            }
            return metric(drawn)
        }
        values.sort()
        let low = Int((0.025 * Double(resamples - 1)).rounded())
        return [values[low], values[resamples - 1 - low]]
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    private static func next(_ counter: inout UInt64) -> UInt64 {
        counter &+= 0x9E37_79B9_7F4A_7C15
        var z = counter
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
