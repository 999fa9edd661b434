// Values as the platforms write them: ids as strings or numbers, times as ISO 8601 or seconds.

extension JSONTape {
    /// An id of decimal digits, from a string or from a number as it is written; nil for anything else. Leading zeros
    /// would make two ids of one.
    func digits(_ index: Int?) -> String? {
        guard let index else { return nil }
        let text: String?
        if kind(index) == .number {
            text = String(decoding: raw(index).prefix(40), as: UTF8.self)
        } else {
            text = identifier(index)
        }
        guard let text, DecimalIdentifier.isValid(text) else { return nil }
        return text
    }

    /// ISO 8601, or a number (also as a string) of seconds, milliseconds or microseconds since 1970.
    func time(_ index: Int?) -> Timestamp? {
        if let number = number(index) { return FeedTime.sinceEpoch(number) }
        guard let text = text(index) else { return nil }
        return FeedTime.iso8601(text) ?? Double(text).flatMap(FeedTime.sinceEpoch)
    }

    /// The indices of a list's elements; of anything else none.
    func elements(_ index: Int?) -> [Int] {
        guard let index, nodes[index].kind == .array else { return [] }
        var found: [Int] = []
        var child = index + 1
        let end = min(Int(nodes[index].next), nodes.count)
        while child < end {
            found.append(child)
            child = Int(nodes[child].next)
        }
        return found
    }

    /// Where a value lies in the document, a string's quotes included.
    func extent(_ index: Int) -> Range<Int> {
        let node = nodes[index]
        let margin = node.kind == .string ? 1 : 0
        return Int(node.start) - margin..<min(Int(node.end) + margin, bytes.count)
    }

    /// Whether a member is there and not null.
    func has(_ name: StaticString, of index: Int?) -> Bool {
        guard let member = member(name, of: index) else { return false }
        return kind(member) != .null
    }
}

/// Ids that grow: whole numbers in decimal digits, compared as numbers whatever their length.
enum DecimalIdentifier {
    /// 64 bits have at most 20 digits; no platform has longer ids.
    static func isValid(_ text: String) -> Bool {
        let digits = text.utf8
        return (1...20).contains(digits.count) && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            && (digits.count == 1 || digits.first != UInt8(ascii: "0"))
    }

    static func precedes(_ left: String, _ right: String) -> Bool {
        (left.utf8.count, left) < (right.utf8.count, right)
    }

    /// Padded, so that ids of one scope sort as numbers.
    static func version(_ identifier: String, scope: String) -> EventVersion {
        EventVersion(text: String(repeating: "0", count: max(0, 20 - identifier.utf8.count)) + identifier, scope: scope)
    }
}

extension EventVersion {
    /// Microseconds since 1970; Kafka's order where the feed gives no time, or one before 1970.
    init(_ time: Timestamp?, scope: String, otherwise position: SourcePosition) {
        if let time, time.microseconds >= 0 {
            self.init(number: UInt64(time.microseconds), scope: scope)
        } else {
            self.init(kafkaOrderOf: position)
        }
    }
}
