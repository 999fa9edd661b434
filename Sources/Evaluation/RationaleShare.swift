// How much of what a person marked as carrying the label a mask keeps, against chance: the share it keeps of all words.
package import Masking
package import StudentInference
internal import Tokenization

package struct RationaleShare: Sendable, Codable {
    package let task: String
    package let kind: String
    /// Rows that were used: with a span of whole words that is not the whole text.
    package let rows: Int
    package let leftOut: Int
    package let model: String
    package let mask: String
    /// `rationale_kept`: of the words inside spans. `other_kept`: of the words outside. `words_kept`: of all words, which is what a
    /// mask that knows nothing and keeps as many words would keep of the spans.
    package let metrics: [String: Double]
    /// 95 % bootstrap intervals over rows; `gain` is `rationale_kept` less `words_kept`.
    package let intervals: [String: [Double]]
    package let gain: Double

    enum CodingKeys: String, CodingKey {
        case task, kind, rows, model, mask, metrics, intervals, gain
        case leftOut = "left_out"
    }

    private struct Counts {
        var inside = 0, insideKept = 0, outside = 0, outsideKept = 0

        static func += (left: inout Counts, right: Counts) {
            left.inside += right.inside
            left.insideKept += right.insideKept
            left.outside += right.outside
            left.outsideKept += right.outsideKept
        }

        private static func share(_ part: Int, _ all: Int) -> Double { all == 0 ? 0 : Double(part) / Double(all) }
        var rationale: Double { Self.share(insideKept, inside) }
        var other: Double { Self.share(outsideKept, outside) }
        var words: Double { Self.share(insideKept + outsideKept, inside + outside) }
        var gain: Double { rationale - words }
    }

    package static func measure(
        _ student: Student, _ policy: MaskPolicy, mask: String, _ rows: [LabelledText], bootstrap: Bootstrap = Bootstrap()
    ) -> RationaleShare {
        let counts = rows.compactMap { Self.counts($0, student, policy) }
        func sum(_ drawn: some Sequence<Int>) -> Counts {
            var sum = Counts()
            for row in drawn { sum += counts[row] }
            return sum
        }
        let all = sum(counts.indices)
        let parts: [(String, (Counts) -> Double)] = [
            ("rationale_kept", \.rationale), ("other_kept", \.other), ("words_kept", \.words),
        ]
        var intervals: [String: [Double]] = [:]
        for (name, part) in parts + [("gain", \.gain)] {
            intervals[name] = bootstrap.interval(rowCount: counts.count) { part(sum($0)) }
        }
        return RationaleShare(
            task: "rationale", kind: "rationale", rows: counts.count, leftOut: rows.count - counts.count,
            model: student.version.description, mask: mask,
            metrics: Dictionary(uniqueKeysWithValues: parts.map { ($0.0, $0.1(all)) }), intervals: intervals,
            gain: all.gain)
    }

    /// nil for rows that say nothing about a mask: without a span, with the whole text as span, or with a span that cuts a word.
    private static func counts(_ row: LabelledText, _ student: Student, _ policy: MaskPolicy) -> Counts? {
        guard let span = row.rationale, !row.rationaleCutsWord else { return nil }
        let tokens = student.tokenizer.tokenize(row.text)
        let kept = policy.apply(to: tokens, text: row.text).kept.map(Set.init)
        var counts = Counts()
        var lastWord: Int32 = -1
        for (index, token) in tokens.tokens.enumerated() where token.word >= 0 && token.word != lastWord {
            lastWord = token.word
            let isKept = kept?.contains(Int32(index)) ?? true
            if span.contains(Int(token.start)) {
                counts.inside += 1
                counts.insideKept += isKept ? 1 : 0
            } else {
                counts.outside += 1
                counts.outsideKept += isKept ? 1 : 0
            }
        }
        return counts.inside > 0 && counts.outside > 0 ? counts : nil
    }

    package var table: String {
        let percent = PercentText.self
        var lines = ["rationale: \(rows) rows (\(leftOut) left out), model \(model), mask \(mask)", ""]
        for name in ["rationale_kept", "other_kept", "words_kept"] {
            let interval = intervals[name].map { "   95 % interval \(percent.of($0[0])) to \(percent.of($0[1]))" } ?? ""
            lines.append("  " + percent.left(name, 18) + percent.of(metrics[name] ?? 0) + interval)
        }
        let interval = intervals["gain"].map { "   95 % interval \(percent.points($0[0])) to \(percent.points($0[1]))" } ?? ""
        lines.append("  " + percent.left("against chance", 18) + percent.points(gain) + " points" + interval)
        return lines.joined(separator: "\n")
    }
}

extension LabelledText {
    /// Whether a letter lies on both sides of an end of the rationale.
    fileprivate var rationaleCutsWord: Bool {
        guard let rationale else { return false }
        let scalars = Array(text.unicodeScalars)
        func isLetter(_ index: Int) -> Bool { scalars.indices.contains(index) && scalars[index].properties.isAlphabetic }
        let cutsFirst = isLetter(rationale.lowerBound - 1) && isLetter(rationale.lowerBound)
        let cutsLast = isLetter(rationale.upperBound - 1) && isLetter(rationale.upperBound)
        return cutsFirst || cutsLast
    }
}
