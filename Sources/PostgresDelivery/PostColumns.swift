// What winnow.deliver_v2 gets of posts, beside the columns of their events. Append-only.
internal import Posts
internal import StreamCore

struct PostColumns {
    private var model = BinaryArray(.integer)
    private var created = BinaryArray(.timestamp)
    private var text: BinaryArray
    private var kept = BinaryArray(.real)
    private var sentimentScores = BinaryArray(.text)
    private var topicScores = BinaryArray(.text)
    private var dropped = BinaryArray(.text)
    /// Optional texts, in the order of `optionalNames`.
    private var optionals = [BinaryArray](repeating: BinaryArray(.text), count: optionalNames.count)
    private static let optionalNames = [
        "post_language", "post_reply_to", "post_reply_root", "post_repost_of", "post_quote_of", "post_sentiment",
        "post_topic",
    ]

    init(reserving recordCount: Int) { text = BinaryArray(.text, reserving: recordCount * 200) }

    mutating func append(_ post: Post, _ enrichment: Enrichment, model ordinal: Int32) {
        model.append(ordinal)
        created.append(post.createdAt)
        text.append(post.text)
        kept.append(enrichment.mask.keptShare)
        append(enrichment.sentiment?.scores, to: &sentimentScores)
        append(enrichment.topic?.scores, to: &topicScores)
        dropped.appendList(enrichment.mask.dropped.lazy.flatMap { [$0.start, $0.length] })
        appendOptionals([
            enrichment.language ?? post.language, post.replyTo, post.replyRoot, post.repostOf, post.quoteOf,
            enrichment.sentiment?.label, enrichment.topic?.label,
        ])
    }

    /// Beside an event that brings no post.
    mutating func appendNothing() {
        model.appendNull()
        created.appendNull()
        text.appendNull()
        kept.appendNull()
        sentimentScores.appendNull()
        topicScores.appendNull()
        dropped.appendNull()
        appendOptionals([String?](repeating: nil, count: Self.optionalNames.count))
    }

    private func append(_ scores: [LabelScore]?, to column: inout BinaryArray) {
        guard let scores else { return column.appendNull() }
        column.appendList(scores.lazy.map(\.score))
    }

    private mutating func appendOptionals(_ values: [String?]) {
        for index in values.indices { optionals[index].append(values[index]) }
    }

    func add(to parameters: inout NamedParameters) {
        parameters.add("post_model", model)
        parameters.add("post_created", created)
        parameters.add("post_text", text)
        parameters.add("post_kept", kept)
        parameters.add("post_sentiment_scores", sentimentScores)
        parameters.add("post_topic_scores", topicScores)
        parameters.add("post_dropped", dropped)
        for (name, column) in zip(Self.optionalNames, optionals) { parameters.add(name, column) }
    }
}
