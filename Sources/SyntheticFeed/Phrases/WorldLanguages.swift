// Short posts in other scripts: Japanese, Arabic, Hindi, Korean, Greek, Ukrainian, Indonesian, Thai, Hebrew.

extension PhraseBook {
    static let worldLanguages: [PhraseBook] = [
        PhraseBook(
            .food, language: "ja",
            gaps: [
                "machi": ["京都", "大阪", "札幌", "福岡", "横浜"],
                "tabemono": ["ラーメン", "抹茶アイス", "カレー", "たこ焼き", "おにぎり"],
            ],
            hashtags: ["今日のごはん", "アニメ"],
            positive: [
                "{machi}の{tabemono}、最高すぎて泣いた😭✨",
                "やっと推しのライブ当たった！！うれしい！！",
                "猫が膝で寝てるので今日は動けません🐈 幸せ",
            ],
            negative: [
                "電車が{n}0分も遅れてる…もう疲れた",
                "{tabemono}売り切れだった。つらい",
            ],
            neutral: ["{machi}は明日の朝、雨の予報です", "{machi}で{tabemono}の店を探しています"]),
        PhraseBook(
            .dailyLife, language: "ar",
            gaps: ["madina": ["القاهرة", "بيروت", "عمّان", "الدار البيضاء", "تونس"]],
            hashtags: ["قهوة"],
            positive: [
                "صباح الخير من {madina}، القهوة اليوم رائعة جداً ☕️",
                "الحمد لله نجحت بعد {n} محاولات، فرحة لا توصف",
            ],
            negative: [
                "زحمة {madina} لا تطاق، {n} ساعات في الطريق",
                "انقطع الإنترنت مرة أخرى، شيء محبط",
            ],
            neutral: ["المباراة في {madina} الساعة {n} مساءً", "هل يعرف أحد مكتبة جيدة في {madina}؟"]),
        PhraseBook(
            .screen, language: "hi",
            gaps: ["shahar": ["मुंबई", "दिल्ली", "जयपुर", "लखनऊ", "पुणे"]],
            hashtags: ["क्रिकेट", "सिनेमा"],
            positive: [
                "{shahar} की बारिश और गरम चाय, दिल खुश हो गया",
                "क्या शानदार फिल्म थी, {n} बार देख सकता हूँ 🎬",
            ],
            negative: [
                "{shahar} का ट्रैफिक, {n} घंटे बर्बाद, बहुत बुरा हाल",
                "फिल्म बिल्कुल बेकार निकली, पैसे बर्बाद",
            ],
            neutral: ["मैच {shahar} में शाम {n} बजे है", "{shahar} में अच्छी किताबों की दुकान कहाँ है?"]),
        PhraseBook(
            .music, language: "ko",
            gaps: ["dosi": ["서울", "부산", "대구", "제주"]],
            hashtags: ["오늘의노래"],
            positive: ["{dosi} 콘서트 진짜 최고였어 ㅠㅠ 또 가고 싶다 💜"],
            negative: ["비가 {n}일째 오네... 기분 너무 우울해"],
            neutral: ["{dosi}에서 {n}시에 만나요"]),
        PhraseBook(
            .travel, language: "el",
            gaps: ["poli": ["Αθήνα", "Θεσσαλονίκη", "Χανιά"]],
            positive: ["Υπέροχη μέρα, {poli}, ήλιος και θάλασσα ☀️"],
            negative: ["Πάλι απεργία, {poli}, {n} ώρες στον δρόμο, έλεος"],
            neutral: ["Το πλοίο φεύγει στις {n}, {poli}"]),
        PhraseBook(
            .arts, language: "uk",
            gaps: ["misto": ["Львів", "Київ", "Одеса"]],
            positive: ["{misto}, ранкова кава й нова книга, як же добре"],
            negative: ["Знову захворіла, {n} днів у ліжку, сумно"],
            neutral: ["Виставка, {misto}, субота, {n} година"]),
        PhraseBook(
            .food, language: "id",
            gaps: ["kota": ["Bandung", "Surabaya", "Yogyakarta", "Medan"]],
            positive: ["nasi goreng di {kota} enak banget sumpah, mau balik lagi 😋"],
            negative: ["macet {n} jam di {kota}, capek banget hari ini"],
            neutral: ["ada yang tau toko buku di {kota}?"]),
        PhraseBook(
            .travel, language: "th",
            gaps: ["muang": ["เชียงใหม่", "กรุงเทพ", "ภูเก็ต"]],
            positive: ["{muang} สวยมาก อากาศดีสุดๆ 💚"],
            negative: ["รถติด {n} ชั่วโมงที่{muang} เหนื่อยมาก"],
            neutral: ["พรุ่งนี้ไป{muang} ตอน {n} โมง"]),
        PhraseBook(
            .dailyLife, language: "he",
            gaps: ["ir": ["חיפה", "תל אביב", "באר שבע"]],
            positive: ["בוקר טוב מ{ir}, הים היום מושלם"],
            negative: ["{n} שעות בפקקים ליד {ir}, נמאס לי"],
            neutral: ["ההופעה ב{ir} בשעה {n}"]),
    ]
}
