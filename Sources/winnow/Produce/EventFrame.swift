// One frame of server-sent events while its lines come in. It keeps them as they are; what they mean is the decoder's business.

/// How standard input is cut into records.
enum InputFraming: String, CaseIterable {
    /// Told by the first line that is not blank.
    case auto
    /// Each line is a record.
    case lines
    /// Each frame of server-sent events is a record: lines up to a blank one.
    case events

    private static let fields = ["event", "data", "id", "retry"]

    /// Whether a line belongs to server-sent events: a comment or a field of theirs. No JSON begins like that.
    static func isOfEvents(_ line: [UInt8]) -> Bool {
        if line.first == UInt8(ascii: ":") { return true }
        return fields.contains { line.starts(with: $0.utf8) && line.dropFirst($0.utf8.count).first == UInt8(ascii: ":") }
    }
}

struct EventFrame {
    /// The lines so far, with a line feed between them.
    private(set) var bytes: [UInt8] = []
    /// The values of the `data` lines, with a line feed between them; nil where there are none, as in keep-alives.
    private(set) var data: [UInt8]?
    /// Of the lines so far, those included that were too long to be kept.
    private(set) var byteCount = 0
    var isEmpty: Bool { byteCount == 0 }

    /// Ends a frame. Lines may end with a carriage return before the line feed.
    static func isBlank(_ line: [UInt8]) -> Bool { line.isEmpty || line == [0x0D] }

    mutating func add(_ line: [UInt8], maximumBytes: Int) {
        byteCount += line.count + (isEmpty ? 0 : 1)
        guard byteCount <= maximumBytes else { return drop() }
        if !bytes.isEmpty { bytes.append(0x0A) }
        bytes.append(contentsOf: line)
        guard line.starts(with: "data:".utf8) else { return }
        var value = line.dropFirst("data:".utf8.count)
        if value.first == 0x20 { value = value.dropFirst() }
        if value.last == 0x0D { value = value.dropLast() }
        data = data.map { $0 + [0x0A] + value } ?? Array(value)
    }

    /// A line that was dropped because it is over the bound.
    mutating func add(droppedBytes: Int) {
        byteCount += droppedBytes
        drop()
    }

    private mutating func drop() {
        bytes = []
        data = []
    }
}
