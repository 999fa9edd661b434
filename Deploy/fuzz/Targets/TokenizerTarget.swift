// Any text through both kinds of tokenizer and the rules of the mask: positions lie in the text, in order, and the limit holds.
import Foundation
import Masking
import Posts
import Tokenization

enum TokenizerTarget {
    private static let longest = 64

    private static let wordPiece: [TextTokenizer] = {
        let pieces =
            "[PAD] [UNK] [CLS] [SEP] a b e n t s ##a ##b ##e ##n ##t ##s the ##the and ##ing @ # : / . , ! ? ' \" - "
            + "user http https www com rt cafe ##fe \u{301} é ä ß 日 本 ##語 語 か ##な م ##ر ש ##ל ก ##า 한 ##국 😀 ##😀 0 1 ##0 ##1"
        let lines = Array(pieces.split(separator: " ").joined(separator: "\n").utf8)
        return [true, false].compactMap { lowercases in
            try? TokenizerFile.read(lines, name: "vocab.txt", lowercases: lowercases, maximumTokens: longest)
        }
    }()

    /// WINNOW_FUZZ_TOKENIZER names a tokenizer.json: Deploy/fuzz/run gives the one that the tests use.
    private static let unigram: [TextTokenizer] = {
        guard let path = ProcessInfo.processInfo.environment["WINNOW_FUZZ_TOKENIZER"],
            let data = FileManager.default.contents(atPath: path),
            let tokenizer = try? TokenizerFile.read(json: Array(data), maximumTokens: longest)
        else { preconditionFailure("WINNOW_FUZZ_TOKENIZER must name a tokenizer.json of the Unigram kind") }
        return [tokenizer]
    }()

    static func run(_ bytes: UnsafeBufferPointer<UInt8>) {
        // What a tokenizer is given has been through here.
        let text = SafeText.text(bytes, isEscaped: false)
        precondition(wordPiece.count == 2, "the vocabulary is in order")
        for tokenizer in wordPiece + unigram { check(tokenizer.tokenize(text), text) }
        let words = text.split(separator: " ", maxSplits: 12).map(String.init)
        for tokenizer in wordPiece + unigram { check(tokenizer.tokenize(words: words), words) }
    }

    private static func check(_ tokenized: TokenizedText, _ text: String) {
        let codePoints = text.unicodeScalars.count
        precondition(tokenized.codePointCount == codePoints, "the length is the text's")
        precondition((2...longest).contains(tokenized.tokens.count), "the limit holds, and the specials are there")
        precondition(tokenized.tokens.first?.isSpecial == true && tokenized.tokens.last?.isSpecial == true)
        var start: Int32 = 0, word: Int32 = -1
        for token in tokenized.tokens.dropFirst().dropLast() {
            precondition(token.start >= start && token.end >= token.start && Int(token.end) <= codePoints)
            precondition(token.word >= word, "words count upwards")
            (start, word) = (token.start, token.word)
        }
        if let cut = tokenized.cut { precondition(cut.start >= 0 && cut.end <= codePoints && cut.length > 0) }
        let masked = MaskPolicy.rules.apply(to: tokenized, text: text)
        for index in masked.kept ?? [] { precondition(Int(index) < tokenized.tokens.count) }
        for span in masked.summary.dropped { precondition(span.start >= 0 && span.end <= codePoints && span.length > 0) }
        precondition((0...1).contains(masked.summary.keptShare))
    }

    private static func check(_ pretokenized: PretokenizedText, _ words: [String]) {
        precondition(pretokenized.firstToken.count == words.count)
        precondition(pretokenized.givenWord.count == pretokenized.text.tokens.count)
        precondition(pretokenized.givenWord.allSatisfy { $0 >= -1 && Int($0) < max(words.count, 1) })
    }
}
