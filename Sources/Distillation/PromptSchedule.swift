// Which worked examples go before a post. A few fixed decks, each mixed over topics, sentiments and styles: enough variety that
// no single example colours all answers, few enough that the endpoint can reuse the beginning of a request. A post always
// gets the same deck, so asking again is the same request.
internal import Training

package struct PromptSchedule: Sendable {
    package let prompts: PromptSet
    /// The examples of each deck, as indices into the set's examples.
    package let decks: [[Int]]

    package init(_ prompts: PromptSet) {
        self.prompts = prompts
        decks = (0..<prompts.decks).map { Self.deck($0, prompts) }
    }

    /// Topics by turns from one that moves with the deck; sentiments by turns too, so that neither can be guessed from the
    /// other; of several that fit the style that the deck has least.
    private static func deck(_ number: Int, _ prompts: PromptSet) -> [Int] {
        let (topics, sentiments) = (prompts.taxonomy.topic, prompts.taxonomy.sentiment)
        var chosen: [Int] = []
        var styles: [String: Int] = [:]
        for place in 0..<min(prompts.examplesPerRequest, prompts.examples.count) {
            let topic = topics[(number + place) % topics.count]
            let sentiment = sentiments[(number / 2 + place) % sentiments.count]
            let free = prompts.examples.indices.filter { !chosen.contains($0) }
            func cost(_ index: Int) -> Int {
                let example = prompts.examples[index]
                return (example.answer.topic == topic ? 0 : 1_000) + (example.answer.sentiment == sentiment ? 0 : 100)
                    + min(99, styles[example.style] ?? 0)
            }
            guard let best = free.min(by: { cost($0) < cost($1) }) else { break }
            chosen.append(best)
            styles[prompts.examples[best].style, default: 0] += 1
        }
        // The last example weighs most with many models: its place is drawn.
        var random = RandomSource(seed: 5, stream: UInt64(number))
        return chosen.shuffled(using: &random)
    }

    /// FNV-1a over the post's bytes: the same on every machine.
    package func deck(for post: String) -> Int {
        let hash = post.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return Int(hash % UInt64(decks.count))
    }

    /// The conversation that asks about a post.
    package func messages(for post: String) -> [ChatMessage] {
        var messages = [ChatMessage(role: .system, content: prompts.system)]
        for index in decks[deck(for: post)] {
            let example = prompts.examples[index]
            messages.append(ChatMessage(role: .user, content: prompts.user(example.post)))
            messages.append(ChatMessage(role: .assistant, content: example.answer.json))
        }
        messages.append(ChatMessage(role: .user, content: prompts.user(post)))
        return messages
    }
}
