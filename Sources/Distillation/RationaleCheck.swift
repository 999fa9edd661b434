// Whether a rationale argues for another label than the answer gives. It looks for labels named outright and for a few words
// that leave no doubt about a feeling; what is negated or conceded does not count. Cautious: it says nothing where both
// sides, or neither, are named.

package enum RationaleCheck {
    package enum Contradiction: String, Sendable {
        case sentiment, topic
    }

    package static func contradiction(_ answer: TeacherAnswer, taxonomy: AnswerTaxonomy) -> Contradiction? {
        let words = claims(answer.rationale)
        if isContradicted(answer.sentiment, of: taxonomy.sentiment, words, cues: sentimentCues) { return .sentiment }
        if isContradicted(answer.topic, of: taxonomy.topic, words, cues: [:]) { return .topic }
        return nil
    }

    /// Words that say a sentiment without its name. A label that is not here is only looked for by name.
    private static let sentimentCues: [String: Set<String>] = [
        "positive": [
            "positive", "positively", "joy", "joyful", "happy", "happiness", "praise", "praises", "praising", "delight",
            "delighted", "excited", "excitement", "enthusiastic", "enthusiasm", "grateful", "gratitude", "cheerful", "admiration",
        ],
        "negative": [
            "negative", "negatively", "angry", "anger", "complains", "complaint", "complaining", "disappointed", "disappointment",
            "frustrated", "frustration", "criticises", "criticizes", "sad", "sadness", "annoyed", "annoyance", "disgust", "hatred",
            "unhappy",
        ],
        "neutral": ["neutral", "neutrally", "factual", "unemotional", "matter-of-fact"],
    ]

    private static let negations: Set<String> = [
        "not", "no", "without", "never", "neither", "nor", "isn't", "doesn't", "lacks", "lacking", "any", "hardly", "little",
    ]
    /// They open a stretch that is set aside, up to the next comma or full stop.
    private static let concessions: Set<String> = ["despite", "although", "though", "while", "unlike", "whereas"]

    private static func isContradicted(
        _ label: String, of labels: [String], _ words: [String], cues: [String: Set<String>]
    ) -> Bool {
        func isNamed(_ candidate: String) -> Bool {
            let known = cues[candidate] ?? []
            if words.contains(where: { known.contains($0) }) { return true }
            let parts = candidate.split(whereSeparator: { !($0.isLetter || $0.isNumber) }).map { $0.lowercased() }
            guard !parts.isEmpty, parts.count <= words.count else { return false }
            return (0...(words.count - parts.count)).contains { Array(words[$0..<$0 + parts.count]) == parts }
        }
        return !isNamed(label) && labels.contains { $0 != label && isNamed($0) }
    }

    /// The rationale's words in lower case without quotes from the post and what is negated or conceded.
    private static func claims(_ rationale: String) -> [String] {
        var claims: [String] = []
        for part in withoutQuotes(rationale).split(whereSeparator: { ",.;:!?()".contains($0) }) {
            var isConceded = false
            var sinceNegation = 4
            let words = part.lowercased().split(whereSeparator: { !($0.isLetter || $0.isNumber || "'’-".contains($0)) })
            for (place, word) in words.enumerated() {
                let word = String(word.map { $0 == "’" ? "'" : $0 })
                let next = place + 1 < words.count ? words[place + 1] : ""
                let setsAside = (word == "rather" && next == "than") || (word == "instead" && next == "of")
                if concessions.contains(word) || setsAside { isConceded = true }
                sinceNegation = negations.contains(word) || word.hasSuffix("n't") ? 0 : sinceNegation + 1
                if !isConceded, sinceNegation > 3 { claims.append(word) }
            }
        }
        return claims
    }

    /// A quote says what the post says, not what the teacher argues. An apostrophe inside a word opens none.
    private static func withoutQuotes(_ text: String) -> String {
        let closing: [Character: Character] = ["\"": "\"", "'": "'", "“": "”", "‘": "’", "«": "»", "„": "“"]
        var kept = ""
        var characters = text[...]
        while let character = characters.popFirst() {
            let opensWord = kept.last.map { !($0.isLetter || $0.isNumber) } ?? true
            if opensWord, let end = closing[character], let close = closingQuote(end, in: characters) {
                characters = characters[characters.index(after: close)...]
                kept.append(" ")
            } else {
                kept.append(character)
            }
        }
        return kept
    }

    private static func closingQuote(_ end: Character, in text: Substring) -> String.Index? {
        var place = text.startIndex
        while let found = text[place...].firstIndex(of: end) {
            let after = text.index(after: found)
            let isInWord = after < text.endIndex && (text[after].isLetter || text[after].isNumber)
            if !isInWord { return found }
            place = after
        }
        return nil
    }
}
