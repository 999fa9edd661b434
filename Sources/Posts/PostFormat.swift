// Which wire format a feed has. The settings and `enrich --format` name formats by these raw values.

package enum PostFormat: String, Sendable, CaseIterable {
    /// Tells the formats below apart, record by record, by their shape.
    case auto
    /// Bluesky's Jetstream: one JSON event a record.
    case jetstream
    /// X's API v2: stream documents, pages, bare posts, compliance events.
    case x2
    /// X's API v1.1: statuses and notices.
    case x1
    /// Mastodon's streaming API: server-sent events, WebSocket messages, bare statuses.
    case mastodon
    /// Reddit's comments and submissions, alone or in listings.
    case reddit
    /// Any JSON object whose fields the settings name.
    case generic
    /// One post a line, nothing else known of it: for `enrich` only, a stream needs identifiers.
    case text

    /// The formats a stream from Kafka can have.
    package static let streamFormats: [PostFormat] = [.auto, .jetstream, .x2, .x1, .mastodon, .reddit, .generic]
}
