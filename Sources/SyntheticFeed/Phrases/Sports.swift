// Sports and games, in English.

extension PhraseBook {
    static let sports = PhraseBook(
        .sports,
        gaps: [
            "team": [
                "Arsenal", "Liverpool", "Real Madrid", "Bayern", "Juventus", "Celtic", "Benfica", "the Lakers",
                "the Celtics", "the Warriors", "the Packers", "the Chiefs", "the Yankees", "the Dodgers",
                "the Maple Leafs", "Flamengo", "Boca Juniors", "the Springboks", "the All Blacks", "Ajax",
            ],
            "score": ["2-1", "3-0", "4-3", "1-0", "112-108", "27-24", "5-2", "98-97", "31-7"],
            "cup": [
                "the Champions League", "the World Cup", "the FA Cup", "the playoffs", "Wimbledon",
                "the Tour de France", "the Six Nations", "the Super Bowl", "the Olympics", "the Copa Libertadores",
            ],
        ],
        hashtags: ["matchday", "football", "NBA", "NFL", "F1", "tennis", "running", "rugby"],
        positive: [
            "{team} just beat {team} {score} and i am still shaking, what a night",
            "{person} was {ok} tonight. Best player on the pitch by a mile",
            "ran my first 10k this morning!! slow as a snail but SO proud",
            "Tickets for {cup} finally arrived, {relative} cried happy tears",
            "say what you want about {team}, that comeback was {ok}",
            "{person} signing a new contract until 2029?? best news of the week",
            "that goal from {person} belongs in a museum",
            "took the kids to see {team} in {city}, they loved every second of it",
        ],
        negative: [
            "{team} losing {score} at home to {team}... {bad}, i want my evening back",
            "how do you miss from there {person}. HOW. worst finish i have seen all season",
            "pulled my hamstring {n} days before {cup}, absolutely gutted",
            "another injury for {person}, this season is cursed",
            "paid {big} for these seats and i can see half the pitch. {bad}",
            "the referee in {team} vs {team} was {bad}, both sides robbed",
            "our defending is {bad} and nobody at {team} seems to care",
        ],
        neutral: [
            "{team} v {team} kicks off at {time} in {city}, line-ups in an hour",
            "Half time: {team} {score} {team}",
            "{person} starts on the bench for {team} on {day}",
            "does anyone know which channel has {cup} in {country}?",
            "{cup} draw takes place in {city} on {day}",
            "Training moved from {day} to {day}, bring both shirts",
        ])

    static let games = PhraseBook(
        .games,
        gaps: [
            "game": [
                "Zelda", "Minecraft", "Hollow Knight", "Baldur's Gate 3", "Stardew Valley", "Elden Ring", "Fortnite",
                "Mario Kart", "Hades", "Tetris", "Animal Crossing", "Celeste", "Disco Elysium", "Factorio",
            ],
            "platform": ["Switch", "Steam Deck", "PS5", "Xbox", "my old laptop", "PC"],
            "boss": ["the second boss", "the ice level", "the final dungeon", "that frog fight", "the tutorial"],
        ],
        hashtags: ["gaming", "indiegames", "speedrun", "cozygames", "twitch"],
        positive: [
            "finally beat {boss} in {game} after {n} evenings LETS GOOO",
            "{game} on {platform} is {ok}, cannot put it down",
            "the soundtrack of {game} still gives me goosebumps",
            "co-op {game} with {relative} is the best thing about {day}s",
            "new {game} update is so generous, {n} new maps for free",
            "my stream hit {big} viewers last night, thank you all, truly",
        ],
        negative: [
            "{game} crashed again and ate my save. {n} hours gone. thx i hate it",
            "stuck on {boss} since {day}, my thumbs hurt and so does my pride",
            "servers of {game} are {bad} tonight, kicked {n} times in a row",
            "whoever designed {boss} in {game} owes me an apology",
            "{game} runs at 12 fps on {platform}, {bad}",
        ],
        neutral: [
            "Patch notes for {game}: {n} fixes, nothing for {platform} yet",
            "looking for {n} people for {game} on {day}, {platform} only",
            "{game} or {game} for a long train ride?",
            "Speedrun marathon starts at {time}, first up is {game}",
        ])
}
