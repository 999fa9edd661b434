// Noise that a feed carries and that says nothing about a post: generated from templates, for training only. The templates
// that quality is measured with are others (Evaluation), so that the measure shows what carries over.

package struct TrainingNoise: Sendable {
    private let runs: [String]
    private let hasManySentences: Bool

    /// `runs` are pieces of noise as people sent them; every other piece is one of these where there are any.
    /// `hasManySentences`: nearly half of the generated pieces are sentences of a long list, else a fifth of a short one.
    package init(runs: [String] = [], hasManySentences: Bool = false) {
        self.runs = runs
        self.hasManySentences = hasManySentences
    }

    /// Pieces of noise of about `words` words in all.
    package func pieces(words: Int, _ random: inout RandomSource) -> [String] {
        var pieces: [String] = []
        var count = 0
        while count < words {
            let piece = !runs.isEmpty && random.unit() < 0.5 ? pick(runs, &random) : piece(&random)
            pieces.append(piece)
            count += piece.split(separator: " ").count
        }
        return pieces
    }

    private func piece(_ random: inout RandomSource) -> String {
        let drawn = random.unit()
        // Where each kind ends: links, handles, hashtags, pictographs, retweets, marks, keys; the rest are sentences.
        let ends: [Float] =
            hasManySentences ? [0.12, 0.24, 0.38, 0.44, 0.48, 0.51, 0.54] : [0.18, 0.36, 0.56, 0.64, 0.70, 0.74, 0.78]
        switch ends.firstIndex(where: { drawn < $0 }) {
        case 0: return TextVariation().link(&random)
        case 1: return list(1...4, &random) { TextVariation().handle(&$0) }
        case 2: return list(1...5, &random) { "#" + pick(Self.tags, &$0) }
        case 3: return list(2...6, &random) { pick(Self.pictographs, &$0) }
        case 4: return "RT " + TextVariation().handle(&random) + ":"
        case 5:
            let mark = pick(["!", "?", ".", "*", "~", "-"], &random)
            return String(repeating: mark, count: Int.random(in: 4...9, using: &random))
        case 6:
            let count = Int.random(in: 5...12, using: &random)
            return String((0..<count).map { _ in "asdfghjklqwe".randomElement(using: &random) ?? "a" })
        default:
            guard hasManySentences else { return filled(pick(TrainingNoiseTemplates.few, &random), &random) }
            return cut(filled(pick(TrainingNoiseTemplates.many, &random), &random), &random)
        }
    }

    /// One sentence of five is cut short, as a post's end often is.
    private func cut(_ text: String, _ random: inout RandomSource) -> String {
        let words = text.split(separator: " ")
        guard words.count > 2, random.unit() < 0.2 else { return text }
        return words.prefix(Int.random(in: 2..<words.count, using: &random)).joined(separator: " ")
    }

    private func list(
        _ range: ClosedRange<Int>, _ random: inout RandomSource, _ make: (inout RandomSource) -> String
    ) -> String {
        var parts: [String] = []
        for _ in 0..<Int.random(in: range, using: &random) { parts.append(make(&random)) }
        return parts.joined(separator: " ")
    }

    private func pick(_ list: [String], _ random: inout RandomSource) -> String {
        list[Int.random(in: 0..<list.count, using: &random)]
    }

    private func filled(_ template: String, _ random: inout RandomSource) -> String {
        var text = template
        func fill(_ mark: String, _ value: String) {
            let parts = text.split(separator: mark, omittingEmptySubsequences: false)
            text = parts.joined(separator: value)
        }
        fill("{n}", String(Int.random(in: 1...99, using: &random)))
        fill("{handle}", TextVariation().handle(&random))
        fill("{link}", TextVariation().link(&random))
        fill("{code}", pick(["SAVE", "DEAL", "VIP", "FLASH", "GET"], &random) + String(Int.random(in: 5...90, using: &random)))
        return text
    }

    private static let tags = [
        "follow", "followback", "followme", "like4like", "likeforlike", "instagood", "photooftheday", "promo", "sale",
        "deal", "giveaway", "ad", "sponsored", "share", "retweet", "rt", "viral", "trending", "fyp", "foryou", "tbt",
        "l4l", "f4f", "picoftheday", "win", "contest", "subscribe", "livestream", "nowplaying", "teamfollowback",
    ]
    private static let pictographs = [
        "👉", "👇", "🔥", "🚨", "💥", "✅", "⬇️", "➡️", "🔗", "📲", "🎁", "💯", "⭐", "🆕", "📢", "🛒", "❗", "🎉",
    ]
}
