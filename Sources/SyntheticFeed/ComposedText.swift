// A post's text while it is being written, with the stretches that are links, tags and mentions.
// Positions are UTF-8 byte offsets, as the feed's facets count them.

struct ComposedText: Sendable {
    enum Feature: Sendable, Equatable {
        case link(uri: String)
        case tag(String)
        case mention(account: String)
    }

    struct Facet: Sendable, Equatable {
        let byteStart: Int
        let byteEnd: Int
        let feature: Feature
    }

    private(set) var text = ""
    private(set) var facets: [Facet] = []

    mutating func append(_ words: String) { text += words }

    mutating func append(_ words: String, as feature: Feature) {
        let start = text.utf8.count
        text += words
        facets.append(Facet(byteStart: start, byteEnd: text.utf8.count, feature: feature))
    }

    /// Adds a space where the text needs one before what comes next.
    mutating func separate() {
        if let last = text.last, !last.isWhitespace { text += " " }
    }
}
