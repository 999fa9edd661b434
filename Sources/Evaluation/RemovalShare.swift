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
        /// What was removed, by form.
        package let forms: [FormShare]

        enum CodingKeys: String, CodingKey {
            case mask, interval, forms
            case tokensRemoved = "tokens_removed"
            case postsTouched = "posts_touched"
        }
    }

    package struct FormShare: Sendable, Codable {
        package let form: TokenForm
        package let removed: Int
        package let tokens: Int
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
        var removedForms: [[TokenForm: Int]] = policies.map { _ in [:] }
        var allForms: [TokenForm: Int] = [:]
        for text in texts {
            let tokens = student.tokenizer.tokenize(text)
            let forms = TokenForm.forms(tokens, text: text)
            for form in forms.compactMap({ $0 }) { allForms[form, default: 0] += 1 }
            for (index, item) in policies.enumerated() {
                let kept = item.policy.apply(to: tokens, text: text).kept
                counts[index].append((tokens.tokens.count - (kept?.count ?? tokens.tokens.count), tokens.tokens.count - 2))
                guard let read = kept.map(Set.init) else { continue }
                for (token, form) in forms.enumerated() where !read.contains(Int32(token)) {
                    if let form { removedForms[index][form, default: 0] += 1 }
                }
            }
        }
        func share(_ counts: [(removed: Int, all: Int)], _ rows: some Sequence<Int>) -> Double {
            var (removed, all) = (0, 0)
            for row in rows { (removed, all) = (removed + counts[row].removed, all + counts[row].all) }
            return all == 0 ? 0 : Double(removed) / Double(all)
        }
        let rows = policies.indices.map { index in
            let own = counts[index]
            return Row(
                mask: policies[index].name, tokensRemoved: share(own, own.indices),
                interval: bootstrap.interval(rowCount: own.count) { share(own, $0) },
                postsTouched: own.isEmpty ? 0 : Double(own.count { $0.removed > 0 }) / Double(own.count),
                forms: TokenForm.allCases.map {
                    FormShare(form: $0, removed: removedForms[index][$0] ?? 0, tokens: allForms[$0] ?? 0)
                })
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
        lines += ["", "  what was removed, of the tokens of each form"]
        let forms = masks.first?.forms ?? []
        lines.append("  " + percent.left("mask", 10) + forms.map { percent.right($0.form.rawValue, 13) }.joined())
        let counts = forms.map { percent.right("\($0.tokens)", 13) }
        lines.append("  " + percent.left("(tokens)", 10) + counts.joined())
        for row in masks {
            let shares = row.forms.map { $0.tokens == 0 ? "-" : percent.of(Double($0.removed) / Double($0.tokens)) }
            lines.append("  " + percent.left(row.mask, 10) + shares.map { percent.right($0, 13) }.joined())
        }
        return lines.joined(separator: "\n")
    }
}
