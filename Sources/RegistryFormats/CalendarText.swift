// Days and times since 1970 as ISO 8601 in UTC. The number of digits depends on the type alone, so that times of one field sort as
// texts.

enum CalendarText {
    /// Years 1 to 9999; nil outside.
    static func date(day: Int64) -> String? {
        guard (-719_162...2_932_896).contains(day) else { return nil }
        let (year, month, dayOfMonth) = civil(day)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
    }

    /// - Parameter digits: 3 where `number` counts milliseconds, 6 microseconds, 9 nanoseconds.
    static func time(_ number: Int64, digits: Int) -> String? {
        let unit = (0..<digits).reduce(Int64(1)) { scale, _ in scale * 10 }
        let (second, fraction) = floored(number, by: unit)
        let (day, secondOfDay) = floored(second, by: 86_400)
        guard let date = date(day: day) else { return nil }
        let clock = [secondOfDay / 3_600, secondOfDay / 60 % 60, secondOfDay % 60].map { padded($0, 2) }
        return "\(date)T\(clock.joined(separator: ":")).\(padded(fraction, digits))Z"
    }

    private static func floored(_ number: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func padded(_ number: Int64, _ count: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, count - digits.count)) + digits
    }

    /// The Gregorian calendar, with eras of 400 years that begin in March, so that the leap day comes last.
    private static func civil(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let (era, dayOfEra) = floored(shifted, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
