// Noise put into the posts of an evaluation, to see what it costs. The templates here are kept apart from those that training
// may use (Training.TrainingNoise): a mask that has learned its own templates by heart gains nothing. Real runs of noise, from
// a file of raw posts, can take their place.
internal import Foundation
package import StudentInference
internal import Tokenization

extension LabelledDataset {
    /// The texts as an evaluation under noise reads them: noise goes into texts with a label, not into rows of tokens.
    package func noisyTexts(_ noise: NoiseStress) -> [String] {
        guard case .classes(let rows) = self else { return texts }
        return rows.enumerated().map { noise.noisy($1.text, row: $0) }
    }
}

package struct NoiseStress: Sendable {
    /// What shares of noise are counted in. A link is one word and a dozen tokens.
    package enum Unit: String, CaseIterable, Sendable, Codable {
        case words, tokens

        /// How long a text is in it; tokens are the student's, without the two specials.
        package func length(_ student: Student) -> Length {
            switch self {
            case .words: NoiseStress.words
            case .tokens: { student.tokenizer.tokenize($0).tokens.count - 2 }
            }
        }
    }

    package typealias Length = @Sendable (_ text: String) -> Int
    /// The words between spaces.
    package static let words: Length = { $0.split(separator: " ").count }

    /// Of the length of a post with noise, this share is noise.
    package let share: Double
    private let runs: [String]
    private let pieces: (@Sendable (_ length: Int, _ seed: UInt64) -> [String])?
    private let seed: UInt64
    private let length: Length

    /// `runs` empty: the built-in templates. `share` lies in 0 ..< 1.
    package init(share: Double, runs: [String] = [], seed: UInt64 = 20_250_212, length: @escaping Length = words) {
        precondition((0..<1).contains(share), "a post cannot be all noise")
        self.share = share
        self.runs = runs
        self.seed = seed
        self.length = length
        pieces = nil
    }

    /// Noise of another making: `pieces` gives at least as many words as asked, the same for the same seed.
    package init(
        share: Double, seed: UInt64 = 20_250_212, length: @escaping Length = words,
        pieces: @escaping @Sendable (_ words: Int, _ seed: UInt64) -> [String]
    ) {
        precondition((0..<1).contains(share), "a post cannot be all noise")
        self.share = share
        self.seed = seed
        self.length = length
        self.pieces = pieces
        runs = []
    }

    /// Posts of a raw feed that hold nothing but handles, links, hashtags and marks: noise as people sent it.
    package static func runs(in texts: [String]) -> [String] {
        texts.filter { text in
            let words = text.split(whereSeparator: \.isWhitespace)
            return words.count > 1 && words.count <= 24 && words.allSatisfy(isNoise)
        }
    }

    private static func isNoise(_ word: Substring) -> Bool {
        guard let first = word.first else { return true }
        let lowered = word.lowercased()
        return first == "@" || first == "#" || lowered.hasPrefix("http") || lowered.hasPrefix("www.") || lowered == "rt"
            || lowered == "via" || !word.contains(where: \.isLetter)
    }

    /// The text with noise; the same row gets the same noise in every run, whatever the model or mask.
    package func noisy(_ text: String, row: Int) -> String {
        guard share > 0 else { return text }
        var draw = Draw(state: seed &+ UInt64(row) &* 0x9E37_79B9_7F4A_7C15)
        let wanted = max(1, Int((Double(length(text)) * share / (1 - share)).rounded()))
        var count = 0
        var text = text
        var given = pieces?(wanted, seed &+ UInt64(row))[...]
        while count < wanted {
            if given?.isEmpty == true { break }
            let full = given?.removeFirst() ?? (runs.isEmpty ? Self.piece(&draw) : runs[draw.below(runs.count)])
            let (piece, long) = beginning(of: full, upTo: wanted - count)
            // A long word at the end would bring the post further from the share than leaving it does.
            if count > 0, count + long - wanted > wanted - count { break }
            count += max(1, long)
            text = Self.insert(piece, into: text, &draw)
        }
        return text
    }

    /// The words of a piece that fit, at least one, and how long they are.
    private func beginning(of piece: String, upTo most: Int) -> (String, Int) {
        let words = piece.split(separator: " ")
        var kept = words.prefix(1).joined(separator: " ")
        var long = length(kept)
        for word in words.dropFirst() {
            let next = kept + " " + word
            let nextLong = length(next)
            guard nextLong <= most else { break }
            (kept, long) = (next, nextLong)
        }
        return (kept, long)
    }

    private static func insert(_ piece: String, into text: String, _ draw: inout Draw) -> String {
        switch draw.below(10) {
        case 0..<4: return piece + " " + text
        case 4..<8: return text + " " + piece
        default:
            let parts = text.split(separator: " ", omittingEmptySubsequences: false)
            let gap = draw.below(parts.count + 1)
            return (parts.prefix(gap) + [Substring(piece)] + parts.dropFirst(gap)).joined(separator: " ")
        }
    }

    private static func piece(_ draw: inout Draw) -> String {
        let kind = draw.below(templates.count + 24)
        switch kind {
        case 0..<6: return (0...draw.below(3)).map { _ in "@" + name(&draw) }.joined(separator: " ")
        case 6..<12: return "https://" + hosts[draw.below(hosts.count)] + "/" + name(&draw) + String(draw.below(9999))
        case 12..<18: return (0...draw.below(4)).map { _ in "#" + tags[draw.below(tags.count)] }.joined(separator: " ")
        case 18..<22: return String(repeating: marks[draw.below(marks.count)], count: 2 + draw.below(5))
        case 22..<24: return "RT @" + name(&draw) + ":"
        default:
            return templates[kind - 24].split(separator: "*", omittingEmptySubsequences: false).joined(
                separator: name(&draw) + String(draw.below(100)))
        }
    }

    private static func name(_ draw: inout Draw) -> String {
        (0...1 + draw.below(2)).map { _ in stems[draw.below(stems.count)] }.joined(separator: draw.below(4) == 0 ? "_" : "")
    }

    /// SplitMix64.
    private struct Draw {
        var state: UInt64

        mutating func below(_ bound: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((z ^ (z >> 31)) % UInt64(bound))
        }
    }

    private static let stems = ["river", "quiz", "hum", "pola", "grey", "ota", "wick", "drum", "seb", "ivo", "jam", "mont"]
    private static let hosts = ["lnk.example", "is.gd", "shorter.example", "pin.it", "buff.ly", "s.example.net"]
    private static let tags = [
        "mondaymotivation", "ootd", "blessed", "ff", "np", "repost", "amreading", "crypto", "airdrop", "hiring", "seo",
        "linkinbio", "throwback", "goals", "mood",
    ]
    private static let marks = ["🙏", "💃", "🐣", "▪️", "…", "★", "🧵", "📍", "=", "^", "♡"]
    package static let templates = [
        "this account is automated, replies are not monitored", "unroll this thread please @*", "source in the comments",
        "see pinned post for the schedule", "terms and conditions apply, new customers only", "reposting for the night crowd",
        "mirror of the original at *", "new merch drop at midnight", "track your parcel with number *",
        "you have been mentioned in a list", "translated automatically", "scheduled with *", "listen on every platform",
        "tap the bell icon for updates", "comment yes below and we will reply", "first * people get one free",
        "photo credit unknown, contact us for removal", "our newsletter goes out on sundays",
    ]
}
