// How a file of teacher's answers teaches the heads: which of them, how strongly, and how sharp. Labels weigh by their
// agreement; distributions are softened by a temperature (Hinton, Vinyals and Dean, 2015).
internal import Foundation
internal import Masking
package import Tokenization

package struct AnswerLessons: Sendable {
    private let source: TrainingRecipe.AnswerSource
    private let heads: [TaskHeadSpecification]
    private let maps: [LabelMap]

    package init(_ source: TrainingRecipe.AnswerSource, heads: [TaskHeadSpecification]) throws(TrainingFailure) {
        self.source = source
        self.heads = heads
        maps = heads.map { LabelMap($0, labels: source.labels) }
        if let stranger = source.heads?.first(where: { name in !heads.contains { $0.name == name } }) {
            throw TrainingFailure("The recipe lets answers teach a head \(stranger) that it does not list: add it.")
        }
    }

    private func teaches(_ head: Int) -> Bool { source.heads?.contains(heads[head].name) ?? true }

    /// What the answer says to the heads of classes; empty where it says nothing.
    package func classTargets(_ answer: TeacherAnswer) throws(TrainingFailure) -> [HeadTarget] {
        var targets: [HeadTarget] = []
        for head in heads.indices where heads[head].kind == .classes && teaches(head) {
            guard let opinion = answer.opinions[heads[head].name] else { continue }
            let weight = source.weight ?? 1
            switch opinion {
            case .label(let label, let agreement):
                // A topic of none lies outside of all classes.
                guard let goal = try label.map({ (name) throws(TrainingFailure) in try maps[head].goal(name) })
                    ?? maps[head].outsideGoal
                else { continue }
                targets.append(HeadTarget(head: head, tokens: [], goals: [goal], weight: weight * Float(agreement)))
            case .distribution(let scores):
                let known = heads[head].labels.map { scores[$0] ?? 0 }
                let softened = Self.softened(known, temperature: source.temperature ?? 1)
                guard let softened else { continue }
                targets.append(
                    HeadTarget(
                        head: head, tokens: [], goals: [.softened(softened, temperature: source.temperature ?? 1)],
                        weight: weight))
            }
        }
        return targets
    }

    /// p^(1/T), made to add up to 1; nil where nothing is left.
    private static func softened(_ scores: [Double], temperature: Float) -> [Float]? {
        let powers = scores.map { pow($0, 1 / Double(temperature)) }
        let sum = powers.reduce(0, +)
        return sum > 0 ? powers.map { Float($0 / sum) } : nil
    }

    /// Throws where an entity is of a type that the head lacks and the recipe maps to none, or a word has a tag that it lacks.
    package func check(_ answer: TeacherAnswer) throws(TrainingFailure) {
        for head in softHeads(answer) {
            let known = Set(heads[head].outputs)
            let given = (answer.words[heads[head].name] ?? []).flatMap(\.tags.keys)
            if let stranger = given.first(where: { !known.contains($0) }) {
                throw TrainingFailure(
                    "The teacher's tag \(stranger.prefix(40)) is none of the head \(heads[head].name): give the head the teacher's "
                        + "types, or leave it out with \"heads\" in the recipe's answers.")
            }
        }
        guard let head = entityHead else { return }
        for entity in answer.entities ?? [] { _ = try maps[head].goal("B-" + entity.type) }
    }

    /// Span heads for which the answer has the tags of each word.
    private func softHeads(_ answer: TeacherAnswer) -> [Int] {
        heads.indices.filter { heads[$0].kind == .spans && teaches($0) && answer.words[heads[$0].name] != nil }
    }

    /// Whether the answer teaches any span head.
    func teachesSpans(_ answer: TeacherAnswer) -> Bool { answer.entities != nil || !softHeads(answer).isEmpty }

    /// What the answer says of the words of its text: soft tags where it has them, else the entities.
    package func spanTargets(_ answer: TeacherAnswer, _ tokens: TokenizedText) throws(TrainingFailure) -> [HeadTarget] {
        let soft = softHeads(answer)
        var targets = soft.compactMap { softTarget(answer, tokens, head: $0) }
        if let entityHead, !soft.contains(entityHead), let hard = try entityTarget(answer, tokens) { targets.append(hard) }
        return targets
    }

    /// A word that begins inside one of the teacher's goes on in it: what is said of `B-` there holds for `I-`. A word in which
    /// one of the teacher's begins later is left out, because nothing is said of it as a whole.
    private func softTarget(_ answer: TeacherAnswer, _ tokens: TokenizedText, head: Int) -> HeadTarget? {
        let words = answer.words[heads[head].name] ?? []
        let outputs = heads[head].outputs
        let temperature = source.temperature ?? 1
        var (rows, goals): ([Int], [TrainingGoal]) = ([], [])
        let starts = tokens.tokens.indices.filter { index in
            tokens.tokens[index].word >= 0 && (index == 0 || tokens.tokens[index - 1].word != tokens.tokens[index].word)
        }
        for (ordinal, index) in starts.enumerated() {
            let start = Int(tokens.tokens[index].start)
            let end = ordinal + 1 < starts.count ? Int(tokens.tokens[starts[ordinal + 1]].start) : Int.max
            var scores = outputs.map { $0 == "O" ? 1.0 : 0 }
            if let word = words.first(where: { $0.span.contains(start) }) {
                let isFirst = word.span.lowerBound == start
                scores = outputs.map { output in
                    if isFirst || output == "O" { return word.tags[output] ?? 0 }
                    let type = String(output.dropFirst(2))
                    return output.hasPrefix("B-") ? 0 : (word.tags["I-" + type] ?? 0) + (word.tags["B-" + type] ?? 0)
                }
            } else if words.contains(where: { $0.span.lowerBound > start && $0.span.lowerBound < end }) {
                continue
            }
            guard let softened = Self.softened(scores, temperature: temperature) else { continue }
            rows.append(index)
            goals.append(.softened(softened, temperature: temperature))
        }
        let weight = (source.weight ?? 1) * (source.entityFactor ?? 0.1)
        return rows.isEmpty ? nil : HeadTarget(head: head, tokens: rows, goals: goals, weight: weight)
    }

    private var entityHead: Int? {
        heads.firstIndex { $0.kind == .spans && $0.name == "entities" && source.heads?.contains($0.name) ?? true }
    }

    /// What the answer says of the words of its text to the head called `entities`; nil where it was not asked.
    package func entityTarget(_ answer: TeacherAnswer, _ tokens: TokenizedText) throws(TrainingFailure) -> HeadTarget? {
        guard let entities = answer.entities, let head = entityHead else { return nil }
        var (rows, goals): ([Int], [TrainingGoal]) = ([], [])
        var lastWord: Int32 = -1
        var open: Range<Int>?
        for (index, token) in tokens.tokens.enumerated() where token.word >= 0 && token.word != lastWord {
            lastWord = token.word
            let entity = entities.first { $0.span.contains(Int(token.start)) }
            let tag = entity.map { (open == $0.span ? "I-" : "B-") + $0.type } ?? "O"
            open = entity?.span
            if let goal = try maps[head].goal(tag) {
                rows.append(index)
                goals.append(goal)
            }
        }
        let weight = (source.weight ?? 1) * (source.entityFactor ?? 0.1)
        return rows.isEmpty ? nil : HeadTarget(head: head, tokens: rows, goals: goals, weight: weight)
    }

    /// Marks for the mask: entities are kept, the rationale's words rank above those beside it.
    func marked(_ answer: TeacherAnswer) -> MarkedText {
        MarkedText(answer.text, rationales: answer.rationale, kept: (answer.entities ?? []).map(\.span))
    }
}
