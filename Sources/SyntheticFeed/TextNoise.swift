// What hurried people do to a sentence: slips of the finger, dropped capitals, stretched words, shouting.
// Works on words only; links, handles and hashtags never come here.

struct TextNoise: Sendable {
    private static let emojiByMood: [PostMood: [String]] = [
        .positive: ["😂", "❤️", "🥳", "😍", "🔥", "✨", "🙏", "👏🏽", "🎉", "😭❤️", "👩‍🚀", "👨‍👩‍👧", "🏳️‍🌈", "💪🏿", "☀️"],
        .negative: ["😭", "😡", "💀", "🙄", "🤦‍♀️", "😤", "💔", "🤦🏽‍♂️", "😩", "🫠", "👎", "🥲"],
        .neutral: ["👀", "🤔", "📍", "☕️", "🧵", "📸", "🤷‍♂️", "🇧🇷", "🇯🇵", "➡️"],
    ]

    private static let slang: [(plain: String, slang: String)] = [
        ("you", "u"), ("are", "r"), ("because", "bc"), ("tonight", "2nite"), ("people", "ppl"), ("please", "plz"),
        ("going to", "gonna"), ("do not", "dont"), ("about", "abt"), ("really", "rly"), ("today", "2day"),
    ]

    static func emoji(for mood: PostMood, random: inout FeedRandom) -> String {
        random.pick(emojiByMood[mood] ?? [])
    }

    /// Changes at most a few letters: the sentence stays readable.
    static func roughen(_ sentence: String, random: inout FeedRandom) -> String {
        switch random.index(below: 12) {
        case 0: return swapLetters(in: sentence, random: &random)
        case 1: return stretchWord(in: sentence, random: &random)
        case 2: return sentence.uppercased()
        case 3: return useSlang(in: sentence)
        case 4: return sentence.lowercased()
        case 5: return dropLetter(in: sentence, random: &random)
        default: return sentence
        }
    }

    private static func useSlang(in sentence: String) -> String {
        sentence.split(separator: " ", omittingEmptySubsequences: false).map { word in
            slang.first { $0.plain == word }?.slang ?? String(word)
        }.joined(separator: " ")
    }

    /// Two neighbouring letters of one longer word change places.
    private static func swapLetters(in sentence: String, random: inout FeedRandom) -> String {
        changeLongWord(in: sentence, random: &random) { letters, random in
            let position = 1 + random.index(below: letters.count - 2)
            letters.swapAt(position, position + 1)
        }
    }

    private static func dropLetter(in sentence: String, random: inout FeedRandom) -> String {
        changeLongWord(in: sentence, random: &random) { letters, random in
            letters.remove(at: 1 + random.index(below: letters.count - 2))
        }
    }

    private static func stretchWord(in sentence: String, random: inout FeedRandom) -> String {
        changeLongWord(in: sentence, random: &random) { letters, random in
            let last = letters[letters.count - 1]
            letters.append(contentsOf: Array(repeating: last, count: 2 + random.index(below: 4)))
        }
    }

    private static func changeLongWord(
        in sentence: String, random: inout FeedRandom, change: (inout [Character], inout FeedRandom) -> Void
    ) -> String {
        var words = sentence.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let candidates = words.indices.filter { words[$0].count >= 5 && words[$0].allSatisfy(\.isLetter) }
        guard !candidates.isEmpty else { return sentence }
        let chosen = random.pick(candidates)
        var letters = Array(words[chosen])
        change(&letters, &random)
        words[chosen] = String(letters)
        return words.joined(separator: " ")
    }
}
