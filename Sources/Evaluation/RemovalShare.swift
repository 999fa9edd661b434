// How many tokens each mask takes out of raw posts: what the mask saves on a feed as it comes. No labels are needed.
package import Masking
package import StudentInference
internal import Tokenization

package struct RemovalShare: Sendable, Codable {
    package struct Row: Sendable, Codable {
        package let mask: String
        /// Of all tokens.
        package let tokensRemoved: Double
        /// 95 % bootstrap interval over posts.
        package let interval: [Double]
        /// Posts that lose at least one token.
        package let postsTouched: Double

        enum CodingKeys: String, CodingKey {
            case mask, interval
            case tokensRemoved = "tokens_removed"
            case postsTouched = "posts_touched"
        }
    }

    package let task: String
    package let kind: String
    package let rows: Int
    package let tokens: Int
    package let model: String
    package let masks: [Row]

    package static func measure(
        _ student: Student, _ policies: [(name: String, policy: MaskPolicy)], texts: [String],
        bootstrap: Bootstrap = Bootstrap(resamples: 200)
    ) -> RemovalShare {
        var counts: [[(removed: Int, all: Int)]] = policies.map { _ in [] }
        for text in texts {
            let tokens = student.tokenizer.tokenize(text)
            for (index, item) in policies.enumerated() {
                let kept = item.policy.apply(to: tokens, text: text).kept?.count ?? tokens.tokens.count
                counts[index].append((tokens.tokens.count - kept, tokens.tokens.count - 2))
            }
        }
        func share(_ counts: [(removed: Int, all: Int)], _ rows: some Sequence<Int>) -> Double {
            var (removed, all) = (0, 0)
            for row in rows { (removed, all) = (removed + counts[row].removed, all + counts[row].all) }
            return all == 0 ? 0 : Double(removed) / Double(all)
        }
        let rows = zip(policies, counts).map { item, counts in
            Row(
                mask: item.name, tokensRemoved: share(counts, counts.indices),
                interval: bootstrap.interval(rowCount: counts.count) { share(counts, $0) },
                postsTouched: counts.isEmpty ? 0 : Double(counts.count { $0.removed > 0 }) / Double(counts.count))
        }
        return RemovalShare(
            task: "removal", kind: "removal", rows: texts.count, tokens: (counts.first ?? []).reduce(0) { $0 + $1.all },
            model: student.version.description, masks: rows)
    }

    package var table: String {
        let percent = PercentText.self
        var lines = ["removal: \(rows) posts, \(tokens) tokens, model \(model)", ""]
        lines.append("  " + percent.left("mask", 10) + "tokens removed   95 % interval        posts touched")
        for row in masks {
            let interval = "\(percent.of(row.interval[0])) to \(percent.of(row.interval[1]))"
            lines.append(
                "  " + percent.left(row.mask, 10) + percent.right(percent.of(row.tokensRemoved), 14) + "   "
                    + percent.left(interval, 20) + percent.right(percent.of(row.postsTouched), 14))
        }
        return lines.joined(separator: "\n")
    }
}
