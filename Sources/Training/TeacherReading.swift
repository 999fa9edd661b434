// What a local teacher reads of a text while the student trains, and where the student's tokens lie in it. A mask hides words from
// the student; the teacher reads them all.
package import Tokenization

package struct TeacherReading: Sendable, Equatable {
    /// The whole text's tokens.
    package let ids: [Int32]
    package let positions: [Int32]
    /// For each of the student's tokens its index among `ids`.
    package let places: [Int]
    /// Those of the student's tokens with which a word begins.
    package let wordStarts: [Int]

    package init(ids: [Int32], positions: [Int32], places: [Int], wordStarts: [Int]) {
        precondition(ids.count == positions.count && places.allSatisfy(ids.indices.contains), "places lie in the text")
        self.ids = ids
        self.positions = positions
        self.places = places
        self.wordStarts = wordStarts
    }

    /// `kept`: the tokens that the student reads; nil for all of them.
    package init(_ tokens: TokenizedText, kept: [Int32]? = nil) {
        let places = kept.map { $0.map(Int.init) } ?? Array(tokens.tokens.indices)
        var last: Int32 = -1
        var starts: [Int] = []
        for (index, place) in places.enumerated() {
            let word = tokens.tokens[place].word
            if word >= 0, word != last { starts.append(index) }
            last = word
        }
        self.init(
            ids: tokens.tokens.map(\.id), positions: tokens.tokens.indices.map { Int32($0) }, places: places, wordStarts: starts)
    }
}
