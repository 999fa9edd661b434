// Words that fit the gaps of several books: invented persons, well-known cities, days, small numbers.

extension PhraseBook {
    static let sharedGaps: [String: [String]] = [
        "person": [
            "Mara Ellison", "Tobias Renner", "Imani Okoro", "Luca Ferrante", "Sofia Lindqvist", "Kenji Morita",
            "Aylin Demirci", "Paulo Vasconcelos", "Nadia Benhaddou", "Owen Tresidder", "Priya Raghunath",
            "Jonas Wiktorsson", "Camila Ibarra", "Dele Adeyinka", "Hana Kowalczyk", "Rafael Montoya",
            "Greta Holmqvist", "Samir Haddadin", "Lucy Penhallow", "Viktor Drozd",
        ],
        "first": [
            "Mia", "Jonah", "Priya", "Deniz", "Lena", "Marcus", "Yuki", "Fatima", "Leo", "Zoe", "Tomasz", "Ines",
        ],
        "city": [
            "London", "Berlin", "Chicago", "Lisbon", "Toronto", "Nairobi", "São Paulo", "Osaka", "Melbourne",
            "Mexico City", "Istanbul", "Seattle", "Dublin", "Barcelona", "Cape Town", "Mumbai", "New Orleans",
            "Glasgow", "Vancouver", "Kyoto",
        ],
        "country": [
            "Japan", "Portugal", "Canada", "Brazil", "Kenya", "Norway", "Italy", "New Zealand", "Iceland",
            "Mexico", "South Korea", "Ireland",
        ],
        "day": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
        "n": ["2", "3", "4", "5", "6", "7", "9", "12", "15", "20"],
        "big": ["40", "90", "120", "300", "800", "1,200", "5k", "14k"],
        "time": ["3am", "5:30", "7pm", "noon", "midnight", "half past eight", "9:15"],
        "relative": [
            "my sister", "my dad", "my roommate", "my neighbour", "my boss", "my grandma", "my best friend",
            "the guy at the bakery", "my 6 year old",
        ],
        "ok": ["lovely", "brilliant", "so good", "unreal", "perfect", "a joy", "gorgeous", "absolutely superb"],
        "bad": ["awful", "a mess", "so disappointing", "unbearable", "dreadful", "a joke", "garbage", "painful"],
    ]
}
