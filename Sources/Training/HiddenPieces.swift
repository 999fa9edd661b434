// Posts with some of their pieces hidden, for masked-language training. A hidden piece is replaced by the mask piece, by any
// piece, or by itself, four times in five, once in ten and once in ten. All draws follow from (seed, epoch, post).
internal import Evaluation
package import Foundation
package import Tokenization

/// A place of a text whose piece is to be guessed.
package struct HiddenPiece: Sendable, Equatable {
    package let token: Int
    package let piece: Int32

    package init(token: Int, piece: Int32) {
        self.token = token
        self.piece = piece
    }
}

package struct HiddenPieces: ExampleSupply {
    private let texts: [String]
    private let tokenizer: TextTokenizer
    private let hiddenShare: Double
    private let seed: UInt64
    private let maskPiece: Int32
    /// What a hidden piece may be replaced by: all but the specials.
    private let replacements: [Int32]
    /// How each file came out.
    package let files: [ExampleSource.FileCount]

    /// Posts that are in a development or test file are left out: even without their labels they would be known.
    package init(
        _ recipe: LanguageModelRecipe, seed: UInt64, directory: URL, tokenizer: TextTokenizer, leakGuard: LeakGuard
    ) throws {
        guard let maskPiece = tokenizer.maskPiece else {
            throw TrainingFailure("The starting weights' vocabulary has no mask piece: leave languageModel out of the recipe.")
        }
        var (texts, files): ([String], [ExampleSource.FileCount]) = ([], [])
        for (index, path) in recipe.files.enumerated() {
            var random = RandomSource(seed: seed, stream: 9, UInt64(index))
            let first = texts.count
            var used = 0
            for text in try DatasetReader.texts(directory.appendingPathComponent(path)) {
                if let share = recipe.share, Double(random.unit()) >= share { continue }
                used += 1
                // A post of nothing, or of white space, has no piece to hide.
                if !leakGuard.refuses(text), text.contains(where: { !$0.isWhitespace }) { texts.append(text) }
            }
            files.append(.init(path: path, read: texts.count - first, refused: used - (texts.count - first)))
        }
        guard !texts.isEmpty else {
            throw TrainingFailure("The files of languageModel hold no post to learn from: name others.")
        }
        (self.texts, self.files, self.tokenizer, self.maskPiece) = (texts, files, tokenizer, maskPiece)
        (hiddenShare, self.seed) = (recipe.hiddenShare, seed)
        replacements = (0..<Int32(tokenizer.pieceCount)).filter { !tokenizer.isReserved($0) }
    }

    package var count: Int { texts.count }

    package func order(epoch: Int) -> [Int] {
        var random = RandomSource(seed: seed, stream: 10, UInt64(epoch))
        return Array(0..<count).shuffled(using: &random)
    }

    package func example(_ reading: Int, epoch: Int) -> TrainingExample {
        var random = RandomSource(seed: seed, stream: 11, UInt64(epoch), UInt64(reading))
        let tokens = tokenizer.tokenize(texts[reading]).tokens
        var ids = tokens.map(\.id)
        let hidden = chosen(tokens, &random).map { HiddenPiece(token: $0, piece: ids[$0]) }
        for place in hidden {
            let draw = random.unit()
            if draw < 0.8 {
                ids[place.token] = maskPiece
            } else if draw < 0.9 {
                ids[place.token] = replacements.randomElement(using: &random) ?? maskPiece
            }
        }
        return TrainingExample(ids: ids, positions: ids.indices.map { Int32($0) }, targets: [], hidden: hidden)
    }

    /// Whole words in a drawn order while they fit into the share; where none fits, single pieces. In order of the text.
    private func chosen(_ tokens: [Token], _ random: inout RandomSource) -> [Int] {
        let places = tokens.indices.filter { !tokens[$0].isSpecial }
        let wanted = max(1, Int((Double(places.count) * hiddenShare).rounded()))
        var words: [[Int]] = []
        for place in places {
            if let last = words.last?.last, tokens[last].word == tokens[place].word {
                words[words.count - 1].append(place)
            } else {
                words.append([place])
            }
        }
        var chosen: [Int] = []
        for word in words.shuffled(using: &random) where chosen.count + word.count <= wanted { chosen += word }
        if chosen.isEmpty { chosen = Array(places.shuffled(using: &random).prefix(wanted)) }
        return chosen.sorted()
    }
}

extension TextTokenizer {
    /// The piece that stands for a hidden one; nil where the vocabulary has none.
    fileprivate var maskPiece: Int32? {
        (0..<Int32(pieceCount)).first { ["[MASK]", "<mask>"].contains(piece($0)) }
    }

    /// Specials and the places that a vocabulary leaves unused: they never stand in a post.
    fileprivate func isReserved(_ id: Int32) -> Bool {
        let piece = piece(id)
        let isBracketed = piece.hasPrefix("[") && piece.hasSuffix("]") || piece.hasPrefix("<") && piece.hasSuffix(">")
        return isBracketed && piece.count > 2
    }
}
