// What people say about one subject in one language: sentences by mood, and what may stand in their gaps.
// The sentences are invented for this project; persons and small companies in them do not exist.

/// How a sentence sounds to its writer. Not a label for training: the sentences are written, not collected.
package enum PostMood: String, CaseIterable, Sendable {
    case positive, negative, neutral
}

/// What a post of the synthetic feed is about.
package enum PostSubject: String, CaseIterable, Sendable {
    case sports, games, music, screen, science, technology, business, arts, food, travel, dailyLife, spam
}

struct PhraseBook: Sendable {
    let subject: PostSubject
    /// BCP 47, as the feed tags posts.
    let language: String
    let hashtags: [String]
    private let gaps: [String: [String]]
    private let sentences: [PostMood: [PhraseTemplate]]

    init(
        _ subject: PostSubject, language: String = "en", gaps: [String: [String]] = [:], hashtags: [String] = [],
        positive: [String] = [], negative: [String] = [], neutral: [String] = []
    ) {
        self.subject = subject
        self.language = language
        self.hashtags = hashtags
        self.gaps = gaps
        sentences = [
            .positive: positive.map(PhraseTemplate.init),
            .negative: negative.map(PhraseTemplate.init),
            .neutral: neutral.map(PhraseTemplate.init),
        ]
    }

    /// The moods that have a sentence here.
    var moods: [PostMood] { PostMood.allCases.filter { !templates($0).isEmpty } }

    func templates(_ mood: PostMood) -> [PhraseTemplate] { sentences[mood] ?? [] }

    /// The book's own words for a gap, else those that all books share.
    func words(for gap: String) -> [String] {
        gaps[gap] ?? PhraseBook.sharedGaps[gap] ?? []
    }

    static let english: [PhraseBook] = [
        sports, games, music, screen, science, technology, business, arts, food, travel, dailyLife,
    ]

    static let otherLanguages: [PhraseBook] = europeanLanguages + worldLanguages
}
