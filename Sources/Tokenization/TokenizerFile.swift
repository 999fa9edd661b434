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
        let parsed = try? JSONSerialization.jsonObject(with: Data(bytes))
        guard let root = parsed as? [String: Any], let model = root["model"] as? [String: Any] else {
            throw VocabularyFault(description: "It is no tokenizer.json: the key \"model\" is missing.")
        }
        switch model["type"] as? String {
        case "Unigram": return .unigram(try unigram(root, model, maximumTokens))
        case "WordPiece": return .wordPiece(try wordPiece(root, model, maximumTokens))
        default: throw VocabularyFault(description: "The model's type is neither Unigram nor WordPiece.")
        }
    }

    private static func unigram(
        _ root: [String: Any], _ model: [String: Any], _ maximumTokens: Int
    ) throws(VocabularyFault) -> UnigramTokenizer {
        let normalizer = root["normalizer"] as? [String: Any]
        let steps = normalizer?["normalizers"] as? [[String: Any]] ?? []
        guard steps.compactMap({ $0["type"] as? String }) == ["Precompiled", "Replace"],
            let encoded = steps[0]["precompiled_charsmap"] as? String, let map = Data(base64Encoded: encoded),
            (steps[1]["pattern"] as? [String: Any])?["Regex"] as? String == " {2,}",
            steps[1]["content"] as? String == " "
        else {
            throw VocabularyFault(
                description: "A Unigram tokenizer's normaliser must be Precompiled, then \" {2,}\" replaced by one space.")
        }
        let pre = root["pre_tokenizer"] as? [String: Any]
        guard pre?["type"] as? String == "Metaspace", pre?["replacement"] as? String == "\u{2581}",
            pre?["add_prefix_space"] as? Bool == true || pre?["prepend_scheme"] as? String == "always"
        else {
            throw VocabularyFault(
                description: "A Unigram tokenizer's pre-tokenizer must be Metaspace with a space before the text.")
        }
        guard model["byte_fallback"] as? Bool != true, let unknown = model["unk_id"] as? Int,
            let rows = model["vocab"] as? [[Any]]
        else {
            throw VocabularyFault(
                description: "A Unigram tokenizer must have unk_id and a list vocab, and no byte_fallback.")
        }
        var pieces: [String] = []
        var scores: [Double] = []
        for row in rows {
            guard row.count == 2, let piece = row[0] as? String, let score = row[1] as? Double else {
                throw VocabularyFault(description: "Entry \(pieces.count) of vocab is not a piece and its score.")
            }
            pieces.append(piece)
            scores.append(score)
        }
        return UnigramTokenizer(
            vocabulary: try UnigramVocabulary(pieces: pieces, scores: scores, unknown: unknown),
            map: try CharacterMap(Array(map)), maximumTokens: maximumTokens)
    }

    private static func wordPiece(
        _ root: [String: Any], _ model: [String: Any], _ maximumTokens: Int
    ) throws(VocabularyFault) -> WordPieceTokenizer {
        guard let normalizer = root["normalizer"] as? [String: Any], normalizer["type"] as? String == "BertNormalizer",
            let lowercases = normalizer["lowercase"] as? Bool,
            (normalizer["strip_accents"] as? Bool ?? lowercases) == lowercases,
            normalizer["clean_text"] as? Bool == true, normalizer["handle_chinese_chars"] as? Bool == true,
            (root["pre_tokenizer"] as? [String: Any])?["type"] as? String == "BertPreTokenizer",
            model["continuing_subword_prefix"] as? String == "##", let ids = model["vocab"] as? [String: Int]
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
