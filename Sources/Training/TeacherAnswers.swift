// Answers of a teacher about posts, as `winnow teach` and `winnow label` write them, read as data to learn from. Checks the
// form of a row; whether the network has such heads and labels is the business of AnswerLessons.
package import Foundation

/// One post with what a teacher said of it. Positions are code points of `text`.
package struct TeacherAnswer: Sendable, Equatable {
    package enum Opinion: Sendable, Equatable {
        /// One label, and the share of the repeated answers that named it.
        case label(String?, agreement: Double)
        /// A probability for each label.
        case distribution([String: Double])
    }

    package struct Entity: Sendable, Equatable {
        package let type: String
        package let span: Range<Int>

        package init(type: String, span: Range<Int>) {
            self.type = type
            self.span = span
        }
    }

    /// The tags of one word, with their probabilities; what is not listed has none.
    package struct Word: Sendable, Equatable {
        package let span: Range<Int>
        package let tags: [String: Double]

        package init(span: Range<Int>, tags: [String: Double]) {
            self.span = span
            self.tags = tags
        }
    }

    package let text: String
    /// By the name of the head.
    package let opinions: [String: Opinion]
    /// By the name of the span head: words that may be part of something, in order. A word that is not listed is `O`.
    package let words: [String: [Word]]
    /// nil: the teacher was not asked for entities.
    package let entities: [Entity]?
    /// Where the rationale's words stand in the text.
    package let rationale: [Range<Int>]

    package init(
        text: String, opinions: [String: Opinion], entities: [Entity]?, rationale: [Range<Int>], words: [String: [Word]] = [:]
    ) {
        self.text = text
        self.opinions = opinions
        self.words = words
        self.entities = entities
        self.rationale = rationale
    }
}

package enum TeacherAnswersReader {
    private struct Row: Decodable {
        struct Choice: Decodable {
            let label: String?
            let agreement: Double?
        }

        struct Span: Decodable {
            let type: String
            let start: Int
            let length: Int
        }

        let text: String
        let sentiment: Choice?
        let topic: Choice?
        let heads: [String: [String: Double]]?
        let entities: [Span]?
        let rationale_spans: [[Int]]?
        let words: [String: [WordRow]]?
    }

    private struct WordRow: Decodable {
        let start: Int
        let length: Int
        let tags: [String: Double]
    }

    /// A line of the input that was no post: `winnow label` keeps its place.
    private struct PassedOver: Decodable {
        let line: Int
    }

    /// All rows of a file of JSON Lines, in order.
    package static func read(_ url: URL) throws -> [TeacherAnswer] {
        guard let data = try? Data(contentsOf: url) else {
            throw TrainingFailure("The teacher's answers \(url.path) cannot be read: check the path.")
        }
        var answers: [TeacherAnswer] = []
        for (index, line) in data.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() where !line.isEmpty {
            let place = "\(url.path) line \(index + 1)"
            guard let row = try? JSONDecoder().decode(Row.self, from: Data(line)) else {
                if (try? JSONDecoder().decode(PassedOver.self, from: Data(line))) != nil { continue }
                throw TrainingFailure(
                    "\(place) is no answer as winnow teach or winnow label writes it: correct or remove the line.")
            }
            answers.append(try answer(row, place))
        }
        guard !answers.isEmpty else { throw TrainingFailure("\(url.path) holds no answers: name another file.") }
        return answers
    }

    private static func answer(_ row: Row, _ place: String) throws(TrainingFailure) -> TeacherAnswer {
        let count = row.text.unicodeScalars.count
        func range(_ start: Int, _ length: Int) throws(TrainingFailure) -> Range<Int> {
            guard start >= 0, length > 0, start <= count, length <= count - start else {
                throw TrainingFailure("\(place) has a span outside of its text: correct or remove the line.")
            }
            return start..<start + length
        }
        var opinions: [String: TeacherAnswer.Opinion] = [:]
        for (head, choice) in [("sentiment", row.sentiment), ("topic", row.topic)] {
            guard let choice else { continue }
            opinions[head] = .label(choice.label, agreement: min(1, max(0, choice.agreement ?? 1)))
        }
        for (head, scores) in row.heads ?? [:] {
            try check(scores, of: head, place)
            opinions[head] = .distribution(scores)
        }
        var entities: [TeacherAnswer.Entity]?
        for span in row.entities ?? [] {
            entities = (entities ?? []) + [.init(type: span.type, span: try range(span.start, span.length))]
        }
        if row.entities != nil, entities == nil { entities = [] }
        var rationale: [Range<Int>] = []
        for span in row.rationale_spans ?? [] where span.count == 2 { rationale.append(try range(span[0], span[1])) }
        var words: [String: [TeacherAnswer.Word]] = [:]
        for (head, rows) in row.words ?? [:] {
            words[head] = []
            for word in rows {
                try check(word.tags, of: head, place)
                words[head]?.append(TeacherAnswer.Word(span: try range(word.start, word.length), tags: word.tags))
            }
        }
        return TeacherAnswer(text: row.text, opinions: opinions, entities: entities, rationale: rationale, words: words)
    }

    private static func check(_ scores: [String: Double], of head: String, _ place: String) throws(TrainingFailure) {
        guard scores.values.allSatisfy({ $0 >= 0 && $0.isFinite }), scores.values.contains(where: { $0 > 0 }) else {
            throw TrainingFailure("\(place) has scores of \(head) that are no probabilities: correct or remove the line.")
        }
    }
}
