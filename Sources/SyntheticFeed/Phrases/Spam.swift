// What the mask is for: adverts, giveaway bots, follow trains, machine-made notices. Every name in here is invented.

extension PhraseBook {
    static let spam = PhraseBook(
        .spam,
        gaps: [
            "coin": ["MOONPUP", "ZENCOIN", "LAMBO2", "GLOOPX", "FROGE"],
            "deal": ["iPhone case", "smart watch", "garden lights", "gift card", "air fryer", "crypto wallet"],
            "code": ["SAVE70", "LUCKY22", "WINBIG", "FREE4U", "VIP99"],
            "percent": ["20%", "30%", "50%", "70%", "90%", "100%"],
            "pressure": ["998", "1003", "1009", "1013", "1018", "1024"],
            "channel": ["#HITS", "Radio Nimbus", "Kiosk FM", "Wave 88"],
        ],
        hashtags: ["giveaway", "followback", "ad", "promo", "crypto", "F4F"],
        positive: [
            "🔥🔥🔥 ${coin} TO THE MOON 🚀🚀🚀 join now {link} {link} #crypto #100x #airdrop",
            "GIVEAWAY!!! Follow + repost + tag {n} friends and WIN: {deal} 👉👉 {link}",
            "CONGRATULATIONS you have been selected!! Claim your free {deal} >>> {link} use code {code}",
            "{big} people already made money with this ONE trick 💰💰💰 {link}",
            "Follow me i follow back {percent} 💯💯 #F4F #followback #followtrain {handle} {handle} {handle}",
        ],
        neutral: [
            "{percent} OFF {deal} today only code {code} {link} #ad #promo #deal #sale",
            "♫ Now playing on {channel}: {person} - Untitled {n} | listen {link} | #nowplaying #radio",
            "[BOT] Weather {city}: temp {n} C, wind {n} km/h, humidity {percent}, pressure {pressure} hPa {link}",
            "I just posted a photo @ {city} {link}",
            "{n} people followed me and {n} people unfollowed me // automatically checked by {link}",
            "New on the blog: {n} tips for your {deal} {link} via {handle}",
        ])
}
