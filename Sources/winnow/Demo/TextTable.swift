// Lines up columns for people. Numbers to the right, words to the left. Knows nothing of what it shows.

struct TextTable {
    enum Alignment { case left, right }

    private let titles: [String]
    private let alignments: [Alignment]
    private var rows: [[String]] = []

    init(_ columns: [(title: String, alignment: Alignment)]) {
        titles = columns.map(\.title)
        alignments = columns.map(\.alignment)
    }

    mutating func append(_ row: [String]) {
        precondition(row.count == titles.count, "a row has as many cells as the table has columns")
        rows.append(row)
    }

    func lines(style: TerminalStyle) -> [String] {
        let widths = titles.indices.map { column in
            ([titles] + rows).map { TerminalStyle.width($0[column]) }.max() ?? 0
        }
        func line(_ cells: [String]) -> String {
            let padded = cells.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - TerminalStyle.width(cells[column]))
                return alignments[column] == .left ? cells[column] + padding : padding + cells[column]
            }
            let joined = "  " + padded.joined(separator: "   ")
            return String(joined.reversed().drop { $0 == " " }.reversed())
        }
        let rule = "  " + widths.map { String(repeating: "─", count: $0) }.joined(separator: "───")
        return [style.bold(line(titles)), style.dim(rule)] + rows.map(line)
    }
}

extension Int {
    /// 1,234,567: the same in every locale, since people paste it into reports.
    var grouped: String {
        let digits = String(magnitude)
        var grouped = ""
        for (position, digit) in digits.enumerated() {
            if position > 0, (digits.count - position).isMultiple(of: 3) { grouped.append(",") }
            grouped.append(digit)
        }
        return self < 0 ? "-" + grouped : grouped
    }
}
