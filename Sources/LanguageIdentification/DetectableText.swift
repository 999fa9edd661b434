// A post without what says nothing about its language: addresses, names of accounts, the retweet mark, control characters.
// Counts the letters of each script on the way.

struct DetectableText {
    /// More of a text says nothing new, and a text may have a megabyte. From 2,048 bytes on CLD2 drops what repeats itself,
    /// and then nothing is left of many a post.
    static let mostBytes = 2_000
    private static let fewLetters = 16

    private let withHashtags: Bool

    /// UTF-8, with words separated by single blanks.
    private(set) var bytes: [UInt8] = []
    private(set) var letters = [Int32](repeating: 0, count: WritingSystem.placeCount)
    private(set) var letterCount = 0

    init(_ text: String) {
        self.init(text, withHashtags: false)
        // Hashtags are names as often as words, and as often English as not: they count where there is little else.
        if letterCount < Self.fewLetters { self = DetectableText(text, withHashtags: true) }
    }

    private init(_ text: String, withHashtags: Bool) {
        self.withHashtags = withHashtags
        var text = text
        text.withUTF8 { read($0) }
    }

    /// The script of most letters; nil without letters.
    var mainSystem: WritingSystem? {
        guard letterCount > 0, let most = letters.max(), let place = letters.firstIndex(of: most) else { return nil }
        return WritingSystem(rawValue: 1 << UInt64(place))
    }

    /// Share of the letters that belong to one of `systems`, 0 to 1.
    func share(of systems: WritingSystem) -> Double {
        guard letterCount > 0 else { return 0 }
        var count: Int32 = 0
        for (place, number) in letters.enumerated() where systems.rawValue >> UInt64(place) & 1 == 1 { count += number }
        return Double(count) / Double(letterCount)
    }

    private mutating func read(_ source: UnsafeBufferPointer<UInt8>) {
        bytes.reserveCapacity(min(source.count, Self.mostBytes) + 8)
        var position = 0
        while position < source.count, bytes.count < Self.mostBytes {
            if source[position] <= 0x20 {
                position += 1
                continue
            }
            var end = position + 1
            while end < source.count, source[end] > 0x20 { end += 1 }
            let word = UnsafeBufferPointer(rebasing: source[position..<end])
            let length = ignoredLength(word)
            if length < word.count {
                append(UnsafeBufferPointer(rebasing: word[length...]))
                bytes.append(UInt8(ascii: " "))
            }
            position = end
        }
    }

    /// How much of the start of a word is no language.
    private func ignoredLength(_ word: UnsafeBufferPointer<UInt8>) -> Int {
        switch word[0] {
        case UInt8(ascii: "#") where !withHashtags: return word.count
        case UInt8(ascii: "@"):
            // The name; what follows without a blank, in scripts without blanks, is text.
            return word.dropFirst().firstIndex { !Self.isNameByte($0) } ?? word.count
        case UInt8(ascii: "h") where word.starts(with: "http".utf8): return Self.addressLength(word)
        case UInt8(ascii: "w") where word.starts(with: "www.".utf8): return Self.addressLength(word)
        case UInt8(ascii: "R") where bytes.isEmpty && (word.elementsEqual("RT".utf8) || word.elementsEqual("RT:".utf8)):
            return word.count
        default: return 0
        }
    }

    /// An address is ASCII; Japanese and its like go on behind it without a blank.
    private static func addressLength(_ word: UnsafeBufferPointer<UInt8>) -> Int {
        // A word that merely begins so ("httpd") has no colon; the bare "http" is what a cut address leaves.
        guard word.count == 4 || word.starts(with: "www.".utf8) || word.dropFirst(4).prefix(2).contains(UInt8(ascii: ":"))
        else { return 0 }
        return word.firstIndex { $0 >= 0x80 } ?? word.count
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "@"):
            true
        default: false
        }
    }

    /// Copies valid UTF-8, with blanks for what CLD2 takes for damage: controls and noncharacters.
    private mutating func append(_ word: UnsafeBufferPointer<UInt8>) {
        var position = 0
        while position < word.count, bytes.count < Self.mostBytes {
            let lead = word[position]
            let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
            var scalar = UInt32(length == 1 ? lead : lead & (0x7F >> UInt8(length)))
            for index in 1..<max(length, 1) { scalar = scalar << 6 | UInt32(word[position + index] & 0x3F) }
            if Self.isInterchangeable(scalar) {
                bytes.append(contentsOf: word[position..<position + length])
                if let system = WritingSystem(of: scalar) {
                    letters[system.place] += 1
                    letterCount += 1
                }
            } else {
                bytes.append(UInt8(ascii: " "))
            }
            position += length
        }
    }

    private static func isInterchangeable(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x00...0x1F, 0x7F...0x9F, 0xFDD0...0xFDEF: false
        default: scalar & 0xFFFE != 0xFFFE
        }
    }
}
