// A tokenizer of either kind, behind one interface: what a model folder names decides which.

package enum TextTokenizer: Sendable {
    case wordPiece(WordPieceTokenizer)
    case unigram(UnigramTokenizer)

    /// How many pieces there are, which is how many rows the embedding table needs.
    package var pieceCount: Int {
        switch self {
        case .wordPiece(let tokenizer): tokenizer.vocabulary.count
        case .unigram(let tokenizer): tokenizer.vocabulary.count
        }
    }

    package func piece(_ id: Int32) -> String {
        switch self {
        case .wordPiece(let tokenizer): tokenizer.vocabulary.piece(id)
        case .unigram(let tokenizer): tokenizer.vocabulary.piece(id)
        }
    }

    package func tokenize(_ text: String) -> TokenizedText {
        switch self {
        case .wordPiece(let tokenizer): tokenizer.tokenize(text)
        case .unigram(let tokenizer): tokenizer.tokenize(text)
        }
    }

    /// Tokens of words given one by one; the text is the words joined by single spaces.
    package func tokenize(words: [String]) -> PretokenizedText {
        let joined = words.joined(separator: " ")
        return PretokenizedText(words: words, joined: joined, text: tokenize(joined))
    }
}

extension PretokenizedText {
    /// Assigns each token of the joined text to the given word it lies in.
    init(words: [String], joined: String, text: TokenizedText) {
        var ends: [Int32] = []
        var end: Int32 = 0
        for word in words {
            end += Int32(word.unicodeScalars.count)
            ends.append(end)
            end += 1
        }
        var firstToken = [Int?](repeating: nil, count: words.count)
        var givenWord: [Int32] = []
        var word = 0
        for (index, token) in text.tokens.enumerated() {
            if token.isSpecial {
                givenWord.append(-1)
                continue
            }
            while word < words.count - 1, token.start >= ends[word] { word += 1 }
            givenWord.append(Int32(word))
            if firstToken[word] == nil { firstToken[word] = index }
        }
        self.init(joined: joined, text: text, givenWord: givenWord, firstToken: firstToken)
    }
}
