// Where the entities and quotes of an answer lie in the post, in code points. What is not in the post is the teacher's
// invention.
package import Posts
internal import Foundation

package enum EntityPlacement {
    package struct Mention: Sendable, Hashable {
        package let type: String
        /// The post's own characters.
        package let text: String
        package let span: CodePointSpan
    }

    package struct Invented: Error, Equatable {
        /// How many of the entities are not in the post.
        package let count: Int
    }

    /// Every whole-word mention of every entity, ascending and without overlap: longer texts are placed first. Case and the
    /// kind of white space may differ from the post's.
    package static func place(_ entities: [TeacherAnswer.Entity], in post: String) -> Result<[Mention], Invented> {
        let text = FoldedText(post)
        var taken: [CodePointSpan] = []
        var mentions: [Mention] = []
        var invented = 0
        let longestFirst = entities.enumerated().sorted {
            let (one, other) = ($0.element.text.unicodeScalars.count, $1.element.text.unicodeScalars.count)
            return one != other ? one > other : $0.offset < $1.offset
        }
        for (_, entity) in longestFirst {
            let places = text.places(of: entity.text, wholeWords: true)
            if places.isEmpty { invented += 1 }
            for place in places where !taken.contains(where: { $0.start < place.end && place.start < $0.end }) {
                taken.append(place)
                mentions.append(Mention(type: entity.type, text: text.original(place), span: place))
            }
        }
        if invented > 0 { return .failure(Invented(count: invented)) }
        return .success(mentions.sorted { $0.span.start < $1.span.start })
    }

    /// Stretches of the post that the quotes cover, ascending, joined where they touch. Quotes that are not in the post are
    /// left out: a rationale may shorten, and a span that is not there teaches nothing.
    package static func spans(of quotes: [String], in post: String) -> [CodePointSpan] {
        let text = FoldedText(post)
        var places = quotes.compactMap { text.places(of: $0, wholeWords: true).first ?? nil }
        places.sort { $0.start != $1.start ? $0.start < $1.start : $0.end < $1.end }
        var joined: [CodePointSpan] = []
        for place in places {
            if let last = joined.last, place.start <= last.end {
                joined[joined.count - 1] = CodePointSpan(start: last.start, length: max(last.end, place.end) - last.start)
            } else {
                joined.append(place)
            }
        }
        return joined
    }
}

/// A text for searching: lower case one scalar for one, runs of white space equal to one blank.
private struct FoldedText {
    private let scalars: [Unicode.Scalar]
    private let folded: [Unicode.Scalar]
    /// For each element of `folded` its place in `scalars`; one more for the end.
    private let origin: [Int]

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        (folded, origin) = Self.fold(scalars)
    }

    private static func fold(_ scalars: [Unicode.Scalar]) -> ([Unicode.Scalar], [Int]) {
        var folded: [Unicode.Scalar] = []
        var origin: [Int] = []
        for (index, scalar) in scalars.enumerated() {
            if scalar.properties.isWhitespace {
                if folded.last == " " { continue }
                folded.append(" ")
            } else {
                // A lower case of several scalars would move the positions: such letters stay as they are.
                let lower = scalar.properties.lowercaseMapping.unicodeScalars
                folded.append(lower.count == 1 ? lower.first ?? scalar : scalar)
            }
            origin.append(index)
        }
        origin.append(scalars.count)
        return (folded, origin)
    }

    func original(_ span: CodePointSpan) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[span.start..<span.end])
        return String(view)
    }

    /// Ascending, without overlap.
    func places(of text: String, wholeWords: Bool) -> [CodePointSpan] {
        var wanted = Self.fold(Array(text.unicodeScalars)).0
        while wanted.first == " " { wanted.removeFirst() }
        while wanted.last == " " { wanted.removeLast() }
        guard let first = wanted.first, wanted.count <= folded.count else { return [] }
        var found: [CodePointSpan] = []
        var start = 0
        while start + wanted.count <= folded.count {
            let end = start + wanted.count
            if folded[start] == first, folded[start..<end].elementsEqual(wanted),
                !wholeWords || (isEdge(start) && isEdge(end))
            {
                let last = origin[end - 1] + 1
                found.append(CodePointSpan(start: origin[start], length: last - origin[start]))
                start = end
            } else {
                start += 1
            }
        }
        return found
    }

    /// Whether no word goes on over this place. Scripts without blanks between words have edges everywhere.
    private func isEdge(_ place: Int) -> Bool {
        guard place > 0, place < folded.count else { return true }
        let (before, after) = (folded[place - 1], folded[place])
        return !(Self.joinsWords(before) && Self.joinsWords(after))
    }

    private static func joinsWords(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // Thai to Myanmar, Khmer, and from CJK radicals to the compatibility ideographs (Hangul has blanks).
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x2E80...0xABFF, 0xF900...0xFAFF, 0x20000...0x3FFFF:
            return false
        default:
            return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || scalar.properties.generalCategory == .nonspacingMark
        }
    }
}
