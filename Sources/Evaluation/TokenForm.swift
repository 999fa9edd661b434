// What a token is by its form, for tables of what a mask takes out. Read from the marks that the mask's scorer reads.
internal import Masking
package import Tokenization

package enum TokenForm: String, Sendable, Codable, CaseIterable {
    /// Of a chunk that is a web address, a handle, a hashtag; an emoji or another pictograph; a punctuation mark; of a word that
    /// begins with a digit; of any other word.
    case link, handle, hashtag, pictograph, punctuation, number, word

    /// The marks that tell a form, the first that is set.
    private static let marks: [(form: TokenForm, name: String)] = [
        (.link, "link"), (.handle, "handle"), (.hashtag, "hashtag"), (.pictograph, "pictograph"),
        (.punctuation, "punctuation"), (.number, "digit"),
    ]

    /// One element a token; nil for the specials.
    package static func forms(_ tokenized: TokenizedText, text: String) -> [TokenForm?] {
        let values = MaskFeatures.values(tokenized, text: text)
        let columns = marks.compactMap { mark in
            MaskFeatures.names.firstIndex(of: mark.name).map { (form: mark.form, column: $0) }
        }
        return tokenized.tokens.indices.map { token in
            if tokenized.tokens[token].isSpecial { return nil }
            return columns.first { values[token * MaskFeatures.count + $0.column] > 0 }?.form ?? .word
        }
    }
}
