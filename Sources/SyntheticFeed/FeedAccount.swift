// The invented people who write the synthetic feed. Handles end in domains that are reserved for examples, so that none
// of them can be anybody's.

package struct FeedAccount: Sendable, Hashable {
    /// A decentralised identifier in the shape of the feed's own.
    package let identifier: String
    package let handle: String

    init(random: inout FeedRandom) {
        let first = [
            "moss", "night", "pixel", "salt", "violet", "quiet", "lemon", "copper", "static", "river", "paper", "foggy",
            "tiny", "solar", "rusty", "clover",
        ]
        let second = [
            "heron", "baker", "train", "dad", "reads", "cello", "runner", "otter", "kitchen", "orbit", "notes", "fox",
            "garden", "radio", "stitch", "cat",
        ]
        let number = random.chance(0.4) ? String(random.index(below: 99)) : ""
        let domain = random.pick(["bsky.example", "social.example", "example.net"])
        identifier = "did:plc:\(random.base32(count: 24))"
        handle = "\(random.pick(first))\(random.pick(second))\(number).\(domain)"
    }
}
