// A made firehose: posts, edits, deletes, account purges, suspensions and restores, likes, duplicates and poison, over partitions
// that share keys. A seed repeats it. The events of an account lie in whatever partitions: their versions decide, not the order in
// which partitions are read.
import Foundation

struct FirehoseEvent {
    enum Poison: CaseIterable {
        case truncated, bytes, textIsNumber, noText, nested

        var reason: String {
            switch self {
            case .truncated, .bytes: "malformed_json"
            case .textIsNumber: "wrong_type"
            case .noText: "missing_text"
            case .nested: "nested_too_deep"
            }
        }
    }

    enum Action {
        case post(text: String)
        case delete
        case purge, hide, restore
        case like
        case poison(Poison)
    }

    let action: Action
    let account: Int
    let key: String
    /// Rises with every event that is not a duplicate: the feed's version.
    let version: Int
    let partition: Int32
    let offset: Int64
    let body: [UInt8]
}

struct FirehoseScript {
    /// What becomes of an account.
    enum Fate {
        case ordinary
        /// Suspended and restored, in any partition: the newest word counts.
        case moderated
        /// Deleted for good at some time; whatever comes of it later is refused.
        case purged
        /// Deleted and restored: what came before is gone, what comes after stays.
        case returning
    }

    static let partitionCount: Int32 = 8
    private static let firstTime: Int64 = 1_780_000_000_000_000

    private(set) var events: [FirehoseEvent] = []
    /// `next_offset` of each partition once all is read.
    private(set) var ends = [Int64](repeating: 0, count: Int(partitionCount))
    private let accountCount: Int
    private var random: ScriptRandom
    private var keys: [[String]]
    /// Purges and restores that come once the script is that long; the last one is next.
    private var due: [(at: Int, account: Int, isPurge: Bool)] = []
    private var purged: Set<Int> = []

    init(eventCount: Int, seed: UInt64) {
        accountCount = max(50, eventCount / 150)
        random = ScriptRandom(state: seed)
        keys = Array(repeating: [], count: accountCount)
        for account in 0..<accountCount {
            let early = Int.random(in: eventCount * 3 / 10..<eventCount * 6 / 10, using: &random)
            let late = Int.random(in: eventCount * 7 / 10..<eventCount * 9 / 10, using: &random)
            switch Self.fate(account) {
            case .purged: due.append((Bool.random(using: &random) ? early : late, account, true))
            case .returning: due += [(early, account, true), (late, account, false)]
            case .ordinary, .moderated: break
            }
        }
        due.sort { $0.at > $1.at }
        while events.count < eventCount { step() }
    }

    static func fate(_ account: Int) -> Fate {
        switch account % 25 {
        case 0: .purged
        case 1: .returning
        case 2, 3: .moderated
        default: .ordinary
        }
    }

    static func did(_ account: Int) -> String { "did:plc:firehose\(account)" }
    static func uri(_ account: Int, _ key: String) -> String { "at://\(did(account))/app.bsky.feed.post/\(key)" }
    /// The version of an account's event as the database keeps it: microseconds, padded.
    static func accountVersion(_ version: Int) -> String {
        let digits = String(firstTime + Int64(version))
        return String(repeating: "0", count: 20 - digits.count) + digits
    }

    // MARK: One event

    private mutating func step() {
        let version = events.count
        if let next = due.last, next.at <= version {
            due.removeLast()
            if next.isPurge { purged.insert(next.account) }
            return add(next.isPurge ? .purge : .restore, next.account, "", version)
        }
        let account = Int.random(in: 0..<accountCount, using: &random)
        switch Int.random(in: 0..<1_000, using: &random) {
        case 0..<20: poison(version)
        case 20..<120 where !keys[account].isEmpty: add(.delete, account, recentKey(account), version)
        case 120..<220 where !keys[account].isEmpty: add(.post(text: text(version)), account, recentKey(account), version)
        case 220..<230: moderate(account, version)
        case 230..<240: repeatEvent()
        case 240..<280: add(.like, account, "like\(version)", version)
        default:
            let key = "key\(version)"
            keys[account].append(key)
            add(.post(text: text(version)), account, key, version)
        }
    }

    /// Deleted ones too: they can be made anew.
    private mutating func recentKey(_ account: Int) -> String {
        keys[account].suffix(20).randomElement(using: &random) ?? "none"
    }

    private mutating func moderate(_ near: Int, _ version: Int) {
        // The next account whose suspension is part of the play.
        let candidates = (0..<25).map { (near + $0) % accountCount }.filter { account in
            Self.fate(account) == .moderated || (Self.fate(account) == .purged && !purged.contains(account))
        }
        guard let account = candidates.first else { return add(.like, near, "like\(version)", version) }
        add(Bool.random(using: &random) ? .hide : .restore, account, "", version)
    }

    /// Poison is of ordinary accounts and of keys that nothing else names, so each leaves one dead letter.
    private mutating func poison(_ version: Int) {
        let account = Int.random(in: 0..<accountCount / 25, using: &random) * 25 + Int.random(in: 4..<25, using: &random)
        let kind = FirehoseEvent.Poison.allCases.randomElement(using: &random) ?? .bytes
        add(.poison(kind), account, "poison\(version)", version)
    }

    /// The same event again, in whatever partition.
    private mutating func repeatEvent() {
        guard let event = events.suffix(2_000).randomElement(using: &random) else {
            return add(.like, 4, "like\(events.count)", events.count)
        }
        append(event.action, event.account, event.key, event.version, event.body)
    }

    private mutating func add(_ action: FirehoseEvent.Action, _ account: Int, _ key: String, _ version: Int) {
        append(action, account, key, version, body(action, account, key, version))
    }

    private mutating func append(
        _ action: FirehoseEvent.Action, _ account: Int, _ key: String, _ version: Int, _ body: [UInt8]
    ) {
        let partition = Int.random(in: 0..<Int(Self.partitionCount), using: &random)
        events.append(
            FirehoseEvent(
                action: action, account: account, key: key, version: version, partition: Int32(partition),
                offset: ends[partition], body: body))
        ends[partition] += 1
    }

    // MARK: Documents

    private func text(_ version: Int) -> String {
        let words = [
            "the ferry leaves the harbour", "café au lait in Zürich 🇨🇭", "new build is out 🚀", "no seats left, sadly",
            "👩‍👩‍👧 at the lake",
        ]
        return "\(words[version % words.count]) no. \(version)"
    }

    private func body(_ action: FirehoseEvent.Action, _ account: Int, _ key: String, _ version: Int) -> [UInt8] {
        let did = Self.did(account)
        let time = Self.firstTime + Int64(version)
        func commit(_ collection: String, _ operation: String, _ record: String) -> String {
            #"{"did":"\#(did)","time_us":\#(time),"kind":"commit","commit":{"rev":"\#(Self.revision(version))","#
                + #""operation":"\#(operation)","collection":"\#(collection)","rkey":"\#(key)"\#(record)}}"#
        }
        func post(_ text: String) -> String {
            commit("app.bsky.feed.post", "create", #","record":{"$type":"app.bsky.feed.post"\#(text),"langs":["en"]}"#)
        }
        func status(_ status: String) -> String {
            #"{"did":"\#(did)","time_us":\#(time),"kind":"account","account":{"did":"\#(did)",\#(status)}}"#
        }
        // Half of the documents escape what is not ASCII, as some producers do.
        func quoted(_ text: String) -> String { version % 2 == 0 ? text.replacing("é", with: #"\u00e9"#) : text }
        let whole = post(#","text":"cut off""#)
        let document: String =
            switch action {
            case .post(let text): post(#","text":"\#(quoted(text))""#)
            case .delete: commit("app.bsky.feed.post", "delete", "")
            case .like: commit("app.bsky.feed.like", "create", #","record":{"subject":"x"}"#)
            case .purge: status(#""active":false,"status":"deleted""#)
            case .hide: status(#""active":false,"status":"suspended""#)
            case .restore: status(#""active":true"#)
            case .poison(.truncated): String(whole.prefix(whole.count * 3 / 5))
            case .poison(.bytes): "\u{1}\u{2}{no json \(version)"
            case .poison(.textIsNumber): post(#","text":17"#)
            case .poison(.noText): post("")
            case .poison(.nested): String(whole.dropLast(2)) + #","x":"# + String(repeating: "[", count: 300)
            }
        return Array(document.utf8)
    }

    /// As atproto's servers make them: 53 bits of microseconds, 10 of a clock's number, in 13 sortable digits of base 32.
    static func revision(_ version: Int) -> String {
        let digits = Array("234567abcdefghijklmnopqrstuvwxyz")
        let number = (firstTime + Int64(version)) << 10 | 17
        return String((0..<13).reversed().map { digits[Int(number >> ($0 * 5) & 31)] })
    }
}

/// SplitMix64 (Steele, Lea, Flood).
struct ScriptRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
