// What counts as JSON, and that nothing a record can hold makes the reader trap or run away.
import Foundation
import Posts
import Testing

struct JSONReadingTests {
    @Test(arguments: [
        #"{"id":"1","text":"t"}"#, " \r\n\t{ \"id\" : \"1\" , \"text\" : \"t\" } \n",
        "\u{FEFF}{\"id\":\"1\",\"text\":\"t\"}",
        #"{"id":"1","text":"t","n":[1,-0,0.5,1e5,1E-5,-1.25e+10,123456789012345678901234567890]}"#,
        #"{"id":"1","text":"t","deep":{"a":[[],{},[{}],null,true,false,""]}}"#, #"{"":0,"id":"1","text":"t"}"#,
        #"{"i\u0064":"1","t\u0065xt":"t"}"#, "{\"id\":\"1\",\"text\":\"t\",\"raw\":\"a\nb\tc\"}",
    ])
    func accepts(json: String) {
        let post = Decoding.decode(json).post
        #expect(post?.key == PostKey(platform: "generic", key: "1"))
        #expect(post?.text == "t")
    }

    @Test(arguments: [
        "", " ", "{", "}", "{}}", #"{"id":"1","text":"t"} x"#, #"{"id":"1","text":"t"}{}"#, #"{"id":"1","text":"t",}"#,
        #"{"id" "1"}"#, #"{"id":}"#, #"{id:"1"}"#, #"{"a":01}"#, #"{"a":+1}"#, #"{"a":1.}"#, #"{"a":.5}"#, #"{"a":1e}"#,
        #"{"a":NaN}"#, #"{"a":-}"#, #"{"a":tru}"#, #"{"a":nul"#, #"{"a":"\x"}"#, #"{"a":"\u12g4"}"#, #"{"a":"\u123"#,
        #"{"a":"\"#,
        #"{"a":"b}"#, #"{"a":[1,]}"#, #"{"a":[1 2]}"#, #"{'a':1}"#, "\u{FEFF}", "{\u{FEFF}}", #"{"a":1,,"b":2}"#,
    ])
    func refuses(json: String) {
        #expect(Decoding.decode(json).rejection?.reason == .malformedJSON)
    }

    @Test(arguments: ["[]", "1", #""text""#, "null", "true", "[7]", #"[[{"id":"1","text":"t"}]]"#])
    func refusesWhatIsNoObject(json: String) {
        #expect(Decoding.decode(json).rejection?.reason == .notAnObject)
        #expect(Decoding.decode(json, .jetstream).rejection?.reason == .notAnObject)
        #expect(Decoding.decode(json, .auto).rejection?.reason == .notAnObject)
    }

    @Test func theLastOfEqualNamesCounts() {
        let post = Decoding.decode(#"{"id":"1","text":"a","id":"2","text":"b"}"#).post
        #expect(post?.key.key == "2")
        #expect(post?.text == "b")
    }

    @Test func depthIsBounded() {
        func nested(_ depth: Int) -> String {
            #"{"id":"1","text":"t","x":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
                + "}"
        }
        #expect(Decoding.decode(nested(127)).post != nil)
        #expect(Decoding.decode(nested(128)).rejection?.reason == .nestedTooDeep)
        let hopeless = Decoding.decode(String(repeating: "[", count: 1_000_000)).rejection
        #expect(hopeless?.reason == .nestedTooDeep)
        #expect(
            Decoding.decode(#"{"id":"1","x":"# + String(repeating: #"{"a":"#, count: 200_000)).rejection?.key?.key
                == "1")
    }

    @Test func sizeIsBounded() {
        let big = [UInt8](repeating: 0x20, count: (16 << 20) + 1)
        #expect(Decoding.decode(big).rejection?.reason == .tooLarge)
        let identifier = String(repeating: "i", count: 1_025)
        #expect(Decoding.decode(#"{"id":"\#(identifier)","text":"t"}"#).rejection?.reason == .wrongType)
    }

    @Test func idsAreToldFromWhatIsCutOff() {
        let whole = #"{"author":"me","id":"77","text":"hello there","created_at":"2026-01-01"}"#
        let bytes = Array(whole.utf8)
        for length in 1..<bytes.count {
            let rejection = Decoding.decode(Array(bytes[..<length])).rejection
            #expect(rejection?.reason == .malformedJSON)
            if length >= 24 { #expect(rejection?.key?.key == "77", "length \(length)") }
            if length < 24 { #expect(rejection?.key == nil, "length \(length)") }
            if length >= 14 { #expect(rejection?.author == "me", "length \(length)") }
        }
        // A number that was cut is another number.
        #expect(Decoding.decode(#"{"id":1234"#).rejection?.key == nil)
        #expect(Decoding.decode(#"{"id":1234,"#).rejection?.key?.key == "1234")
        // What merely begins as a number is none.
        for number in ["01", "-01", "0x1F", "1_000", "12a", "1.5.2"] {
            #expect(Decoding.decode(#"{"id":\#(number),"text":"t"}"#).rejection?.key == nil, "\(number)")
        }
    }

    @Test func mutatedDocumentsNeverTrapAndRejectionsQuoteNothing() {
        let seeds = [
            JetstreamFixtures.create, JetstreamFixtures.delete, JetstreamFixtures.account,
            #"{"id":"1","text":"SECRET words"}"#, XFixtures.stream.replacing("fish", with: "SECRET"), XFixtures.delete,
            XFixtures.status.replacing("salt", with: "SECRET"), MastodonFixtures.local(content: "<p>SECRET &amp; more</p>"),
            MastodonFixtures.frame("update", MastodonFixtures.status) + MastodonFixtures.frame("delete", "111"),
            MastodonFixtures.message("update", MastodonFixtures.status),
            #"{"kind":"Listing","data":{"children":[{"kind":"t1","data":{"name":"t1_a","body":"SECRET"}}]}}"#,
            #"[{"id":"1","text":"SECRET words"},{"id":"2"}]"# + "\n" + #"{"id":"3","text":"x"}"#,
        ]
        for seed in 0..<20_000 as Range<UInt64> {
            var random = TestRandom(seed: seed)
            var bytes = Array(seeds[Int(random.next() % UInt64(seeds.count))].utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch random.next() % 4 {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                default: bytes.insert(contentsOf: bytes[place..<min(place + 9, bytes.count)], at: place)
                }
                if bytes.isEmpty { bytes = [0x7B] }
            }
            for format in PostFormat.allCases {
                let record = Decoding.decode(bytes, key: bytes, format)
                for document in [record] + record.documents.map(\.content) {
                    if let detail = document.rejection?.detail { #expect(!detail.contains("SECRET"), "seed \(seed)") }
                    if let text = document.post?.text { #expect(!text.utf8.contains(0), "seed \(seed)") }
                }
            }
        }
    }
}
