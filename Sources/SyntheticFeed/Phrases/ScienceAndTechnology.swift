// Science and technology, in English. Products that fail in a sentence are invented.

extension PhraseBook {
    static let science = PhraseBook(
        .science,
        gaps: [
            "agency": ["NASA", "ESA", "CERN", "JAXA", "the Max Planck Institute", "MIT", "the Royal Society"],
            "thing": [
                "Europa", "the James Webb telescope", "a near-Earth asteroid", "dark matter", "octopus sleep",
                "coral reefs", "Antarctic ice cores", "the Voyager probes", "mRNA vaccines", "soil fungi",
            ],
        ],
        hashtags: ["science", "space", "astronomy", "biology", "climate"],
        positive: [
            "the new images of {thing} from {agency} are {ok}, i could stare for hours",
            "my paper on {thing} got accepted!!! {n} years of work, thank you {person}",
            "{agency} landing confirmed, whole room in {city} cheering, what a day for science",
            "saw the aurora over {city} tonight, never felt so small and so happy",
            "{relative} asked me about {thing} and listened for an hour. best dinner ever",
        ],
        negative: [
            "reviewer {n} says my work on {thing} is {bad}. back to the bench i guess",
            "clouds over {city} again, missed the eclipse, so sad",
            "funding for our {thing} project is gone. {n} people lose their jobs, heartbreaking",
            "the headline about {thing} is {bad}, the study says the opposite",
            "our freezer failed and {n} years of samples are gone. i have no words",
        ],
        neutral: [
            "{agency} will publish new data on {thing} on {day}",
            "New preprint on {thing} by {person} and colleagues, {n} figures, code included",
            "Launch window for {agency} opens {day} at {time}",
            "TIL {thing} can be seen from {city} this month",
            "Talk by {person} about {thing}, {city}, {time}, free entry",
        ])

    static let technology = PhraseBook(
        .technology,
        gaps: [
            "lang": ["Swift", "Rust", "Python", "TypeScript", "Go", "Haskell", "SQL", "Kotlin"],
            "tool": ["Postgres", "Kafka", "Linux", "git", "Docker", "Firefox", "the compiler", "my CI", "vim"],
            "gadget": ["Fennix 4", "Lumora watch", "Pebblio buds", "Orbix router", "Nuvio tablet", "Tarnstone laptop"],
            "company": ["Apple", "Google", "Microsoft", "Mozilla", "Nintendo", "Nvidia", "Samsung"],
        ],
        hashtags: ["dev", "opensource", "rustlang", "swiftlang", "linux", "AI"],
        positive: [
            "moved our pipeline from {lang} to {lang} and it is {ok}. {n}x faster, half the code",
            "shoutout to the people behind {tool}, docs are {ok}",
            "my first pull request to {tool} got merged today 🎉 everybody was so kind",
            "the {gadget} battery lasts {n} days?? i love this thing",
            "pair programming with {first} fixed in an hour what hurt me for {n} days, thank you",
        ],
        negative: [
            "my {gadget} died after {n} weeks. support is {bad}, never again",
            "{tool} upgrade broke everything on a {day} at {time}. i need a hug",
            "spent {n} hours debugging and it was a missing comma. {lang} why",
            "the {gadget} app wants my location to turn on a lamp. {bad}",
            "this login page logs me out every {n} minutes, whoever did this: why",
        ],
        neutral: [
            "{company} event starts {day} at {time}",
            "{tool} {n}.1 is out, release notes in the thread",
            "question for {lang} folks: how do you organise tests?",
            "{company} opens an office in {city}",
            "looking for a used {gadget}, pickup in {city}",
            "meetup: {lang} and {tool} in {city}, {day} {time}",
        ])
}
