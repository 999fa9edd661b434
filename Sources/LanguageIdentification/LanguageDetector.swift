// What language a text is in, from the text alone, by CLD2.
internal import CLanguageDetection

package struct DetectedLanguage: Hashable, Sendable {
    /// BCP 47: ISO 639 letters, with the script where one language has two (`en`, `fil`, `zh-Hant`).
    package let code: String
    /// Share of the text that is in this language, 0 to 1.
    package let share: Double
    /// Bytes of letters that the decision rests on.
    package let letterBytes: Int
    /// CLD2's own word: this language is clearly more probable than the next. False for answers from a few letters.
    package let isReliable: Bool
}

/// Free of state: any thread may ask at any time.
package enum LanguageDetector {
    /// Nil where the text does not tell: too short, no words, a language that CLD2 does not know.
    package static func detect(_ text: String) -> DetectedLanguage? { detect(DetectableText(text)) }

    static func detect(_ text: DetectableText) -> DetectedLanguage? {
        guard let system = text.mainSystem else { return nil }
        if let sure = ask(text, isBestEffort: false) { return sure }
        // A script of few languages decides also where there are few letters; of Latin words a handful can be anything.
        return system == .latin ? nil : ask(text, isBestEffort: true)
    }

    private static func ask(_ text: DetectableText, isBestEffort: Bool) -> DetectedLanguage? {
        let answer = text.bytes.withUnsafeBytes { bytes in
            language_detection_detect(
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count), isBestEffort)
        }
        guard let pointer = answer.code, let code = LanguageTag.detected(String(cString: pointer)) else { return nil }
        return DetectedLanguage(
            code: code, share: Double(answer.percent) / 100, letterBytes: Int(answer.letter_bytes),
            isReliable: answer.is_reliable && !isBestEffort)
    }
}
