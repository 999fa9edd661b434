// Which word a Unigram piece belongs to. A word opens at a space, at punctuation and after it, and at every piece of a
// script that is written without spaces.

struct WordCutter {
    private enum Kind { case letters, punctuation, unspaced }

    private var word: Int32 = -1
    private var last: Kind?

    /// `content` is the piece without its mark of space. A lone mark opens the word that the next piece goes on with.
    mutating func word(opens: Bool, _ content: ArraySlice<UInt8>) -> Int32 {
        let scalars = String(decoding: content, as: UTF8.self).unicodeScalars
        guard let first = scalars.first, let end = scalars.last else {
            word += 1
            last = nil
            return word
        }
        let kind = Self.kind(first)
        let joins = word >= 0 && !opens && (last == nil || kind == .letters && last == .letters)
        if !joins { word += 1 }
        last = Self.kind(end)
        return word
    }

    private static func kind(_ scalar: Unicode.Scalar) -> Kind {
        switch scalar.value {
        // Thai, Lao, Tibetan, Myanmar, Khmer; kana, bopomofo and the kana extensions.
        case 0x0E00...0x0FFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3041...0x312F, 0x31A0...0x31FF, 0xFF66...0xFF9F:
            return .unspaced
        default:
            return switch ScalarClassifier.shared.entry(scalar.value).kind {
            case .ideograph: .unspaced
            case .punctuation: .punctuation
            default: .letters
            }
        }
    }
}
