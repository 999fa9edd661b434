// Ids that look alike and are not the same.
import Posts
import Testing

@Suite struct ExactTextTests {
    /// One code point, and two that Unicode takes for the same.
    static let composed = "caf\u{e9}"
    static let decomposed = "cafe\u{301}"

    @Test func idsAreComparedByteByByte() {
        #expect(Self.composed == Self.decomposed, "Swift's own comparison has changed")
        let keys = [Self.composed, Self.decomposed].map { PostKey(platform: "test", key: $0) }
        #expect(keys[0] != keys[1])
        #expect(Set(keys).count == 2)
        #expect(keys[1] < keys[0])
        let platforms = [Self.composed, Self.decomposed].map { PostKey(platform: $0, key: "1") }
        #expect(Set(platforms).count == 2)
        #expect(EventVersion(text: Self.composed) != EventVersion(text: Self.decomposed))
        #expect(EventVersion(text: "1", scope: Self.composed) != EventVersion(text: "1", scope: Self.decomposed))
    }

    @Test func equalIdsAreEqualHoweverTheyWereMade() {
        let whole = PostKey(platform: "test", key: "at://did/post/größer")
        let put = PostKey(platform: "te" + "st", key: ["at://did/post/", "größer"].joined())
        #expect(whole == put)
        #expect(whole.hashValue == put.hashValue)
        #expect(!(whole < put) && !(put < whole))
        #expect(PostKey(platform: "a", key: "bc") != PostKey(platform: "ab", key: "c"))
    }

    @Test func orderIsThatOfTheBytes() {
        let texts = ["", "a", "a\u{301}", "b", "\u{e1}", "\u{ffff}", "\u{1f600}"]
        #expect(texts.shuffled().map(ExactText.init).sorted().map(\.text.utf8.count) == texts.map(\.utf8.count))
    }
}
