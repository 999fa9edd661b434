// Finds what identifies or reaches a private person: e-mail addresses, phone numbers, card and account numbers. By form
// alone, so it names kinds and keeps no match. Handles of a public platform are not among them.

package enum PersonalData: String, Sendable, CaseIterable {
    case emailAddress = "e-mail address"
    case phoneNumber = "phone number"
    case cardNumber = "card number"
    case accountNumber = "account number"
    case socialSecurityNumber = "social security number"

    /// The kinds found in `text`, each once, in the order of the cases.
    package static func kinds(in text: String) -> [PersonalData] {
        var found: Set<PersonalData> = []
        for word in text.split(whereSeparator: \.isWhitespace) where isEmail(word) { found.insert(.emailAddress) }
        for number in numbers(in: Array(text.unicodeScalars)) {
            if let kind = kind(of: number) { found.insert(kind) }
        }
        for word in text.split(whereSeparator: { !$0.isASCII || !($0.isLetter || $0.isNumber) }) where isIBAN(word) {
            found.insert(.accountNumber)
        }
        return allCases.filter(found.contains)
    }

    // MARK: E-mail

    private static func isEmail(_ word: Substring) -> Bool {
        let allowed: (Character) -> Bool = { $0.isLetter || $0.isNumber || "._%+-".contains($0) }
        for at in word.indices where word[at] == "@" {
            let name = word[..<at].reversed().prefix(while: allowed)
            let host = word[word.index(after: at)...].prefix { $0.isLetter || $0.isNumber || ".-".contains($0) }
            var labels = host.split(separator: ".", omittingEmptySubsequences: false)
            if labels.last?.isEmpty == true { labels.removeLast() }
            guard name.contains(where: { $0.isLetter || $0.isNumber }), labels.count >= 2,
                labels.allSatisfy({ !$0.isEmpty }), let last = labels.last, last.count >= 2,
                last.allSatisfy(\.isLetter)
            else { continue }
            // @name@instance is a handle of the fediverse, not an address for mail.
            let before = word[..<at].dropLast(name.count)
            if before.last != "@" { return true }
        }
        return false
    }

    // MARK: Numbers

    /// A run of digits with the signs people put between them.
    private struct Number {
        var digits: [UInt8] = []
        /// Lengths of the groups between signs.
        var groups: [Int] = []
        var separators: Set<Unicode.Scalar> = []
        var hasPlus = false
    }

    private static func numbers(in scalars: [Unicode.Scalar]) -> [Number] {
        var found: [Number] = []
        var index = 0
        while index < scalars.count {
            guard isDigit(scalars[index]) else {
                index += 1
                continue
            }
            // Part of a word or a longer token, such as an identifier in a link: no number of a person.
            let before = index > 0 ? scalars[index - 1] : " "
            let isInWord = before.properties.isAlphabetic || "_/=#&@.$€£".unicodeScalars.contains(before)
            var number = Number()
            number.hasPlus = scalars[..<index].suffix(2).contains("+")
            while index < scalars.count {
                var length = 0
                while index < scalars.count, isDigit(scalars[index]) {
                    number.digits.append(UInt8(scalars[index].value - 48))
                    length += 1
                    index += 1
                }
                number.groups.append(length)
                var next = index
                while next < scalars.count, next - index < 3, " -.()/\u{A0}".unicodeScalars.contains(scalars[next]) {
                    next += 1
                }
                guard next > index, next < scalars.count, isDigit(scalars[next]) else { break }
                number.separators.formUnion(scalars[index..<next])
                index = next
            }
            let isFollowedByWord = index < scalars.count && scalars[index].properties.isAlphabetic
            if !isInWord, !isFollowedByWord { found.append(number) }
        }
        return found
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func kind(of number: Number) -> PersonalData? {
        let count = number.digits.count
        if (13...19).contains(count), !number.hasPlus, number.groups.allSatisfy({ $0 >= 3 || $0 == count }),
            Set(number.digits).count > 1, passesLuhn(number.digits)
        {
            return .cardNumber
        }
        if number.groups == [3, 2, 4], number.separators == ["-"] { return .socialSecurityNumber }
        if number.hasPlus, (8...15).contains(count) { return .phoneNumber }
        // Without a plus: grouped as numbers are spoken, and no date, time range, price or score.
        guard (9...13).contains(count), (2...5).contains(number.groups.count) else { return nil }
        let looksLikeDates = number.groups.allSatisfy { $0 == 4 || $0 <= 2 } && !number.groups.contains(3)
        let isThousands = number.groups.dropFirst().allSatisfy { $0 == 3 } && number.groups[0] <= 3 && number.digits[0] != 0
        if number.groups == [3, 3, 4] { return .phoneNumber }
        if number.digits[0] == 0, !looksLikeDates || number.groups.count >= 4 { return .phoneNumber }
        return looksLikeDates || isThousands ? nil : (number.separators.contains(".") ? nil : .phoneNumber)
    }

    /// ISO/IEC 7812: every second digit from the right doubled, digit sums added, divisible by 10.
    private static func passesLuhn(_ digits: [UInt8]) -> Bool {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let doubled = place % 2 == 1 ? Int(digit) * 2 : Int(digit)
            sum += doubled > 9 ? doubled - 9 : doubled
        }
        return sum % 10 == 0
    }

    /// ISO 13616: the first four to the end, letters as numbers, remainder 1 by 97.
    private static func isIBAN(_ word: Substring) -> Bool {
        let text = Array(word.uppercased().utf8)
        guard (15...34).contains(text.count), text[0] >= 65, text[1] >= 65, text[2] < 58, text[3] < 58 else { return false }
        var remainder = 0
        for byte in text[4...] + text[..<4] {
            if byte < 58 {
                remainder = (remainder * 10 + Int(byte) - 48) % 97
            } else {
                remainder = (remainder * 100 + Int(byte) - 55) % 97
            }
        }
        return remainder == 1
    }
}
