// Times as feeds write them, to microseconds since 1970. What is no time of the years 1 to 9999 is nil: PostgreSQL's
// range is not much wider, and such a time says nothing about a post.

package enum FeedTime {
    private static let earliest: Int64 = -62_135_596_800_000_000
    private static let latest: Int64 = 253_402_300_799_999_999

    private static func checked(_ microseconds: Int64) -> Timestamp? {
        (earliest...latest).contains(microseconds) ? Timestamp(microseconds: microseconds) : nil
    }

    /// Seconds, milliseconds or microseconds since 1970, told apart by size: as seconds 10^11 is the year 5138, as
    /// milliseconds 1973; no feed has posts of either.
    package static func sinceEpoch(_ number: Double) -> Timestamp? {
        guard number.isFinite else { return nil }
        let size = number.magnitude
        let scale: Double = size < 1e11 ? 1_000_000 : size < 1e14 ? 1_000 : 1
        let microseconds = (number * scale).rounded()
        guard let whole = Int64(exactly: microseconds) else { return nil }
        return checked(whole)
    }

    /// ISO 8601 as feeds use it: `2026-07-04T14:38:06.240Z`. A blank for `T`, an offset, no offset (UTC),
    /// no seconds and a date alone are taken too.
    package static func iso8601(_ text: String) -> Timestamp? {
        var reader = DigitReader(text: Array(text.utf8))
        guard let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2), reader.skip("-"),
            let day = reader.digits(2), year >= 1, (1...12).contains(month),
            (1...lengthOfMonth(month, year: year)).contains(day)
        else { return nil }
        var microseconds = daysSinceEpoch(year: year, month: month, day: day) * 86_400_000_000
        if reader.isAtEnd { return checked(microseconds) }
        guard reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.digits(2), reader.skip(":"), let minute = reader.digits(2), hour <= 23, minute <= 59
        else { return nil }
        microseconds += (hour * 60 + minute) * 60_000_000
        if reader.skip(":") {
            // 60: a leap second.
            guard let second = reader.digits(2), second <= 60 else { return nil }
            microseconds += second * 1_000_000
            if reader.skip(".") || reader.skip(",") {
                guard let fraction = reader.fraction() else { return nil }
                microseconds += fraction
            }
        }
        guard let offset = reader.offsetMinutes(), reader.isAtEnd else { return nil }
        return checked(microseconds - offset * 60_000_000)
    }

    private static func lengthOfMonth(_ month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 in the Gregorian calendar: whole eras of 400 years, with March as the first month so
    /// that the leap day comes last.
    private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

private struct DigitReader {
    let text: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == text.count }

    mutating func digits(_ count: Int) -> Int64? {
        guard position + count <= text.count else { return nil }
        var value: Int64 = 0
        for byte in text[position..<position + count] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        position += count
        return value
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Digits after the point as microseconds; further ones are cut off.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while let digit = digits(1) {
            if count < 6 { value = value * 10 + digit }
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 6)..<6 { value *= 10 }
        return value
    }

    /// `Z`, `+02:00`, `+0200`, `+02` or nothing.
    mutating func offsetMinutes() -> Int64? {
        if isAtEnd || skip("Z") || skip("z") { return 0 }
        let sign: Int64
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = digits(2), hours <= 23 else { return nil }
        if isAtEnd { return sign * hours * 60 }
        _ = skip(":")
        guard let minutes = digits(2), minutes <= 59 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}
