// A text as tokens, each with its place in the original text. A value; made by the tokenizer, read by mask and student.
package import Posts

/// One word piece.
package struct Token: Hashable, Sendable {
    /// Row of the embedding table.
    package let id: Int32
    /// Half-open range in Unicode code points of the original text; empty for the specials.
    package let start: Int32
    package let end: Int32
    /// Ordinal of the word (a run without white space or punctuation, or one punctuation mark) the piece belongs to;
    /// -1 for the specials.
    package let word: Int32

    package init(id: Int32, start: Int32, end: Int32, word: Int32) {
        self.id = id
        self.start = start
        self.end = end
        self.word = word
    }

    package var isSpecial: Bool { word < 0 }
    package var span: CodePointSpan { CodePointSpan(start: Int(start), length: Int(end - start)) }
}

package struct TokenizedText: Sendable {
    /// `[CLS]`, the text's pieces, `[SEP]`: never more than the tokenizer's maximum.
    package let tokens: [Token]
    /// Length of the original text.
    package let codePointCount: Int
    /// What lay beyond the maximum and was not tokenised; nil where everything fitted.
    package let cut: CodePointSpan?
    /// How many pieces the cut part is worth, at the pieces per code point of the part that was read.
    package let estimatedCutTokens: Int

    /// How many of the text's code points its tokens and their neighbours reach. The last piece read may begin, or go on, in
    /// the character in which the cut falls.
    package var codePointsReached: Int {
        guard let cut else { return codePointCount }
        let lastEnd = tokens.last { !$0.isSpecial }?.end ?? 0
        return min(codePointCount, max(cut.start + 1, Int(lastEnd)))
    }

    package init(tokens: [Token], codePointCount: Int, cut: CodePointSpan?, estimatedCutTokens: Int) {
        self.tokens = tokens
        self.codePointCount = codePointCount
        self.cut = cut
        self.estimatedCutTokens = estimatedCutTokens
    }
}

/// A text that came as words (NER data): the tokens of the words joined by single spaces.
package struct PretokenizedText: Sendable {
    package let joined: String
    package let text: TokenizedText
    /// For each token the index of the given word it lies in; -1 for the specials.
    package let givenWord: [Int32]
    /// For each given word the index of its first token; nil where the word has none (cut off, or nothing but
    /// removed characters).
    package let firstToken: [Int?]
}
