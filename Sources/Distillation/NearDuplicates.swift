// Keeps posts out that are, or nearly are, texts that something is measured on. Loose texts are compared whole; longer ones
// also by the share of five-letter shingles in common, found through MinHash bands (Broder, 1997) and then counted exactly.
internal import Training

package struct NearDuplicates: Sendable {
    /// Shingles in common, of all of both, from which two texts count as the same.
    package static let threshold = 0.7
    private static let shingle = 5
    /// Under this many shingles a few letters decide: only equal loose texts count.
    private static let fewestShingles = 16
    /// 24 bands of 4: a pair at the threshold is overlooked with probability (1 - 0.7^4)^24 = 0.0014.
    private static let bands = 24
    private static let rows = 4

    private var exact: Set<LooseText> = []
    /// Hashed shingles of each longer text, ascending.
    private var texts: [[UInt64]] = []
    private var buckets: [UInt64: [Int32]] = [:]

    package init() {}

    package init(_ texts: some Sequence<String>) {
        for text in texts { insert(text) }
    }

    package var isEmpty: Bool { exact.isEmpty }

    package mutating func insert(_ text: String) {
        let loose = LooseText(text)
        guard !loose.isEmpty, exact.insert(loose).inserted else { return }
        let shingles = Self.shingles(loose)
        guard shingles.count >= Self.fewestShingles else { return }
        let number = Int32(texts.count)
        texts.append(shingles)
        for key in Self.bandKeys(shingles) { buckets[key, default: []].append(number) }
    }

    package func contains(_ text: String) -> Bool {
        if exact.isEmpty { return false }
        let loose = LooseText(text)
        if loose.isEmpty { return false }
        if exact.contains(loose) { return true }
        let shingles = Self.shingles(loose)
        guard shingles.count >= Self.fewestShingles else { return false }
        var seen: Set<Int32> = []
        for key in Self.bandKeys(shingles) {
            for number in buckets[key] ?? [] where seen.insert(number).inserted {
                if Self.similarity(shingles, texts[Int(number)]) >= Self.threshold { return true }
            }
        }
        return false
    }

    /// Jaccard: of two ascending lists the share of common elements.
    static func similarity(_ one: [UInt64], _ other: [UInt64]) -> Double {
        var (first, second, common) = (0, 0, 0)
        while first < one.count, second < other.count {
            if one[first] == other[second] {
                common += 1
                first += 1
                second += 1
            } else if one[first] < other[second] {
                first += 1
            } else {
                second += 1
            }
        }
        let all = one.count + other.count - common
        return all == 0 ? 0 : Double(common) / Double(all)
    }

    static func shingles(_ loose: LooseText) -> [UInt64] {
        let scalars = loose.text.unicodeScalars.map { UInt64($0.value) }
        guard scalars.count >= shingle else { return [] }
        var found: Set<UInt64> = []
        for start in 0...(scalars.count - shingle) {
            found.insert(scalars[start..<start + shingle].reduce(0x5EED) { mixed($0 &* 0x100_0000_01B3 ^ $1) })
        }
        return found.sorted()
    }

    private static func bandKeys(_ shingles: [UInt64]) -> [UInt64] {
        (0..<bands).map { band in
            var key = UInt64(band)
            for row in 0..<rows {
                let seed = mixed(UInt64(band * rows + row + 1))
                var least = UInt64.max
                for shingle in shingles { least = min(least, mixed(shingle ^ seed)) }
                key = mixed(key ^ least)
            }
            return key
        }
    }

    /// The finaliser of SplitMix64: every bit of the result depends on every bit given.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
