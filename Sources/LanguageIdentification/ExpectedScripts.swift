// Which scripts a language can be written in, for languages that feeds have tags for. A tag whose language is not here is
// never doubted for its script.

enum ExpectedScripts {
    static func of(_ language: String) -> WritingSystem? { table[language] }

    private static let table: [String: WritingSystem] = {
        var table: [String: WritingSystem] = [:]
        for (systems, languages) in rows {
            for language in languages.split(separator: " ") { table[String(language)] = systems }
        }
        return table
    }()

    private static let rows: [(WritingSystem, String)] = [
        (
            .latin,
            "af ca ceb co cs cy da de en eo es et eu fi fil fo fr fy ga gd gl hr ht hu id ig is it jv la lb lt lv mg mi mt "
                + "ms nl nn no ny oc om pl pt rm ro rw sk sl sm sn so sq st su sv sw tn tr vi wo xh yo zu"
        ),
        // Two alphabets in daily use.
        ([.latin, .cyrillic], "az bs sr uz tk"), ([.latin, .cyrillic, .arabic], "kk ky ku tg"), ([.latin, .arabic], "ha ckb"),
        (.greek, "el"), (.cyrillic, "be bg mk ru uk mn tt ba"), (.armenian, "hy"), (.hebrew, "he yi"), (.georgian, "ka"),
        (.arabic, "ar fa ps sd ug"), (.ethiopic, "am ti"), (.thai, "th"), (.lao, "lo"), (.khmer, "km"), (.burmese, "my"),
        (.tibetan, "bo dz"), (.sinhala, "si"), (.thaana, "dv"), (.hangul.union(.han), "ko"), (.han, "zh yue"),
        (.kana.union(.han), "ja"),
        // Often written in Latin letters by those who speak them, and tagged rightly then.
        ([.devanagari, .latin], "hi mr ne"), ([.bengali, .latin], "bn as"), ([.gurmukhi, .arabic, .latin], "pa"),
        ([.gujarati, .latin], "gu"), ([.odia, .latin], "or"), ([.tamil, .latin], "ta"), ([.telugu, .latin], "te"),
        ([.kannada, .latin], "kn"), ([.malayalam, .latin], "ml"), ([.arabic, .latin], "ur"),
    ]
}
