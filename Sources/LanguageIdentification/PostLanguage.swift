// The language of a post: the feed's own tag where it can be right, else what the text says.

package enum PostLanguage {
    /// Letters that a text must have before its script counts against a tag.
    private static let fewestLetters = 6
    /// A tag is out of the question where fewer of the letters than this are of its scripts.
    private static let leastShare = 0.2
    /// Bytes of letters and share of the text from which CLD2 is believed against a tag.
    private static let fewestOverridingBytes = 60
    private static let leastOverridingShare = 0.95

    /// - Parameter tag: as the feed gave it.
    /// - Returns: a tag of BCP 47; nil where neither feed nor text tells.
    package static func decide(tag: String?, text: String) -> String? {
        let readable = DetectableText(text)
        guard let given = tag.flatMap(LanguageTag.init) else { return LanguageDetector.detect(readable)?.code }
        guard let system = readable.mainSystem else { return given.text }
        if let expected = ExpectedScripts.of(given.language), readable.letterCount >= fewestLetters,
            readable.share(of: expected) < leastShare {
            // Latin words occur in every language: they alone prove nothing against a tag.
            return LanguageDetector.detect(readable)?.code ?? (system == .latin ? given.text : nil)
        }
        guard readable.bytes.count >= fewestOverridingBytes, let detected = LanguageDetector.detect(readable),
            detected.isReliable, detected.letterBytes >= fewestOverridingBytes, detected.share >= leastOverridingShare,
            let other = LanguageTag(detected.code), isAnother(other.language, than: given.language)
        else { return given.text }
        return detected.code
    }

    private static func isAnother(_ one: String, than other: String) -> Bool {
        one != other && !nearlyEqual.contains { $0.contains(one) && $0.contains(other) }
    }

    /// Languages so near to one another that CLD2's word on a post is no better than the feed's.
    private static let nearlyEqual: [Set<String>] = [
        ["no", "nn", "da"], ["id", "ms", "jv", "su"], ["bs", "hr", "sr"], ["gl", "pt"], ["gl", "es"], ["hi", "mr", "ne"],
        ["zh", "yue"], ["zu", "xh"], ["nl", "af"],
    ]
}
