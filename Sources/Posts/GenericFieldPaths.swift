// Where the fields of a `generic` post lie in its JSON object. Part of the settings; read by the decoder.

/// Each field has a list of dotted paths (`user.id_str`, `langs.0`: a number counts from 0 into a list);
/// the first that leads to a value other than null is taken, an empty list means that the feed has no such field.
package struct GenericFieldPaths: Sendable, Equatable {
    /// The platform that all posts of the feed are filed under; fixed, so that a delete finds its post.
    package var platform = "generic"
    package var identifier = ["id"]
    package var text = ["text"]
    /// A number or a text that grows with each edit; without one Kafka's order decides.
    package var version: [String] = []
    package var author = ["author", "author_id"]
    /// ISO 8601, or seconds, milliseconds or microseconds since 1970.
    package var createdAt = ["created_at"]
    package var language = ["language", "lang"]
    /// The post is deleted when this leads to anything but null, false, 0, "", "0" and "false": fits flags and times.
    package var deleted: [String] = []
    package var replyTo: [String] = []
    package var replyRoot: [String] = []
    package var repostOf: [String] = []
    package var quoteOf: [String] = []

    package init() {}
}
