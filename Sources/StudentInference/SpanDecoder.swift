// From tag scores on the first piece of each word to entities: the best sequence of BIO tags in which no I- stands
// without its B- (Viterbi), then runs of one entity. Words that the mask removed are not there: a gap is bridged.
internal import Foundation

package struct SpanDecoder: Sendable {
    enum Tag: Hashable, Sendable {
        case outside
        case begins(Int)
        case continues(Int)
    }

    /// A run of words that is one entity.
    package struct Run: Hashable, Sendable {
        package let type: String
        /// Indices into the scored words.
        package let words: Range<Int>
        /// Mean probability of the chosen tags.
        package let score: Float
    }

    package let labels: [String]
    let tags: [Tag]
    private let types: [String]

    /// `labels` were checked by the configuration: `O`, `B-x`, `I-x`.
    package init(labels: [String]) {
        var types: [String] = []
        tags = labels.map { label in
            guard label != "O" else { return .outside }
            let type = String(label.dropFirst(2))
            let index = types.firstIndex(of: type) ?? types.count
            if index == types.count { types.append(type) }
            return label.hasPrefix("B") ? .begins(index) : .continues(index)
        }
        self.labels = labels
        self.types = types
    }

    private func mayFollow(_ previous: Tag?, _ tag: Tag) -> Bool {
        guard case .continues(let type) = tag else { return true }
        return previous == .begins(type) || previous == .continues(type)
    }

    /// The best tag indices for `words` rows of probabilities (words, labels).
    package func bestTags(_ probabilities: UnsafeBufferPointer<Float>, words: Int) -> [Int] {
        let count = labels.count
        guard words > 0 else { return [] }
        var scores = [Float](repeating: -.infinity, count: count)
        var back = [Int](repeating: 0, count: words * count)
        func logarithm(_ word: Int, _ tag: Int) -> Float { log(max(probabilities[word * count + tag], 1e-20)) }
        for tag in 0..<count where mayFollow(nil, tags[tag]) { scores[tag] = logarithm(0, tag) }
        for word in 1..<max(1, words) {
            var next = [Float](repeating: -.infinity, count: count)
            for tag in 0..<count {
                var best = -1
                for previous in 0..<count where mayFollow(tags[previous], tags[tag]) {
                    if best < 0 || scores[previous] > scores[best] { best = previous }
                }
                guard best >= 0 else { continue }
                next[tag] = scores[best] + logarithm(word, tag)
                back[word * count + tag] = best
            }
            scores = next
        }
        var result = [Int](repeating: 0, count: words)
        var tag = scores.indices.max { scores[$0] < scores[$1] } ?? 0
        for word in (0..<words).reversed() {
            result[word] = tag
            tag = back[word * count + tag]
        }
        return result
    }

    package func runs(_ probabilities: UnsafeBufferPointer<Float>, words: Int) -> [Run] {
        let chosen = bestTags(probabilities, words: words)
        var runs: [Run] = []
        var word = 0
        while word < words {
            guard case .begins(let type) = tags[chosen[word]] else {
                word += 1
                continue
            }
            let start = word
            var sum: Float = 0
            repeat {
                sum += probabilities[word * labels.count + chosen[word]]
                word += 1
            } while word < words && tags[chosen[word]] == .continues(type)
            runs.append(Run(type: types[type], words: start..<word, score: sum / Float(word - start)))
        }
        return runs
    }
}
