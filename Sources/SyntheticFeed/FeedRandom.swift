// The feed's source of chance: SplitMix64, so that one seed gives one feed on every machine and with every toolchain.
// Owned by whoever draws from it. Not for anything that must be hard to guess.

struct FeedRandom: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// The next 64 bits. Constants: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A whole number from 0 up to, not including, `bound`.
    mutating func index(below bound: Int) -> Int {
        precondition(bound > 0, "a choice needs something to choose from")
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// True in the given share of cases, 0 to 1.
    mutating func chance(_ share: Double) -> Bool {
        Double(next() >> 11) * 0x1p-53 < share
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[index(below: elements.count)]
    }

    /// An index drawn in proportion to the weights.
    mutating func weightedIndex(_ weights: [Int]) -> Int {
        var remaining = index(below: weights.reduce(0, +))
        for (position, weight) in weights.enumerated() {
            if remaining < weight { return position }
            remaining -= weight
        }
        return weights.count - 1
    }

    /// Characters of the lower-case base 32 alphabet that decentralised identifiers use.
    mutating func base32(count: Int) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        var characters: [UInt8] = []
        characters.reserveCapacity(count)
        for _ in 0 ..< count { characters.append(alphabet[index(below: alphabet.count)]) }
        return String(decoding: characters, as: UTF8.self)
    }
}
