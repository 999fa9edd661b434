// Makes training texts look like a live feed's. Published data sets replaced handles and links by placeholders; a
// feed has real ones. Each reading of a text draws afresh, from a seeded stream, whether placeholders stay or
// become generated names.

package struct TextVariation: Sendable {
    package init() {}

    package func varied(_ text: String, _ random: inout RandomSource) -> String {
        var text = text
        if text.contains("&"), random.unit() < 0.5 { text = TextVariation.unescaped(text) }
        if text.contains("{@"), random.unit() < 0.7 {
            let asHandle = random.unit() < 0.4
            text = replacingNames(in: text) { asHandle ? "@" + $0.filter { $0.isLetter || $0.isNumber } : $0 }
        }
        let userForm = random.unit()
        if userForm < 0.7 {
            text = replacing("{{USERNAME}}", in: text) { userForm < 0.35 ? "@user" : handle(&random) }
        }
        if random.unit() < 0.5 { text = replacing("@user", in: text) { handle(&random) } }
        if random.unit() < 0.7 { text = replacing("{{URL}}", in: text) { link(&random) } }
        if random.unit() < 0.08 { text = handle(&random) + " " + text }
        if random.unit() < 0.04 { text = "RT " + handle(&random) + ": " + text }
        if random.unit() < 0.12 { text += " " + link(&random) }
        return text
    }

    private static func unescaped(_ text: String) -> String {
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")].reduce(text) { text, pair in
            text.split(separator: pair.0, omittingEmptySubsequences: false).joined(separator: pair.1)
        }
    }

    private func replacing(_ mark: String, in text: String, by name: () -> String) -> String {
        let parts = text.split(separator: mark, omittingEmptySubsequences: false)
        guard parts.count > 1 else { return text }
        return parts.dropFirst().reduce(String(parts[0])) { $0 + name() + $1 }
    }

    /// `{@Display Name@}` is how TweetTopic writes verified accounts.
    private func replacingNames(in text: String, by name: (String) -> String) -> String {
        let parts = text.split(separator: "{@", omittingEmptySubsequences: false)
        return parts.dropFirst().reduce(String(parts.first ?? "")) { result, part in
            let halves = part.split(separator: "@}", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2 else { return result + "{@" + part }
            return result + name(String(halves[0])) + halves[1]
        }
    }

    private static let syllables = [
        "ka", "lo", "mi", "ra", "ben", "tor", "sky", "neo", "vi", "dan", "jo", "el", "max", "fer", "lu", "zen", "art",
        "kit",
        "mar", "sa", "nick", "ali", "rox", "tin", "be", "ur", "day", "sun", "ice", "fox", "cat", "pix", "web", "dev",
        "mc",
    ]
    private static let hosts = [
        "t.co", "bit.ly", "youtu.be", "tinyurl.com", "www.instagram.com/p", "news.example.com/story", "fb.me",
        "ow.ly",
        "goo.gl", "open.spotify.com/track", "www.twitch.tv", "blog.example.org/posts",
    ]
    private static let linkCharacters = Array("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789")

    func handle(_ random: inout RandomSource) -> String {
        let parts = (0..<Int.random(in: 2...3, using: &random)).map { _ -> String in
            let part = TextVariation.syllables[Int.random(in: 0..<TextVariation.syllables.count, using: &random)]
            return random.unit() < 0.3 ? part.capitalized : part
        }
        let joined = parts.joined(separator: random.unit() < 0.2 ? "_" : "")
        return "@" + joined + (random.unit() < 0.3 ? String(Int.random(in: 1...2005, using: &random)) : "")
    }

    func link(_ random: inout RandomSource) -> String {
        let host = TextVariation.hosts[Int.random(in: 0..<TextVariation.hosts.count, using: &random)]
        let path = (0..<Int.random(in: 5...11, using: &random)).map { _ in
            TextVariation.linkCharacters[Int.random(in: 0..<TextVariation.linkCharacters.count, using: &random)]
        }
        return (random.unit() < 0.85 ? "https://" : "http://") + host + "/" + String(path)
    }
}
