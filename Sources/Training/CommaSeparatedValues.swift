// Comma-separated values as RFC 4180 defines them, read byte by byte so that no character of a post can be taken for a part of the
// form. Knows rows and lines, not what columns mean. Decision 0183 says why no package does this.

package enum CommaSeparatedValues {
    package struct Row: Sendable, Equatable {
        /// Where the row begins in the file, from 1.
        package let line: Int
        package let fields: [String]
    }

    /// All rows, the heading among them. Lines end with LF or CR LF; a byte order mark and blank lines are passed over.
    /// - Throws: with the line, where a quoted field does not end or is followed by anything but a comma.
    package static func read(_ bytes: [UInt8]) throws(TrainingFailure) -> [Row] {
        var scanner = Scanner(bytes: bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { scanner.index = 3 }
        var rows: [Row] = []
        while scanner.index < bytes.count {
            let line = scanner.line
            var fields = [try scanner.field()]
            while scanner.take(comma) { fields.append(try scanner.field()) }
            try scanner.endRow()
            if fields != [""] { rows.append(Row(line: line, fields: fields)) }
        }
        return rows
    }

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private struct Scanner {
        let bytes: [UInt8]
        var index = 0
        var line = 1

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func take(_ byte: UInt8) -> Bool {
            guard index < bytes.count, bytes[index] == byte else { return false }
            index += 1
            return true
        }

        mutating func field() throws(TrainingFailure) -> String {
            if take(quote) { return try quoted() }
            let start = index
            while index < bytes.count, bytes[index] != comma, bytes[index] != lineFeed, !isAtLineEnd { index += 1 }
            return try text(Array(bytes[start..<index]))
        }

        private var isAtLineEnd: Bool {
            bytes[index] == carriageReturn && (index + 1 == bytes.count || bytes[index + 1] == lineFeed)
        }

        private mutating func quoted() throws(TrainingFailure) -> String {
            let opened = line
            var content: [UInt8] = []
            while index < bytes.count {
                let byte = bytes[index]
                index += 1
                if byte == quote {
                    guard take(quote) else { return try text(content) }
                } else if byte == lineFeed {
                    line += 1
                }
                content.append(byte)
            }
            throw TrainingFailure("line \(opened): a field that begins with a quote has no closing quote: close it.")
        }

        mutating func endRow() throws(TrainingFailure) {
            _ = take(carriageReturn)
            guard index < bytes.count else { return }
            guard take(lineFeed) else {
                throw TrainingFailure("line \(line): after a closing quote comes neither a comma nor the end of the line: double "
                    + "the quotes inside of a field.")
            }
            line += 1
        }

        private func text(_ content: [UInt8]) throws(TrainingFailure) -> String {
            guard let text = String(validating: content, as: UTF8.self) else {
                throw TrainingFailure("line \(line): is not UTF-8: save the file as UTF-8.")
            }
            return text
        }
    }
}
