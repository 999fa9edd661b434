// Writes posts: picks a book and a sentence, fills the gaps, and adds what posts carry besides sentences: openers,
// typing slips, emoji, hashtags, links, handles, old-style retweet prefixes. Owned by the feed; knows no wire format.

struct PostComposer: Sendable {
    private let englishShare: Double
    /// Texts of late: the feed repeats none of them within this many posts.
    private var recentTexts: [String] = []
    private var recentSet: Set<String> = []
    private var oldestRecent = 0
    private static let recentLimit = 4_096
    private var composedCount = 0
    /// Posts until everybody talks of something else.
    private static let fadLength = 700
    private static let fadShare = 0.12

    init(englishShare: Double) { self.englishShare = englishShare }

    mutating func compose(accounts: [FeedAccount], random: inout FeedRandom) -> SyntheticPost {
        composedCount += 1
        var post = draw(accounts: accounts, random: &random)
        // Short sentences without gaps come round again: draw afresh, and in the end number the post like a bot would.
        var attempt = 0
        while recentSet.contains(post.text), attempt < 8 {
            post = draw(accounts: accounts, random: &random)
            attempt += 1
        }
        if recentSet.contains(post.text) {
            post = SyntheticPost(
                text: "\(post.text) (\(random.index(below: 1_000_000)))", language: post.language,
                subject: post.subject, mood: post.mood, facets: post.facets)
        }
        remember(post.text)
        return post
    }

    /// The same post after its writer's second thoughts.
    mutating func revise(_ post: SyntheticPost, random: inout FeedRandom) -> SyntheticPost {
        let notes = [
            "edit: typo", "(edited, sorry)", "EDIT: wrong day, fixed", "upd: it is sorted now", "eta: thank you all",
        ]
        var text = "\(post.text) \(random.pick(notes))"
        if recentSet.contains(text) { text += " \(random.index(below: 1_000_000))" }
        remember(text)
        return SyntheticPost(
            text: text, language: post.language, subject: post.subject, mood: post.mood, facets: post.facets)
    }

    private mutating func remember(_ text: String) {
        recentSet.insert(text)
        guard recentTexts.count == Self.recentLimit else {
            recentTexts.append(text)
            return
        }
        recentSet.remove(recentTexts[oldestRecent])
        recentTexts[oldestRecent] = text
        oldestRecent = (oldestRecent + 1) % Self.recentLimit
    }

    private func draw(accounts: [FeedAccount], random: inout FeedRandom) -> SyntheticPost {
        let book: PhraseBook
        if random.chance(0.12) {
            book = .spam
        } else if random.chance(englishShare) {
            book = random.pick(PhraseBook.english)
        } else {
            book = random.pick(PhraseBook.otherLanguages)
        }
        let mood = random.pick(book.moods)
        var composed = ComposedText()
        let isPlainEnglish = book.language == "en" && book.subject != .spam
        if isPlainEnglish { addOpener(to: &composed, accounts: accounts, random: &random) }
        fill(random.pick(book.templates(mood)), from: book, into: &composed, accounts: accounts, random: &random)
        if book.subject != .spam {
            addTail(to: &composed, book: book, mood: mood, random: &random)
        }
        // One post in twenty has no tag at all, and one in forty a wrong one.
        let language: String? = random.chance(0.05) ? nil : random.chance(0.025) ? "en" : book.language
        return SyntheticPost(
            text: composed.text, language: language, subject: book.subject, mood: mood, facets: composed.facets)
    }

    private func fill(
        _ template: PhraseTemplate, from book: PhraseBook, into composed: inout ComposedText,
        accounts: [FeedAccount], random: inout FeedRandom
    ) {
        let roughens = book.language == "en" && book.subject != .spam && random.chance(0.5)
        var used: [String] = []
        for piece in template.pieces {
            switch piece {
            case .words(let words):
                composed.append(roughens ? TextNoise.roughen(words, random: &random) : words)
            case .gap("link"):
                addLink(to: &composed, random: &random)
            case .gap("handle"):
                let account = random.pick(accounts)
                composed.append("@\(account.handle)", as: .mention(account: account.identifier))
            case .gap(let name):
                let words = book.words(for: name)
                var word = random.chance(Self.fadShare) ? fad(among: words) : random.pick(words)
                // "Ajax beat Ajax" would be odd: a second draw makes it rare, and then so be it.
                if used.contains(word) { word = random.pick(words) }
                used.append(word)
                composed.append(word)
            }
        }
    }

    /// What is in fashion now: the same word of a list for a while, so that there is something to trend.
    private func fad(among words: [String]) -> String {
        words[(composedCount / Self.fadLength * 7 + words.count / 2) % words.count]
    }

    private func addOpener(to composed: inout ComposedText, accounts: [FeedAccount], random: inout FeedRandom) {
        let openers = [
            "ngl ", "ok but ", "hot take: ", "lol ", "honestly, ", "so… ", "update: ", "idk who needs this but ",
            "omg ",
            "unpopular opinion: ", "ICYMI: ", "wait. ", "fr fr ", "smh ",
        ]
        if random.chance(0.07) {
            let account = random.pick(accounts)
            composed.append("RT ")
            composed.append("@\(account.handle)", as: .mention(account: account.identifier))
            composed.append(": ")
        } else if random.chance(0.1) {
            let account = random.pick(accounts)
            composed.append("@\(account.handle)", as: .mention(account: account.identifier))
            composed.append(" ")
        }
        if random.chance(0.3) { composed.append(random.pick(openers)) }
    }

    private func addTail(
        to composed: inout ComposedText, book: PhraseBook, mood: PostMood, random: inout FeedRandom
    ) {
        if random.chance(0.3) {
            composed.separate()
            let emoji = TextNoise.emoji(for: mood, random: &random)
            let count = random.chance(0.25) ? 2 + random.index(below: 4) : 1
            composed.append(String(repeating: emoji, count: count))
        }
        if random.chance(0.12) { composed.append(random.pick(["!!!", "...", " lol", " lmaooo", " smh", " 🧵", "?!"])) }
        if random.chance(0.18) {
            composed.separate()
            addLink(to: &composed, random: &random)
        }
        if !book.hashtags.isEmpty, random.chance(0.3) {
            var tags: [String] = []
            for _ in 0 ... random.index(below: 3) {
                let tag = random.pick(book.hashtags)
                guard !tags.contains(tag) else { continue }
                tags.append(tag)
                composed.separate()
                composed.append("#\(tag)", as: .tag(tag))
            }
        }
    }

    /// The visible text is often a shortened form of what the facet holds in full, as on the real feed.
    private func addLink(to composed: inout ComposedText, random: inout FeedRandom) {
        let hosts = [
            "news.example", "clips.example", "shop.example", "blog.example.org", "t.example", "photos.example.net",
        ]
        let host = random.pick(hosts)
        let path = random.base32(count: 10)
        let uri = "https://\(host)/\(path)"
        let visible = random.chance(0.5) ? uri : "\(host)/\(path.prefix(4))..."
        composed.append(visible, as: .link(uri: uri))
    }
}
