// A text with a mark on each code point: what is known of its worth to the mask. Noise can be put into it without losing
// the marks' places.
package import Tokenization

package struct MarkedText: Sendable {
    package private(set) var scalars: [Unicode.Scalar]
    package private(set) var marks: [MaskGoal]

    /// Ranges are code points of the text. Code points of `kept` matter in any case.
    package init(_ text: String, rationales: [Range<Int>], kept: [Range<Int>] = []) {
        scalars = Array(text.unicodeScalars)
        marks = [MaskGoal](repeating: rationales.isEmpty ? .unknown : .besides, count: scalars.count)
        for range in rationales { for index in range { marks[index] = .rationale } }
        for range in kept { for index in range { marks[index] = .keep } }
    }

    package init(_ text: String, rationale: Range<Int>? = nil) {
        self.init(text, rationales: rationale.map { [$0] } ?? [])
    }

    package var text: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// Puts each piece of noise at the start, the end, or a gap between words, with spaces around it.
    package mutating func insert(_ noise: [String], _ random: inout RandomSource) {
        for piece in noise {
            let place = random.unit()
            var gap = place < 0.3 ? 0 : scalars.count
            if place > 0.8 {
                let gaps = scalars.indices.filter { scalars[$0] == " " && marks[$0] != .drop }
                gap = gaps.randomElement(using: &random) ?? scalars.count
            }
            let padded = Array((gap == 0 ? piece + " " : " " + piece).unicodeScalars)
            scalars.insert(contentsOf: padded, at: gap)
            marks.insert(contentsOf: padded.map { _ in .drop }, at: gap)
        }
    }

    /// One goal a token of this text; a word's is that of its first code point.
    package func goals(_ tokenized: TokenizedText) -> [MaskGoal] {
        tokenized.tokens.map { $0.isSpecial || Int($0.start) >= marks.count ? .unknown : marks[Int($0.start)] }
    }
}
