// Which of the two is believed: the feed's tag or the text.
import LanguageIdentification
import Testing

@Suite struct PostLanguageTests {
    static let german = "Ich habe vierzig Minuten auf den Bus gewartet und dann kamen zwei gleichzeitig"
    static let english = "I waited forty minutes for the bus and then two of them arrived together"

    @Test(arguments: [nil, "", "und", "qst", "qme", "zxx", "art", "german", "??"])
    func theTextDecidesWhereTheTagSaysNothing(tag: String?) {
        #expect(PostLanguage.decide(tag: tag, text: Self.german) == "de")
        #expect(PostLanguage.decide(tag: tag, text: "🙂 12:30") == nil)
    }

    @Test(arguments: ["de", "DE", "de-AT"])
    func aTagThatFitsIsTaken(tag: String) {
        #expect(PostLanguage.decide(tag: tag, text: Self.german) == (tag == "de-AT" ? "de-AT" : "de"))
    }

    /// Also where the detector would say something else, or nothing.
    @Test(arguments: [
        ("pt", "bom dia"), ("de", "Update: Windows Release"),
        ("gl", "Esperei corenta minutos polo autobús e despois chegaron dous xuntos"),
        ("sr", "Чекао сам аутобус четрдесет минута а онда су дошла два"), ("ja", "lol ok"),
        ("en", "🙂"), ("en", ""), ("ko", "NCT 127!!"),
        ("hi", "yaar aaj toh bahut maza aaya"), ("quz", "Allinllachu"), ("en", "ok да"),
    ])
    func aTagThatMayBeRightIsTaken(tag: String, text: String) {
        #expect(PostLanguage.decide(tag: tag, text: text) == tag)
    }

    @Test(arguments: [
        ("en", "ja", "バスを四十分も待ったのに、二台いっしょに来ました"), ("en", "ru", "Я сорок минут ждал автобус, а потом пришли сразу два"),
        ("en", "ar", "انتظرت الحافلة أربعين دقيقة ثم وصلت حافلتان"), ("es", "ko", "버스를 사십 분이나 기다렸는데"),
        ("ja", "en", Self.english), ("ru", "de", Self.german), ("ar", "en", Self.english), ("ja", "ko", "버스를 사십 분이나 기다렸는데"),
    ])
    func aTagOfAnotherScriptIsNotTaken(tag: String, code: String, text: String) {
        #expect(PostLanguage.decide(tag: tag, text: text) == code)
    }

    /// A script that the tag's language is never written in, and nothing that tells the language.
    @Test func nothingIsBetterThanAnImpossibleTag() {
        #expect(PostLanguage.decide(tag: "en", text: "ᚠᚢᚦᚨᚱᚲᚷᚹ") == nil)
    }

    @Test func aLongTextOutweighsATag() {
        #expect(PostLanguage.decide(tag: "en", text: Self.german) == "de")
        #expect(PostLanguage.decide(tag: "de", text: Self.english) == "en")
        #expect(PostLanguage.decide(tag: "en", text: "Guten Morgen") == "en")
    }
}
