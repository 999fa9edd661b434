// A post's text with what the mask dropped struck out and the entities underlined. Positions are code points.
import Posts

struct StruckPost {
    let text: String
    /// Ascending, disjoint.
    let dropped: [CodePointSpan]
    let entities: [CodePointSpan]

    /// `dropped` as PostgreSQL prints an array: `{0,5,17,23}`, a start and a length each.
    init(text: String, dropped: String, entities: String) {
        self.text = text
        self.dropped = Self.spans(dropped)
        self.entities = Self.spans(entities)
    }

    private static func spans(_ array: String) -> [CodePointSpan] {
        let numbers = array.split { $0 == "{" || $0 == "}" || $0 == "," }.compactMap { Int($0) }
        return stride(from: 0, to: numbers.count - 1, by: 2).map {
            CodePointSpan(start: numbers[$0], length: numbers[$0 + 1])
        }
    }

    private enum Look { case plain, struck, entity }

    func rendered(_ style: TerminalStyle) -> String {
        let scalars = Array(text.unicodeScalars)
        var looks = [Look](repeating: .plain, count: scalars.count)
        for span in entities { paint(.entity, span, &looks) }
        for span in dropped { paint(.struck, span, &looks) }
        var rendered = ""
        var start = 0
        while start < scalars.count {
            var end = start
            while end < scalars.count, looks[end] == looks[start] { end += 1 }
            var piece = String.UnicodeScalarView()
            piece.append(contentsOf: scalars[start ..< end])
            rendered += apply(looks[start], to: TerminalStyle.harmless(String(piece)), style)
            start = end
        }
        return rendered
    }

    private func paint(_ look: Look, _ span: CodePointSpan, _ looks: inout [Look]) {
        for position in max(0, span.start) ..< max(0, span.start, min(span.end, looks.count)) {
            looks[position] = look
        }
    }

    private func apply(_ look: Look, to text: String, _ style: TerminalStyle) -> String {
        switch look {
        case .plain: text
        case .entity: style.underlined(text)
        case .struck: style.struck(text)
        }
    }
}
