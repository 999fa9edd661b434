// Reads `vocab.txt`, and Hugging Face's `tokenizer.json` for the two kinds of tokenizer that are known here; refuses
// what would be read otherwise than its author meant.
internal import Foundation

package enum TokenizerFile {
    /// `name` is the file's: one that does not end in `.json` is a `vocab.txt`, which does not say by itself whether the
    /// model reads lower case.
    package static func read(
        _ bytes: [UInt8], name: String, lowercases: Bool, maximumTokens: Int
    ) throws(VocabularyFault) -> TextTokenizer {
        if name.hasSuffix(".json") { return try read(json: bytes, maximumTokens: maximumTokens) }
        return .wordPiece(
            WordPieceTokenizer(
                vocabulary: try Vocabulary(lines: bytes), lowercases: lowercases, maximumTokens: maximumTokens))
    }

    package static func read(json bytes: [UInt8], maximumTokens: Int) throws(VocabularyFault) -> TextTokenizer {
        let file = try PublishedTokenizer.read(bytes)
        switch file.model.type {
        case "Unigram": return .unigram(try unigram(file, maximumTokens))
        case "WordPiece": return .wordPiece(try wordPiece(file, maximumTokens))
        default: throw VocabularyFault(description: "The model's type is neither Unigram nor WordPiece.")
        }
    }

    private static func unigram(
        _ file: PublishedTokenizer, _ maximumTokens: Int
    ) throws(VocabularyFault) -> UnigramTokenizer {
        let steps = file.normalizer?.normalizers ?? []
        guard steps.map(\.type) == ["Precompiled", "Replace"], let encoded = steps[0].precompiled_charsmap,
            let map = Data(base64Encoded: encoded), steps[1].pattern?.Regex == " {2,}", steps[1].content == " "
        else {
            throw VocabularyFault(
                description: "A Unigram tokenizer's normaliser must be Precompiled, then \" {2,}\" replaced by one space.")
        }
        let pre = file.pre_tokenizer
        guard pre?.type == "Metaspace", pre?.replacement == "\u{2581}",
            pre?.add_prefix_space == true || pre?.prepend_scheme == "always"
        else {
            throw VocabularyFault(
                description: "A Unigram tokenizer's pre-tokenizer must be Metaspace with a space before the text.")
        }
        guard file.model.byte_fallback != true, let unknown = file.model.unk_id,
            case .scored(let rows)? = file.model.vocab
        else {
            throw VocabularyFault(
                description: "A Unigram tokenizer must have unk_id and a list vocab, and no byte_fallback.")
        }
        return UnigramTokenizer(
            vocabulary: try UnigramVocabulary(
                pieces: rows.map(\.piece), scores: rows.map(\.score), unknown: unknown),
            map: try CharacterMap(Array(map)), maximumTokens: maximumTokens)
    }

    private static func wordPiece(
        _ file: PublishedTokenizer, _ maximumTokens: Int
    ) throws(VocabularyFault) -> WordPieceTokenizer {
        guard let normalizer = file.normalizer, normalizer.type == "BertNormalizer",
            let lowercases = normalizer.lowercase, (normalizer.strip_accents ?? lowercases) == lowercases,
            normalizer.clean_text == true, normalizer.handle_chinese_chars == true,
            file.pre_tokenizer?.type == "BertPreTokenizer", file.model.continuing_subword_prefix == "##",
            case .numbered(let ids)? = file.model.vocab
        else {
            throw VocabularyFault(
                description: "A WordPiece tokenizer must be BERT's: BertNormalizer, BertPreTokenizer, ## and a vocab.")
        }
        let ordered = ids.sorted { $0.value < $1.value }
        guard ordered.map(\.value) == Array(0..<ordered.count) else {
            throw VocabularyFault(description: "The ids of vocab do not run from 0 without gaps.")
        }
        let lines = ordered.map(\.key).joined(separator: "\n")
        return WordPieceTokenizer(
            vocabulary: try Vocabulary(lines: Array(lines.utf8)), lowercases: lowercases, maximumTokens: maximumTokens)
    }
}
