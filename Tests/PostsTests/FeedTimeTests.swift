// Times as feeds write them, checked against Foundation's calendar.
import Foundation
import Posts
import Testing

struct FeedTimeTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-07-04T14:38:06.240Z", 1_783_175_886_240_000),
            ("2026-07-04T14:38:06.2401239Z", 1_783_175_886_240_123),
            ("2026-07-04T16:38:06+02:00", 1_783_175_886_000_000),
            ("2026-07-04T16:38:06+0200", 1_783_175_886_000_000), ("2026-07-04T09:08:06-05:30", 1_783_175_886_000_000),
            ("2026-07-04 14:38:06", 1_783_175_886_000_000), ("2026-07-04T14:38Z", 1_783_175_880_000_000),
            ("2026-07-04", 1_783_123_200_000_000), ("1969-12-31T23:59:59Z", -1_000_000),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000_000), ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
            ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999), ("2024-02-29T00:00:00Z", 1_709_164_800_000_000),
        ] as [(String, Int64)])
    func reads(text: String, microseconds: Int64) {
        #expect(FeedTime.iso8601(text) == Timestamp(microseconds: microseconds))
    }

    @Test(arguments: [
        "", "now", "2026", "2026-13-01", "2026-00-01", "2026-02-29", "1900-02-29", "2026-07-04T",
        "2026-07-04T24:00:00Z",
        "2026-07-04T14:60:00Z", "2026-07-04T14:38:61Z", "2026-07-04T14:38:06.Z", "2026-07-04T14:38:06Zx", "0000-01-01",
        "2026-07-04T14:38:06+25:00", "0001-01-01T00:00:00+01:00", "２０２６-07-04", "-2026-07-04", "2026-7-4",
    ])
    func refuses(text: String) {
        #expect(FeedTime.iso8601(text) == nil)
    }

    @Test func agreesWithTheCalendar() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        var random = TestRandom(seed: 7)
        for _ in 0..<2_000 {
            // From 1600 on: before, Foundation's calendar is Julian.
            let seconds = Int64.random(in: -11_000_000_000...250_000_000_000, using: &random)
            let parts = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: TimeInterval(seconds))
            )
            func two(_ number: Int?) -> String { (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
            let text =
                "\(parts.year ?? 0)-\(two(parts.month))-\(two(parts.day))T\(two(parts.hour)):\(two(parts.minute)):"
                + "\(two(parts.second))Z"
            #expect(FeedTime.iso8601(text) == Timestamp(microseconds: seconds * 1_000_000), "\(text)")
        }
    }

    @Test func tellsUnitsApart() {
        let expected = Timestamp(microseconds: 1_767_225_600_000_000)
        #expect(FeedTime.sinceEpoch(1_767_225_600) == expected)
        #expect(FeedTime.sinceEpoch(1_767_225_600_000) == expected)
        #expect(FeedTime.sinceEpoch(1_767_225_600_000_000) == expected)
        #expect(FeedTime.sinceEpoch(1_767_225_600.25) == Timestamp(microseconds: 1_767_225_600_250_000))
        for nothing in [Double.nan, .infinity, 1e19, -1e18] { #expect(FeedTime.sinceEpoch(nothing) == nil) }
    }
}
