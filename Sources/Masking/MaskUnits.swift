// What the learned mask keeps or drops as one: a word, or all words of one link or handle. Half an address says nothing to
// the encoder and looks broken to people.
package import Tokenization

package enum MaskUnits {
    /// One element a token: a number that the tokens of a unit share, rising along the text; -1 for the specials.
    /// `features` (tokens, MaskFeatures.count) are the marks of the same tokens.
    package static func numbers(_ tokens: [Token], features: [Float]) -> [Int32] {
        var numbers = [Int32](repeating: -1, count: tokens.count)
        var unit: Int32 = -1
        for (index, token) in tokens.enumerated() where !token.isSpecial {
            if index == 0 || !continues(tokens, index, features) { unit += 1 }
            numbers[index] = unit
        }
        return numbers
    }

    private static func continues(_ tokens: [Token], _ index: Int, _ features: [Float]) -> Bool {
        let (token, previous) = (tokens[index], tokens[index - 1])
        if previous.isSpecial { return false }
        if previous.word == token.word { return true }
        let marks = index * MaskFeatures.count
        let isAddress = features[marks + MaskFeatures.link] == 1 || features[marks + MaskFeatures.handle] == 1
        return isAddress && previous.end == token.start
    }
}
