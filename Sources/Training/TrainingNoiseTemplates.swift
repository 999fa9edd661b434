// Sentences that apps, campaigns and accounts put around a post: the words that a mask is to learn to leave out.
// No three words in a row are also in the templates that quality under noise is measured with (Evaluation.NoiseStress).

package enum TrainingNoiseTemplates {
    /// The short list. In this order: the same recipe and seed put in the same noise as ever.
    package static let few = [
        "click the link in my bio", "link in bio", "DM me for promo", "use code {code} at checkout",
        "follow me and i will follow back", "follow {handle} for more", "subscribe to my channel",
        "limited time offer, ends tonight", "join our group {link}", "check out my new video {link}",
        "sent from my phone", "posted via {handle}", "read more: {link}", "full story here {link}", "please RT",
        "RT to win", "like and share to enter", "{n}% off today only {link}", "free shipping on all orders",
        "sign up now {link}", "download the app {link}", "turn on notifications", "part {n}/{n}", "({n}/{n})",
        "via {handle}", "cc {handle}", "photo by {handle}", "pic: {link}", "watch live now {link}",
        "vote for us {link}", "last chance, only {n} left", "get yours here {link}", "more info {link}",
        "swipe up", "tag {n} friends", "giveaway: follow, like and retweet", "ad | sponsored", "thread {n}",
        "suivez-nous {link}", "síguenos {handle}", "más info {link}", "jetzt anmelden {link}", "segui {handle}",
        "leia mais {link}", "قناتنا {link}", "और पढ़ें {link}", "en savoir plus {link}", "mehr dazu: {link}",
    ]
    /// The long list, which holds the sentences of the short one where they belong.
    package static let many = calls + campaigns + signatures + notices + credits + numbering + automatic + otherLanguages

    /// Calls to do something elsewhere.
    private static let calls = [
        "click the link in my bio", "link in bio", "DM me for promo", "follow me and i will follow back",
        "follow {handle} for more", "subscribe to my channel", "join our group {link}", "check out my new video {link}",
        "please RT", "sign up now {link}", "download the app {link}", "turn on notifications", "vote for us {link}",
        "more info {link}", "swipe up", "tag {n} friends", "read more: {link}", "full story here {link}",
        "watch live now {link}", "drop a like if you agree", "smash that like button", "leave your thoughts in the chat",
        "who else? RT if you agree", "let us know in the replies", "save this for later", "share this with a friend",
        "quote this with your answer", "answer in the poll below", "join the discord {link}", "support me on patreon {link}",
        "buy me a coffee {link}", "pre-order here {link}", "book your seat {link}", "ask me anything {link}",
        "register before friday {link}", "sign the petition {link}", "donate if you can {link}", "my dms are open",
        "check the replies for more", "second post in the replies", "details below", "link below 👇",
        "episode {n} is out, stream it here {link}", "hit follow so you don't miss the next one", "new blog post {link}",
    ]
    private static let campaigns = [
        "use code {code} at checkout", "limited time offer, ends tonight", "RT to win", "like and share to enter",
        "{n}% off today only {link}", "free shipping on all orders", "last chance, only {n} left", "get yours here {link}",
        "giveaway: follow, like and retweet", "ad | sponsored", "paid partnership with {handle}", "#ad", "gifted by {handle}",
        "affiliate link: {link}", "winner announced on monday", "no purchase necessary", "offer valid while stocks last",
        "while supplies last", "prices from ${n}", "now {n} euros instead of {n}", "earn money from home {link}",
        "free trial for {n} days", "one winner every hour", "dm to order", "shipping worldwide", "back in stock {link}",
        "must be 18 or older to enter", "sale starts at noon", "bundle of {n} for the price of one", "promo code {code}",
        "tickets on sale friday {link}", "doors at {n}, free entry", "get {n} free followers {link}", "sponsored by {handle}",
    ]
    /// What an app or a person signs each post with.
    private static let signatures = [
        "sent from my phone", "posted via {handle}", "sent from my tablet", "shared from my reading app", "via the mobile app",
        "crossposted from {link}", "originally posted on {link}", "written on a train", "typed with one hand", "-- {handle}",
        "opinions are my own", "views expressed here are mine alone", "retweets are not endorsements", "he/him", "she/her",
        "they/them", "business inquiries by mail only", "sent with love from the team", "your friends at {handle}",
        "the {handle} team", "^JK", "^mod", "posting for a friend", "#NoFilter", "dictated, not read",
    ]
    /// What accounts say of themselves and of their service.
    private static let notices = [
        "bot account, beep boop", "i am a bot, and this action was performed by itself", "out of office until monday",
        "we answer between {n} and {n} o'clock", "for help write to {handle}", "our support team is here for you",
        "open a ticket at {link}", "your feedback helps us improve", "this message was sent to all members",
        "do not reply to this post", "this post has been edited", "edit: typo", "update {n}:", "content warning", "cw: food",
        "spoiler ahead", "nsfw", "sensitive content", "post deleted by its author", "this tweet is unavailable", "show more",
        "see translation", "show this thread", "view on web {link}", "your subscription ends on the {n}th",
        "unsubscribe here {link}", "all rights reserved", "© {handle}", "privacy policy {link}",
        "you are receiving this because you follow {handle}", "standard message rates apply", "consult a doctor before use",
        "past performance is no guarantee", "not financial advice", "nfa dyor",
    ]
    private static let credits = [
        "via {handle}", "cc {handle}", "photo by {handle}", "pic: {link}", "h/t {handle}", "hat tip to {handle}",
        "art by {handle}", "video: {handle}", "📷 {handle}", "🎥 {handle}", "cover image from {link}",
        "image description in alt text", "[image: a screenshot]", "[video]", "[gif]", "image attached",
        "with {handle} and {n} others", "feat. {handle}", "ft. {handle}", "by {handle} for {handle}", "stolen from {handle}",
        "found on {link}", "from the archive", "(reuters)", "(ap)", "via rss",
    ]
    private static let numbering = [
        "part {n}/{n}", "({n}/{n})", "thread {n}", "{n}/", "1/{n}", "[{n} of {n}]", "day {n} of {n}", "chapter {n}", "ep. {n}",
        "vol. {n}", "page {n}", "#{n}", "no. {n}", "{n} likes", "{n}k views", "{n} comments", "{n} min read", "{n}:{n} pm",
        "{n}.{n}.20{n}",
    ]
    /// Posts that programs make.
    private static let automatic = [
        "i just posted a photo {link}", "posted a new photo to facebook", "i'm at the station {link}",
        "just checked in {link}", "i ran {n} km with {handle}", "{n} steps today",
        "my top artists this week: {handle}, {handle}", "now listening {link}", "{n} people followed me and {n} unfollowed me",
        "i unlocked level {n} {link}", "i earned a badge {link}", "i scored {n} points {link}",
        "my daily word puzzle {n} {n}/6", "today's horoscope {link}", "temp {n}, wind {n}, humidity {n}%",
        "bitcoin: ${n} (+{n}%)", "trending now: {handle}", "top stories today {link}", "the daily paper is out! {link}",
        "new listing: {n} rooms {link}", "we're hiring! apply here {link}", "job alert {link}", "traffic update: exit {n}",
        "live score {n}-{n}", "added a video to a playlist {link}", "i liked a video {link}", "i rated it {n}/10 {link}",
        "finished reading, {n} stars {link}", "live at {n} {link}", "going live in {n} minutes",
    ]
    private static let otherLanguages = [
        "suivez-nous {link}", "síguenos {handle}", "más info {link}", "jetzt anmelden {link}", "segui {handle}",
        "leia mais {link}", "قناتنا {link}", "और पढ़ें {link}", "en savoir plus {link}", "mehr dazu: {link}",
        "abonnez-vous à la chaîne", "abonniert unseren kanal", "gewinnspiel: folgen und teilen", "link in der bio",
        "werbung | anzeige", "foto: {handle}", "lien en bio", "code promo {code}", "publicité", "concours: suivez et partagez",
        "enlace en la biografía", "sorteo: sigue y comparte", "activa las notificaciones", "envío gratis {link}", "publicidad",
        "iscriviti al canale", "link nella bio", "codice sconto {code}", "pubblicità", "link na bio", "ative as notificações",
        "frete grátis {link}", "siga {handle} para mais", "تابعونا {handle}", "للمزيد {link}", "اشترك في القناة", "رتويت",
        "हमें फॉलो करें {handle}", "लिंक बायो में", "सब्सक्राइब करें", "フォローお願いします", "詳細はこちら {link}", "プロフィールのリンクから",
        "구독과 좋아요", "링크는 프로필에", "подписывайтесь {link}", "ссылка в профиле", "takip edin {handle}", "volg {handle} voor meer",
        "link in de bio", "klik hier {link}",
    ]
}
