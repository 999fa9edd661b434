// Frames of server-sent events, as the WHATWG defines them: lines of `field: value`, a blank line ends a frame, a line that
// begins with a colon is a comment. The last frame needs no blank line: records are cut from streams in many ways.

struct ServerSentEvent {
    /// Empty where the frame has no `event` line.
    let name: String
    /// Several `data` lines are joined by line feeds.
    let data: [UInt8]
    /// Where the frame lies in the bytes, from its first line that is a field or a comment: alone it is known as a frame.
    let extent: Range<Int>
}

enum ServerSentEvents {
    private static let fields = ["event", "data", "id", "retry"]

    /// Whether bytes are frames: their first line that is not blank is a comment or a field. No JSON begins like that.
    static func fits(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = bytes.firstIndex { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 } ?? bytes.count
        guard start < bytes.count else { return false }
        if bytes[start] == UInt8(ascii: ":") { return true }
        return fields.contains { field in
            let end = start + field.utf8.count
            guard end <= bytes.count, bytes[start..<end].elementsEqual(field.utf8) else { return false }
            return end == bytes.count || [0x3A, 0x0A, 0x0D].contains(bytes[end])
        }
    }

    /// The frames that have data, at most `limit` of them and one more.
    static func frames(_ bytes: UnsafeBufferPointer<UInt8>, limit: Int) -> [ServerSentEvent] {
        var frames: [ServerSentEvent] = []
        var name = "", data: [UInt8] = [], start: Int?, hasData = false
        func finish(at end: Int) {
            if hasData, let start { frames.append(ServerSentEvent(name: name, data: data, extent: start..<end)) }
            (name, data, start, hasData) = ("", [], nil, false)
        }
        var position = 0
        while position < bytes.count, frames.count <= limit {
            let end = bytes[position...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
            let isPair = end + 1 < bytes.count && bytes[end] == 0x0D && bytes[end + 1] == 0x0A
            let next = min(bytes.count, end + (isPair ? 2 : 1))
            let line = bytes[position..<end]
            if start == nil, fits(UnsafeBufferPointer(rebasing: line)) { start = position }
            if line.isEmpty {
                finish(at: next)
            } else if let (field, value) = parts(line) {
                switch field {
                case "event": name = SafeText.text(Array(value))
                case "data":
                    if hasData { data.append(0x0A) }
                    data.append(contentsOf: value)
                    hasData = true
                default: break
                }
            }
            position = next
        }
        finish(at: bytes.count)
        return frames
    }

    /// Nil for comments.
    private static func parts(
        _ line: Slice<UnsafeBufferPointer<UInt8>>
    ) -> (field: String, value: Slice<UnsafeBufferPointer<UInt8>>)? {
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        guard colon > line.startIndex else { return nil }
        // No field that matters is longer.
        let field = String(decoding: line[line.startIndex..<colon].prefix(8), as: UTF8.self)
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == 0x20 { value = value.dropFirst() }
        return (field, value)
    }
}
