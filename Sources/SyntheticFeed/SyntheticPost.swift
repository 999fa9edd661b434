// One post of the synthetic feed, before it becomes a document of the wire format.

package struct SyntheticPost: Sendable {
    /// What must stand in the database: hostile characters of the document are not in it.
    package let text: String
    /// BCP 47; nil where the post carries no tag, as on the real feed.
    package let language: String?
    package let subject: PostSubject
    package let mood: PostMood
    let facets: [ComposedText.Facet]
    /// JSON escapes appended to the text in the document, which every reader has to drop: a NUL, half a surrogate pair.
    var hostileEscape: String?
}
