// Sentences of everyday kind in many languages, with the noise that posts carry; texts that tell nothing; hostile ones.
import LanguageIdentification
import Testing

@Suite struct LanguageDetectorTests {
    static let sentences: [(code: String, text: String)] = [
        ("en", "I waited forty minutes for the bus and then two of them arrived together"),
        ("de", "Ich habe vierzig Minuten auf den Bus gewartet und dann kamen zwei gleichzeitig"),
        ("fr", "J'ai attendu le bus pendant quarante minutes et ensuite il y en a eu deux"),
        ("es", "Esperé el autobús durante cuarenta minutos y luego llegaron dos juntos"),
        ("pt", "Esperei quarenta minutos pelo ônibus e depois chegaram dois ao mesmo tempo"),
        ("it", "Ho aspettato l'autobus per quaranta minuti e poi ne sono arrivati due insieme"),
        ("nl", "Ik heb veertig minuten op de bus gewacht en toen kwamen er twee tegelijk aan"),
        ("sv", "Jag väntade på bussen i fyrtio minuter och sedan kom det två på samma gång"),
        ("pl", "Czekałem na autobus czterdzieści minut, a potem przyjechały dwa naraz"),
        ("cs", "Čekal jsem na autobus čtyřicet minut a pak přijely dva najednou"),
        ("fi", "Odotin bussia neljäkymmentä minuuttia ja sitten niitä tuli kaksi yhtä aikaa"),
        ("hu", "Negyven percet vártam a buszra, aztán egyszerre kettő is érkezett"),
        ("tr", "Otobüsü kırk dakika bekledim, sonra aynı anda iki tane birden geldi"),
        ("id", "Saya menunggu bus selama empat puluh menit dan kemudian dua bus datang bersamaan"),
        ("vi", "Tôi đã đợi xe buýt bốn mươi phút rồi hai chiếc đến cùng một lúc"),
        ("ru", "Я сорок минут ждал автобус, а потом пришли сразу два"),
        ("uk", "Я сорок хвилин чекав на автобус, а потім приїхали одразу два"),
        ("el", "Περίμενα το λεωφορείο σαράντα λεπτά και μετά ήρθαν δύο μαζί"),
        ("he", "חיכיתי ארבעים דקות לאוטובוס ואז הגיעו שניים ביחד"),
        ("ar", "انتظرت الحافلة أربعين دقيقة ثم وصلت حافلتان في وقت واحد"),
        ("fa", "چهل دقیقه منتظر اتوبوس ماندم و بعد دو تا با هم رسیدند"),
        ("hi", "मैंने चालीस मिनट तक बस का इंतज़ार किया और फिर दो एक साथ आ गईं"),
        ("bn", "আমি চল্লিশ মিনিট বাসের জন্য অপেক্ষা করলাম, তারপর দুটো একসঙ্গে এলো"),
        ("ta", "நான் நாற்பது நிமிடங்கள் பேருந்துக்காகக் காத்திருந்தேன், பிறகு இரண்டு ஒன்றாக வந்தன"),
        ("th", "ฉันรอรถเมล์สี่สิบนาทีแล้วก็มาพร้อมกันสองคัน"),
        ("ja", "バスを四十分も待ったのに、二台いっしょに来ました"),
        ("zh", "我等公交车等了四十分钟，结果一下子来了两辆"),
        ("zh-Hant", "我等公車等了四十分鐘，結果一下子來了兩輛，真是讓人無言"),
        ("ko", "버스를 사십 분이나 기다렸는데 두 대가 한꺼번에 왔어요"),
        ("ka", "ავტობუსს ორმოცი წუთი ველოდე და მერე ორი ერთად მოვიდა"),
    ]

    @Test(arguments: sentences)
    func tells(code: String, text: String) {
        #expect(LanguageDetector.detect(text)?.code == code)
    }

    @Test(arguments: sentences)
    func isNotLedAstrayByWhatIsNoLanguage(code: String, text: String) {
        let address = "https://example.org/some-english-words-in-the-address-of-it"
        let post = "RT @the_weather_today: \(text) \(address) #2026 @another.name 🚌🚌"
        #expect(LanguageDetector.detect(post)?.code == code)
    }

    /// Scripts of one or few languages tell in a word or two.
    @Test(arguments: [
        ("ja", "おはよう"), ("ko", "안녕"), ("ru", "спасибо"), ("el", "ευχαριστώ"), ("he", "תודה"), ("th", "ขอบคุณ"), ("ar", "شكرا"),
    ])
    func aWordIsEnoughWhereTheScriptTells(code: String, text: String) {
        #expect(LanguageDetector.detect(text)?.code == code)
    }

    @Test(arguments: [
        "", " ", "\n\t", "🙂", "12:30 – 14,50 €", "@ann @bob", "https://example.org/a-long-address-with-english-words",
        "http", "www.example.org", "lol", "RT @ann:", "\u{0}\u{1}\u{85}", "\u{200D}\u{202E}\u{FEFF}", "???!!!",
    ])
    func saysNothingWhereNothingTells(text: String) {
        #expect(LanguageDetector.detect(text) == nil)
    }

    /// CLD2 refuses whole texts for a control character or a noncharacter in them: they must not reach it.
    @Test(arguments: [0x0, 0x7, 0x85, 0xFFFE, 0xFDD0, 0x1FFFF, 0x10FFFE, 0x202E, 0xFEFF] as [UInt32])
    func oddCharactersHideNoLanguage(codePoint: UInt32) throws {
        let odd = String(Character(try #require(Unicode.Scalar(codePoint))))
        let text = "Ich habe\(odd) vierzig Minuten auf\(odd) den Bus gewartet \(odd)und dann kamen zwei"
        #expect(LanguageDetector.detect(text)?.code == "de")
    }

    @Test func longTextsTakeNoLonger() {
        let sentence = "Ich habe vierzig Minuten auf den Bus gewartet und dann kamen zwei gleichzeitig. "
        let megabyte = String(repeating: sentence, count: (1 << 20) / sentence.utf8.count)
        #expect(LanguageDetector.detect(megabyte)?.code == "de")
        // One word, no blank in it.
        #expect(LanguageDetector.detect(String(repeating: "あ", count: 400_000))?.code == "ja")
        #expect(LanguageDetector.detect(String(repeating: "@", count: 1 << 20)) == nil)
    }

    @Test func manyThreadsAgree() async {
        let expected = Self.sentences.map { LanguageDetector.detect($0.text) }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<50).allSatisfy { _ in Self.sentences.map { LanguageDetector.detect($0.text) } == expected }
                }
            }
            for await agrees in group { #expect(agrees) }
        }
    }
}
