// Music, film and television, in English.

extension PhraseBook {
    static let music = PhraseBook(
        .music,
        gaps: [
            "artist": [
                "Beyoncé", "Radiohead", "Bad Bunny", "Taylor Swift", "Kendrick Lamar", "Björk", "BTS", "Rosalía",
                "Dua Lipa", "Burna Boy", "The Cure", "Adele", "Daft Punk", "Billie Eilish",
            ],
            "record": ["the new album", "the deluxe edition", "the live record", "that b-side", "the acoustic set"],
            "place": ["the O2", "Glastonbury", "Madison Square Garden", "Red Rocks", "Primavera", "a tiny pub"],
        ],
        hashtags: ["nowplaying", "newmusic", "vinyl", "livemusic", "kpop"],
        positive: [
            "{artist} at {place} last night was {ok}, i lost my voice and regret nothing",
            "{record} by {artist} has been on repeat since {day} 🎧",
            "crying in the car to {artist} again and it feels amazing",
            "got {n} tickets for {artist} in {city}!!! screaming",
            "every single track on {record} is {ok}. no skips",
            "{relative} taught me the intro of a {artist} song today, best afternoon in ages",
        ],
        negative: [
            "{big} euros to see {artist} from behind a pillar. this ticket system is {bad}",
            "{record} is so flat, {artist} can do better than this",
            "sound at {place} was {bad}, could not hear a word of {artist}",
            "{artist} cancelled {city} {n} hours before doors, i am heartbroken",
            "why is every song {n} minutes of nothing now",
        ],
        neutral: [
            "{artist} adds a second date in {city} on {day}",
            "listening to {record} by {artist} for the first time, no spoilers please",
            "Doors {time}, support at {time}, {artist} on stage at {time}",
            "which {artist} record would you start with?",
            "{artist} announces {record} for {day}",
        ])

    static let screen = PhraseBook(
        .screen,
        gaps: [
            "show": [
                "Severance", "The Bear", "Succession", "Doctor Who", "One Piece", "Stranger Things", "Dune",
                "Spirited Away", "Barbie", "Paddington 2", "The Last of Us", "Derry Girls", "Andor",
            ],
            "service": ["Netflix", "Disney+", "the BBC", "HBO", "the little cinema on my street", "Crunchyroll"],
        ],
        hashtags: ["filmsky", "tvtime", "anime", "cinema", "nowwatching"],
        positive: [
            "just finished {show} and WOW. {ok} from start to finish",
            "{person} deserves every award for {show}, what a performance",
            "rewatching {show} with {relative} and it is even better the second time",
            "the last ten minutes of {show} are the best thing on {service} this year",
            "laughed so hard at {show} that the dog left the room",
        ],
        negative: [
            "they ended {show} on a cliffhanger. AGAIN. i am so done",
            "{n} episodes in and {show} is {bad}, does it get better??",
            "the dialogue in {show} is {bad}, my cat writes better",
            "someone on my train spoiled the end of {show}. loudly. i hate everything",
            "fell asleep twice in {show}, three hours is too long",
        ],
        neutral: [
            "{show} arrives on {service} this {day}",
            "thread: {n} things you may have missed in {show} 1/{n}",
            "Casting news: {person} joins {show} in {city}",
            "is {show} on {service} in {country}?",
            "watching {show} tonight at {time}, who is in",
        ])
}
