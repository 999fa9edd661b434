// Business, and arts and culture, in English. Companies that do badly in a sentence are invented.

extension PhraseBook {
    static let business = PhraseBook(
        .business,
        gaps: [
            "firm": [
                "Brightwell Foods", "Corvane Logistics", "Halden & Moss", "Solventa", "Pinecrest Bank",
                "Ravello Motors",
                "Tidewater Energy", "Oakline Retail",
            ],
            "giant": ["Toyota", "Siemens", "IKEA", "Airbus", "Unilever", "Spotify", "Maersk", "LEGO"],
            "tag": ["$BRWL", "$CRVN", "$SLVT", "$PNCB", "$TDWE"],
        ],
        hashtags: ["startup", "smallbusiness", "investing", "jobs", "marketing"],
        positive: [
            "{n} years ago i opened a shop with {big} in the bank. today we hired person number {n}. so grateful",
            "{firm} beats expectations, {tag} up {n}%, what a quarter",
            "got the job at {giant}!!! starting {day} in {city}, still smiling",
            "Our little bakery made the front page in {city}, orders are through the roof, thank you all",
            "best pitch i have seen in years: {person} of {firm}, {ok}",
        ],
        negative: [
            "{firm} closing its {city} site, {big} people out of work. {bad}",
            "{tag} down {n}% today, my portfolio looks like a crime scene",
            "third invoice {firm} has not paid. small suppliers are drowning",
            "another meeting that could have been an email. {n} hours. {n} people. {bad}",
            "the bank wants {big} in fees for a form. daylight robbery",
        ],
        neutral: [
            "{giant} reports on {day}, analysts expect {n}% growth",
            "{firm} names {person} chief executive from {day}",
            "{giant} and {firm} sign a {n} year supply deal in {city}",
            "hiring: {n} engineers in {city}, remote possible",
            "{tag} opens at {big}, volume average",
        ])

    static let arts = PhraseBook(
        .arts,
        gaps: [
            "museum": ["the Louvre", "Tate Modern", "the Prado", "MoMA", "the Rijksmuseum", "the Uffizi", "MASP"],
            "book": ["Middlemarch", "Beloved", "Dune", "Piranesi", "The Odyssey", "Pachinko", "Frankenstein"],
            "craft": ["watercolour", "ceramics", "a linocut", "a poem", "a quilt", "charcoal portraits", "my novel"],
        ],
        hashtags: ["art", "booksky", "poetry", "theatre", "photography", "museum"],
        positive: [
            "finished {craft} after {n} months and i actually love it",
            "stood in front of one painting at {museum} for an hour. {ok}",
            "{book} broke me and put me together again, read it",
            "the new production of {person} in {city} is {ok}, go if you can",
            "my photo hangs in a gallery in {city}!!! pinch me",
        ],
        negative: [
            "spilled coffee all over {craft}. {n} weeks of work. i could cry",
            "rejection number {n} for {craft} this year, it never stops hurting",
            "the audio guide at {museum} is {bad}, half the rooms closed, {big} to get in",
            "gave up on {book} at page {big}, life is too short",
            "they are closing the library in {city}. shameful",
        ],
        neutral: [
            "{museum} shows {person} from {day}",
            "working on {craft} today, slow and quiet",
            "reading {book} with the club in {city}, chapter {n}",
            "open studio {day} {time}, {city}, ring twice",
            "what should i read after {book}?",
        ])
}
