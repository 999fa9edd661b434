// Tags in one form, and what is none.
import LanguageIdentification
import Testing

@Suite struct LanguageTagTests {
    @Test(arguments: [
        ("en", "en"), ("EN", "en"), ("pt-br", "pt-BR"), ("pt_BR", "pt-BR"), ("zh-hant-tw", "zh-Hant-TW"), ("ast", "ast"),
        ("in", "id"), ("iw", "he"), ("tl", "fil"), ("jp", "ja"), ("es-419", "es-419"), ("en-GB-oxendict", "en-GB-oxendict"),
    ])
    func isWrittenInOneForm(given: String, canonical: String) {
        #expect(LanguageTag(given)?.text == canonical)
    }

    @Test func theLanguageAloneIsTold() {
        #expect(LanguageTag("pt-BR")?.language == "pt")
        #expect(LanguageTag("IW")?.language == "he")
    }

    @Test(arguments: [
        "", "und", "UND", "zxx", "mul", "mis", "art", "qam", "qct", "qht", "qme", "qst", "qaa", "qtz", "e", "english", "日本語",
        "e1", "-", "--", "en!", "en US", "x-klingon", "un", "xx-bork", String(repeating: "en-", count: 12),
    ])
    func isNoneWhereItNamesNoLanguage(given: String) {
        #expect(LanguageTag(given) == nil)
    }

    /// Quechua begins with q and is a language.
    @Test func languagesNextToThePrivateRangeStay() {
        #expect(LanguageTag("que")?.text == "que")
        #expect(LanguageTag("qu")?.text == "qu")
    }
}
