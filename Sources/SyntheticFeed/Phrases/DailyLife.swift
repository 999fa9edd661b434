// Food, travel and everyday life, in English.

extension PhraseBook {
    static let food = PhraseBook(
        .food,
        gaps: [
            "dish": [
                "ramen", "sourdough", "shakshuka", "pierogi", "jollof rice", "lasagne", "tacos", "pho", "banana bread",
                "lentil soup", "tiramisu", "dumplings",
            ],
        ],
        hashtags: ["foodsky", "baking", "vegan", "coffee", "cooking"],
        positive: [
            "made {dish} from scratch and {relative} asked for seconds 😋",
            "the {dish} at that tiny place in {city} is {ok}, go hungry",
            "first coffee of the day. silence. sun on the table. bliss",
            "{relative} dropped off {dish} because i sounded tired. people are good",
        ],
        negative: [
            "burnt the {dish} AGAIN, smoke alarm and all, dinner is cereal",
            "waited {n}0 minutes for cold {dish}, {bad}, never going back",
            "who puts raisins in {dish}. who hurt you",
            "food poisoning on day {n} of the holiday. {bad}",
        ],
        neutral: [
            "how long do you rest the dough for {dish}?",
            "tonight: {dish}, salad, {n} guests",
            "is there a good place for {dish} near the station in {city}?",
            "recipe for {dish} in the replies",
        ])

    static let travel = PhraseBook(
        .travel,
        gaps: [
            "ride": ["the night train", "the ferry", "the 47 bus", "our flight", "the tram", "the sleeper"],
            "sight": ["the old harbour", "the cathedral", "the botanical garden", "the castle", "the coast path"],
        ],
        hashtags: ["travel", "trains", "hiking", "roadtrip"],
        positive: [
            "{city} in the morning light is {ok}. i am never leaving",
            "{ride} from {city} to {city}: on time, clean, kind crew. more of this please",
            "hiked {sight} in {country} with {first}, {n} hours, every step worth it",
            "a stranger in {country} walked {n} blocks to show us the way. faith restored",
        ],
        negative: [
            "{ride} delayed by {big} minutes, no info, no heating. {bad}",
            "our luggage is in {city}. we are in {city}. great",
            "rain for {n} days straight in {country}, tent is a lake",
            "hotel in {city} gave our room away at {time}. {bad}",
        ],
        neutral: [
            "{n} days in {country} in may: what should we see besides {sight}?",
            "{ride} to {city} leaves from platform {n} today",
            "packing for {city}. jacket or no jacket?",
            "{sight} in {city} reopens on {day}",
        ])

    static let dailyLife = PhraseBook(
        .dailyLife,
        gaps: [
            "pet": ["cat", "dog", "parrot", "foster kitten", "rescue greyhound", "tortoise"],
            "chore": ["laundry", "the dishes", "taxes", "the garden", "assembling a shelf", "spring cleaning"],
        ],
        hashtags: ["mondaymood", "catsofbluesky", "gardening", "parenting", "weekend"],
        positive: [
            "my {pet} fell asleep on my keyboard so i guess i have the day off 🐾",
            "{relative} turned {big} today and danced all night, i love this family",
            "one year sober today. thank you to everyone who answered the phone",
            "first tomatoes from the balcony!! tiny and {ok}",
            "good morning to everyone except nobody, it is a beautiful {day}",
            "{first} said yes 💍 we are so happy",
        ],
        negative: [
            "it is {time} and the upstairs neighbour is vacuuming. why",
            "my {pet} is at the vet, please send good thoughts, i am so scared",
            "phone fell in the sink, keys in the door, rain. {day} is {bad}",
            "migraine day {n}. everything hurts. even the light of this post",
            "i miss my grandma so much today",
            "stepped on a lego at {time}. i have seen the end of the world",
        ],
        neutral: [
            "{chore} done, tea next",
            "does anyone have a spare charger in {city}?",
            "{day} plans: {chore}, then {chore}, then nothing",
            "power is back in our street since {time}",
            "walking the {pet} before the rain",
            "school starts at {time} on {day}, note to self",
        ])
}
