// Valid text is untouched byte for byte; what PostgreSQL cannot hold goes; nothing else changes.
import Foundation
import Posts
import Testing

struct SafeTextTests {
    private func safe(_ bytes: [UInt8]) -> [UInt8] { Array(SafeText.text(bytes).utf8) }

    /// The text of a generic post whose JSON string has this inside.
    private func decoded(inside: [UInt8]) -> [UInt8]? {
        let value = Array(#"{"id":"1","text":""#.utf8) + inside + Array(#""}"#.utf8)
        return Decoding.decode(value).post.map { Array($0.text.utf8) }
    }

    private func randomScalar(_ random: inout TestRandom) -> Unicode.Scalar {
        let pools: [ClosedRange<UInt32>] = [
            0x20...0x7E, 0x01...0x1F, 0xA0...0x2FF, 0x370...0xD7FF, 0xE000...0xFFFF, 0x1F300...0x1FAFF,
            0x10000...0x10FFFF,
            0x200B...0x200F, 0xFE00...0xFE0F,
        ]
        while true {
            let pool = pools[Int(random.next() % UInt64(pools.count))]
            if let scalar = Unicode.Scalar(UInt32.random(in: pool, using: &random)) { return scalar }
        }
    }

    @Test(arguments: [
        "plain", "", "👩‍👩‍👧‍👦 family", "🏴󠁧󠁢󠁳󠁣󠁴󠁿🇩🇪", "👍🏽", "e\u{301} and é", "日本語のテキスト", "مرحبا", "\u{FEFF}bom inside",
        "a\tb\nc\u{7F}", "\u{FFFD}\u{FFFE}\u{10FFFF}",
        "zero\u{200B}width\u{200D}joiner",
    ])
    func validTextIsUntouched(text: String) {
        let bytes = Array(text.utf8)
        #expect(safe(bytes) == bytes)
    }

    @Test func randomValidTextIsUntouchedInEverySpelling() throws {
        for seed in 0..<2_000 as Range<UInt64> {
            var random = TestRandom(seed: seed)
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...40, using: &random) { text.append(randomScalar(&random)) }
            let string = String(text)
            let bytes = Array(string.utf8)
            #expect(safe(bytes) == bytes, "seed \(seed)")
            // Each scalar raw or escaped, as it falls: what must be escaped always is.
            var inside: [UInt8] = []
            for scalar in text {
                let mustEscape = scalar == "\"" || scalar == "\\"
                if mustEscape || random.next() % 3 == 0 {
                    for unit in Array(String(scalar).utf16) {
                        let digits = String(unit, radix: 16, uppercase: random.next() % 2 == 0)
                        inside += Array("\\u".utf8) + Array(String(repeating: "0", count: 4 - digits.count).utf8)
                        inside += Array(digits.utf8)
                    }
                } else {
                    inside += Array(String(scalar).utf8)
                }
            }
            #expect(decoded(inside: inside) == bytes, "seed \(seed)")
        }
    }

    @Test(arguments: [
        (#"a\u0000b"#, "ab"), (#"\u0000"#, ""), (#"\ud83d"#, ""), (#"a\ud83db"#, "ab"), (#"\ude00x"#, "x"),
        (#"\ud83d\ude00"#, "😀"), (#"\uD83D\uDE00"#, "😀"), (#"\ud83d\ud83d\ude00"#, "😀"), (#"\ude00\ud83d"#, ""),
        (#"\ud83d\u0041"#, "A"), (#"\ud83d\u0000\ude00"#, ""), (#"\ud83d😀"#, "😀"),
        (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#"\u00e9\u20ac"#, "é€"), (#"\\u0000"#, #"\u0000"#), (#"\\ud83d"#, #"\ud83d"#),
    ])
    func escapes(inside: String, text: String) {
        #expect(decoded(inside: Array(inside.utf8)) == Array(text.utf8))
    }

    @Test(
        arguments: [
            ([0x61, 0x00, 0x62], "ab"),
            // Encoded surrogates go, alone and as a pair.
            ([0xED, 0xA0, 0xBD], ""), ([0x61, 0xED, 0xBF, 0xBF, 0x62], "ab"),
            ([0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80], ""),
            // Overlong forms, NUL's among them: one U+FFFD for each byte.
            ([0xC0, 0x80], "\u{FFFD}\u{FFFD}"), ([0xE0, 0x80, 0xAF], "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xF5, 0x80], "\u{FFFD}\u{FFFD}"), ([0xFF], "\u{FFFD}"), ([0x80], "\u{FFFD}"),
            // Cut sequences: one for the part that could have become a character.
            ([0xE2, 0x82], "\u{FFFD}"), ([0xF0, 0x9F, 0x98, 0x41], "\u{FFFD}A"), ([0xF0, 0x9F, 0x98], "\u{FFFD}"),
            ([0xED, 0xA0], "\u{FFFD}\u{FFFD}"), ([0xF4, 0x90, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            // What goes must not join what stood around it.
            ([0xE2, 0x82, 0x00, 0xAC], "\u{FFFD}\u{FFFD}"),
        ] as [([UInt8], String)])
    func brokenBytes(bytes: [UInt8], text: String) {
        #expect(safe(bytes) == Array(text.utf8))
        #expect(decoded(inside: bytes) == Array(text.utf8))
    }

    @Test func randomBytesGiveSafeTextAndAgreeWithTheStandardLibrary() {
        for seed in 0..<5_000 as Range<UInt64> {
            var random = TestRandom(seed: seed)
            let bytes = (0..<Int.random(in: 0...24, using: &random)).map { _ -> UInt8 in
                // Mostly lead and continuation bytes, or random input is hardly ever near a valid sequence.
                random.next() % 4 == 0
                    ? UInt8.random(in: 0...255, using: &random) : UInt8.random(in: 0x80...0xF7, using: &random)
            }
            let result = safe(bytes)
            #expect(!result.contains(0), "seed \(seed)")
            #expect(String(validating: result, as: UTF8.self) != nil, "seed \(seed)")
            let hasSurrogate = zip(bytes, bytes.dropFirst()).contains { $0 == 0xED && $1 >= 0xA0 && $1 <= 0xBF }
            if !bytes.contains(0), !hasSurrogate {
                #expect(result == Array(String(decoding: bytes, as: UTF8.self).utf8), "seed \(seed)")
            }
        }
    }

    @Test func identifiersAreSafeToo() {
        let post = Decoding.decode(#"{"id":"a\u0000b\ud83d","text":"x","author":"\u0000me","language":"e\u0000n"}"#)
            .post
        #expect(post?.key.key == "ab")
        #expect(post?.author == "me")
        #expect(post?.language == "en")
        #expect(Decoding.decode(#"{"id":"\u0000","text":"x"}"#).rejection?.reason == .wrongType)
    }
}
