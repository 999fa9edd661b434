// The tokenizer against Hugging Face's ids, and its positions against the text.
import Foundation
import ModelFiles
import StudentInference
import Testing
import Tokenization

@Suite struct TokenizerTests {
    private func tiny(lowercases: Bool, maximum: Int = 128) throws -> WordPieceTokenizer {
        let bytes = try FileBytes.read(Golden.tinyFolder + "/vocab.txt", what: "vocabulary", limit: 1 << 20)
        return WordPieceTokenizer(
            vocabulary: try Vocabulary(lines: bytes), lowercases: lowercases, maximumTokens: maximum)
    }

    @Test(arguments: [true, false])
    func idsEqualTheReference(lowercases: Bool) throws {
        let golden = try Golden.tiny()
        let tokenizer = try tiny(lowercases: lowercases)
        for (text, ids) in zip(golden.texts, lowercases ? golden.uncased : golden.cased) {
            #expect(tokenizer.tokenize(text).tokens.map(\.id) == ids, "\(text.prefix(60))")
        }
    }

    @Test func idsEqualTheReferenceWithTheRealVocabulary() throws {
        guard let path = Golden.miniLMVocabulary() else { return }
        let golden = try Golden.miniLM()
        let bytes = try FileBytes.read(path, what: "vocabulary", limit: 1 << 24)
        let tokenizer = WordPieceTokenizer(vocabulary: try Vocabulary(lines: bytes), lowercases: true)
        for (text, ids) in zip(golden.texts, golden.ids) {
            #expect(tokenizer.tokenize(text).tokens.map(\.id) == ids, "\(text.prefix(60))")
        }
    }

    @Test func positionsPointIntoTheOriginal() throws {
        let tokenizer = try tiny(lowercases: true)
        let text = "  Cafe\u{301}, İt \u{200B}HELLO\u{FE0F}"
        let result = tokenizer.tokenize(text)
        let scalars = Array(text.unicodeScalars)
        var words: [Int32: Range<Int>] = [:]
        for token in result.tokens where !token.isSpecial {
            let range = Int(token.start)..<Int(token.end)
            words[token.word] = min(words[token.word]?.lowerBound ?? .max, range.lowerBound)..<range.upperBound
        }
        let surfaces = words.sorted { $0.key < $1.key }.map { range in
            String(String.UnicodeScalarView(scalars[range.value]))
        }
        let expected = ["Cafe\u{301}", ",", "İt", "HELLO\u{FE0F}"]
        #expect(surfaces.map { Array($0.unicodeScalars) } == expected.map { Array($0.unicodeScalars) })
        #expect(result.codePointCount == scalars.count)
        #expect(result.cut == nil)
    }

    @Test func whatDoesNotFitIsCutVisibly() throws {
        let tokenizer = try tiny(lowercases: true, maximum: 6)
        let result = tokenizer.tokenize("hello world hello world hello world ")
        #expect(result.tokens.count == 6)
        #expect(result.cut?.start == 24)
        #expect(result.cut?.end == 36)
        #expect(result.estimatedCutTokens == 2)
        #expect(tokenizer.tokenize("hello world hello world   ").cut == nil)
    }

    @Test func wordsGivenOneByOneKeepTheirTokens() throws {
        let tokenizer = try tiny(lowercases: true)
        let words = ["Hello", "", "@world", "\u{200B}", "tests,"]
        let result = tokenizer.tokenize(words: words)
        #expect(result.firstToken[1] == nil && result.firstToken[3] == nil)
        #expect(result.firstToken[0] == 1 && result.firstToken[2] == 2)
        let last = try #require(result.firstToken[4])
        #expect(result.givenWord[last] == 4)
        #expect(result.givenWord.first == -1 && result.givenWord.last == -1)
        #expect(result.givenWord.count == result.text.tokens.count)
        for (index, token) in result.text.tokens.enumerated() where !token.isSpecial {
            let offset = words[..<Int(result.givenWord[index])].reduce(0) { $0 + $1.unicodeScalars.count + 1 }
            #expect(Int(token.start) >= offset)
        }
    }

    @Test func vocabulariesWithoutTheSpecialsAreRefused() {
        #expect(throws: VocabularyFault.self) { try Vocabulary(lines: Array("a\nb\nc\nd\ne\n".utf8)) }
        #expect(throws: VocabularyFault.self) { try Vocabulary(lines: []) }
        let twice = "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\na\n"
        #expect(throws: VocabularyFault.self) { try Vocabulary(lines: Array(twice.utf8)) }
    }
}
