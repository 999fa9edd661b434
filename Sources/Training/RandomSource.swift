// Seeded randomness that is the same on every machine. Owned by whoever needs a stream of its own; nothing here
// is for secrets.

/// xoshiro256** (Blackman and Vigna, 2018), seeded through SplitMix64.
package struct RandomSource: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    package init(seed: UInt64) {
        var counter = seed
        func next() -> UInt64 {
            counter &+= 0x9E37_79B9_7F4A_7C15
            return RandomSource.mixed(counter)
        }
        state = (next(), next(), next(), next())
    }

    /// An independent stream for each list of numbers: (seed, epoch), (seed, step, shard), ...
    package init(seed: UInt64, stream: UInt64...) {
        self.init(seed: RandomSource.derivedSeed(seed, stream))
    }

    package static func derivedSeed(_ seed: UInt64, _ stream: [UInt64]) -> UInt64 {
        stream.reduce(mixed(seed)) { mixed(($0 &* 0xD120_0000_0000_0BB5) &+ $1 &+ 0x9E37_79B9_7F4A_7C15) }
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    package mutating func next() -> UInt64 {
        let result = rotated(state.1 &* 5, 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = rotated(state.3, 45)
        return result
    }

    /// Uniform in 0 ..< 1, 24 bits.
    package mutating func unit() -> Float { Float(next() >> 40) * 0x1p-24 }

    /// Standard normal, as the sum of twelve uniforms less six: enough for starting weights.
    package mutating func normal() -> Float { (0..<12).reduce(-6) { sum, _ in sum + unit() } }

    private func rotated(_ value: UInt64, _ by: UInt64) -> UInt64 { (value << by) | (value >> (64 - by)) }
}
