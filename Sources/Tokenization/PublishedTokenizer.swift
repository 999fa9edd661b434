// The parts of Hugging Face's `tokenizer.json` that are read here, as they stand in the file. Decoded and not walked as a
// dictionary: Foundation's JSONSerialization keeps numbers of more than 17 digits as decimals and rounds them twice, which moves
// almost half of a Unigram vocabulary's scores in the last place and so breaks ties otherwise than the original (record 0090).
internal import Foundation

struct PublishedTokenizer: Decodable {
    struct Normalizer: Decodable {
        let type: String?
        let normalizers: [Normalizer]?
        let precompiled_charsmap: String?
        let pattern: Pattern?
        let content: String?
        let lowercase: Bool?
        let strip_accents: Bool?
        let clean_text: Bool?
        let handle_chinese_chars: Bool?
    }

    struct Pattern: Decodable {
        let Regex: String?
    }

    struct PreTokenizer: Decodable {
        let type: String?
        let replacement: String?
        let add_prefix_space: Bool?
        let prepend_scheme: String?
    }

    struct Model: Decodable {
        let type: String?
        let unk_id: Int?
        let byte_fallback: Bool?
        let continuing_subword_prefix: String?
        let vocab: Pieces?
    }

    /// A Unigram model lists pieces with scores, a WordPiece model maps pieces to ids.
    enum Pieces: Decodable {
        case scored([(piece: String, score: Double)])
        case numbered([String: Int])

        init(from decoder: any Decoder) throws {
            guard var rows = try? decoder.unkeyedContainer() else {
                self = .numbered(try decoder.singleValueContainer().decode([String: Int].self))
                return
            }
            var scored: [(piece: String, score: Double)] = []
            scored.reserveCapacity(rows.count ?? 0)
            while !rows.isAtEnd {
                guard var row = try? rows.nestedUnkeyedContainer(), let piece = try? row.decode(String.self),
                    let score = try? row.decode(Double.self), row.isAtEnd
                else { throw VocabularyFault(description: "Entry \(scored.count) of vocab is not a piece and its score.") }
                scored.append((piece, score))
            }
            self = .scored(scored)
        }
    }

    let normalizer: Normalizer?
    let pre_tokenizer: PreTokenizer?
    let model: Model

    /// Refuses a file that cannot be decoded, with the place of the first part that is not what it should be.
    static func read(_ bytes: [UInt8]) throws(VocabularyFault) -> PublishedTokenizer {
        do {
            return try JSONDecoder().decode(PublishedTokenizer.self, from: Data(bytes))
        } catch let fault as VocabularyFault {
            throw fault
        } catch DecodingError.typeMismatch(_, let context) {
            let place = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw VocabularyFault(description: "It is no tokenizer.json: \(place) is of another type.")
        } catch {
            throw VocabularyFault(description: "It is no tokenizer.json: the key \"model\" is missing.")
        }
    }
}
