// Short posts in languages of Europe and the Americas: a firehose is never English only.

extension PhraseBook {
    static let europeanLanguages: [PhraseBook] = [
        PhraseBook(
            .sports, language: "es",
            gaps: [
                "equipo": ["el Betis", "el Barça", "el Madrid", "River", "Boca", "la Selección", "el Athletic"],
                "lugar": ["Sevilla", "Buenos Aires", "Bogotá", "Valencia", "Lima"],
            ],
            hashtags: ["LaLiga", "fútbol"],
            positive: [
                "Qué golazo de {equipo}, todavía estoy gritando por la ventana",
                "Noche preciosa en {lugar}, {n} amigos y cero prisas ❤️",
                "Por fin aprobé el examen después de {n} intentos, gracias a todos",
            ],
            negative: [
                "{equipo} ha jugado fatal, qué vergüenza de partido",
                "Llevo {n} horas esperando el autobús en {lugar}, no puedo más",
                "Otra vez sin luz en {lugar}, estoy harta",
            ],
            neutral: [
                "{equipo} juega mañana a las {n} en {lugar}",
                "¿Alguien sabe dónde comprar pan sin gluten en {lugar}?",
            ]),
        PhraseBook(
            .music, language: "pt",
            gaps: [
                "artista": ["Anitta", "Caetano Veloso", "Gilberto Gil", "Marisa Monte", "Liniker"],
                "lugar": ["Salvador", "Porto", "Lisboa", "Recife", "Belo Horizonte"],
            ],
            hashtags: ["música", "praia"],
            positive: [
                "o show de {artista} em {lugar} foi maravilhoso, chorei do começo ao fim 😭❤️",
                "minha avó fez bolo de fubá e o mundo ficou melhor",
                "{n} dias de praia em {lugar}, que saudade eu tava disso",
            ],
            negative: [
                "cancelaram {artista} em {lugar} em cima da hora, tô arrasada",
                "internet caiu {n} vezes hoje, não aguento mais kkkkk socorro",
                "que filme horrível, perdi {n} horas da minha vida",
            ],
            neutral: ["{artista} toca em {lugar} dia {n}", "alguém indica dentista em {lugar}?"]),
        PhraseBook(
            .travel, language: "de",
            gaps: [
                "stadt": ["Hamburg", "München", "Wien", "Leipzig", "Zürich", "Köln"],
                "verein": ["St. Pauli", "Dortmund", "Union Berlin", "Bayern", "Freiburg"],
            ],
            hashtags: ["Bahn", "Feierabend", "Bundesliga"],
            positive: [
                "Pünktlich in {stadt} angekommen, Sonne, Kaffee, alles wunderbar",
                "{verein} gewinnt in der 90. Minute, ich dreh durch vor Freude!",
                "So ein schöner Abend in {stadt}, danke euch allen 🥰",
            ],
            negative: [
                "Zug nach {stadt} fällt aus. Zum {n}. Mal diese Woche. Unfassbar schlecht",
                "{n} Stunden Warteschleife und dann fliegt man raus. Ich könnte schreien",
                "{verein} heute ganz schwach, das tut weh",
            ],
            neutral: ["Der Wochenmarkt in {stadt} öffnet um {n} Uhr", "{verein} spielt am Samstag in {stadt}"]),
        PhraseBook(
            .arts, language: "fr",
            gaps: [
                "ville": ["Lyon", "Marseille", "Montréal", "Bruxelles", "Nantes", "Genève"],
                "lieu": ["le musée d'Orsay", "l'Opéra", "la Cinémathèque", "le Louvre"],
            ],
            hashtags: ["cinéma", "lecture", "expo"],
            positive: [
                "Journée magnifique à {ville}, on a ri comme des enfants",
                "L'expo à {lieu} est sublime, allez-y les yeux fermés",
                "Mon premier roman sort dans {n} jours, je n'y crois pas 😍",
            ],
            negative: [
                "Encore une grève à {ville}, {n} heures pour rentrer, j'en peux plus",
                "Le film était nul, j'ai dormi {n} minutes et c'était le meilleur moment",
                "Mon téléphone est mort, quelle journée pourrie",
            ],
            neutral: ["{lieu} rouvre mardi à {n} h", "Qui connaît un bon dentiste à {ville} ?"]),
        PhraseBook(
            .food, language: "it",
            gaps: ["citta": ["Napoli", "Torino", "Bologna", "Palermo", "Roma"]],
            hashtags: ["cucina", "SerieA"],
            positive: [
                "La pizza a {citta} è pura felicità, non discuto",
                "Mio nonno ha compiuto {n}0 anni e ha ballato tutta la sera, che gioia",
            ],
            negative: [
                "Treno per {citta} in ritardo di {n}0 minuti, una vergogna",
                "Che tristezza vedere chiudere la libreria di {citta}",
            ],
            neutral: ["Mercato a {citta} domani alle {n}", "Qualcuno sa a che ora gioca il Napoli?"]),
        PhraseBook(
            .dailyLife, language: "nl",
            gaps: ["stad": ["Utrecht", "Gent", "Rotterdam", "Groningen"]],
            positive: ["Heerlijk gefietst naar {stad}, zon op mijn bol en {n} ijsjes verder"],
            negative: ["Fiets gestolen in {stad}. Alweer. Wat een rotdag"],
            neutral: ["De trein naar {stad} vertrekt van spoor {n}"]),
        PhraseBook(
            .dailyLife, language: "pl",
            gaps: ["miasto": ["Kraków", "Gdańsk", "Wrocław", "Łódź"]],
            positive: ["Najlepsze pierogi w życiu, {miasto}, kocham to miejsce"],
            negative: ["Znowu korek, {miasto} stoi od {n} godzin, mam dość"],
            neutral: ["Koncert, {miasto}, sobota, godzina {n}"]),
        PhraseBook(
            .games, language: "tr",
            gaps: [
                "sehir": ["İstanbul", "İzmir", "Ankara", "Bursa"],
                "takim": ["Galatasaray", "Fenerbahçe", "Beşiktaş", "Trabzonspor"],
            ],
            hashtags: ["süperlig"],
            positive: ["{takim} harika oynadı, sesim kısıldı 🎉", "{sehir} bugün çok güzel, çay ve simit yeter"],
            negative: ["{takim} yine berbat, {n} maçtır gülemedik", "{sehir} trafiği {n} saat, bıktım artık"],
            neutral: ["{takim} maçı saat {n}'de", "{sehir} için yağmur bekleniyor"]),
    ]
}
