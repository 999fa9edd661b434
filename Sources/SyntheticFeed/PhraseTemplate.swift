// A sentence with named gaps, `{team} beat {team}`, cut into pieces once so that filling it is cheap.

struct PhraseTemplate: Sendable {
    enum Piece: Sendable {
        case words(String)
        case gap(String)
    }

    let pieces: [Piece]

    /// Everything between braces is a gap; there is no escape, since no post of ours needs a brace.
    init(_ source: String) {
        var pieces: [Piece] = []
        var words = ""
        var gap: String?
        for character in source {
            switch (character, gap) {
            case ("{", _):
                if !words.isEmpty { pieces.append(.words(words)) }
                words = ""
                gap = ""
            case ("}", let name?):
                pieces.append(.gap(name))
                gap = nil
            case (_, let name?):
                gap = name + String(character)
            default:
                words.append(character)
            }
        }
        if !words.isEmpty { pieces.append(.words(words)) }
        self.pieces = pieces
    }

    var gapNames: [String] {
        pieces.compactMap { piece in
            if case .gap(let name) = piece { name } else { nil }
        }
    }
}
