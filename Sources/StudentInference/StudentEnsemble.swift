// Several models as one teacher: each reads the text with its own tokenizer, and what they say is averaged head by head. One model
// alone is an ensemble of one. Labels only; the stream runs single models.
package import Masking
package import ModelFiles
package import Posts

package struct StudentEnsemble: Sendable {
    package struct Member: Sendable {
        package let student: Student
        package let mask: MaskPolicy

        package init(student: Student, mask: MaskPolicy) {
            self.student = student
            self.mask = mask
        }
    }

    /// A head that is averaged over the members that have it.
    struct Head: Sendable {
        let name: String
        let kind: HeadSettings.Kind
        let labels: [String]
        /// Its index in each member; nil where the member lacks it.
        var places: [Int?]
    }

    package let members: [Member]
    let heads: [Head]

    /// The heads of all members, in the order of the first that has them.
    /// - Parameter withEvaluationHeads: those too that models keep for comparison with published results.
    /// - Throws: where two models have a head of one name with different labels.
    package init(_ members: [Member], withEvaluationHeads: Bool = false) throws(ModelFileFault) {
        precondition(!members.isEmpty, "an ensemble has a member")
        self.members = members
        var heads: [Head] = []
        for (index, member) in members.enumerated() {
            for (place, settings) in member.student.heads.map(\.settings).enumerated() {
                if settings.evaluationOnly, !withEvaluationHeads { continue }
                if let known = heads.firstIndex(where: { $0.name == settings.name }) {
                    guard heads[known].kind == settings.kind, heads[known].labels == settings.labels else {
                        throw ModelFileFault(
                            "The models \(members[0].student.version) and \(member.student.version) have a head \(settings.name) "
                                + "with different labels: they cannot be averaged; label with one of them.")
                    }
                    heads[known].places[index] = place
                } else {
                    var head = Head(
                        name: settings.name, kind: settings.kind, labels: settings.labels, places: members.map { _ in nil })
                    head.places[index] = place
                    heads.append(head)
                }
            }
        }
        self.heads = heads
    }

    /// Names of the heads that are answered with.
    package var headNames: Set<String> { Set(heads.map(\.name)) }

    /// Name, version and weights hash of each member.
    package var name: String { members.map(\.student.version.description).joined(separator: " & ") }
}

/// One head's average over the members.
package struct EnsembleAnswer: Sendable {
    package enum Content: Sendable {
        case scores([LabelScore])
        /// Every word with the probability of each tag, and what they come to when decoded.
        case spans(words: [WordTags], tags: [String], mentions: [EntityMention])
    }

    package let head: String
    package let content: Content
}

/// One thread's share: an arena for each member.
package final class EnsembleWorker {
    private let ensemble: StudentEnsemble
    private let workers: [StudentWorker]
    private let decoders: [SpanDecoder?]

    package init(_ ensemble: StudentEnsemble) {
        self.ensemble = ensemble
        workers = ensemble.members.map { StudentWorker(student: $0.student, mask: $0.mask) }
        decoders = ensemble.heads.map { $0.kind == .spans ? SpanDecoder(labels: $0.labels) : nil }
    }

    /// What each head says to each text, in order.
    package func answer(_ texts: [String]) -> [[EnsembleAnswer]] {
        let said = workers.map { worker in
            worker.distributions(texts.map { EnrichmentRequest(post: worker.prepare($0), text: $0) })
        }
        return texts.indices.map { index in
            zip(ensemble.heads, decoders).map { head, decoder in
                let parts = zip(said, head.places).compactMap { member, place in place.map { member[index][$0] } }
                return EnsembleAnswer(head: head.name, content: content(parts, head, decoder, text: texts[index]))
            }
        }
    }

    private func content(
        _ parts: [HeadDistribution], _ head: StudentEnsemble.Head, _ decoder: SpanDecoder?, text: String
    ) -> EnsembleAnswer.Content {
        guard let decoder else {
            let mean = Self.mean(parts.compactMap { if case .scores(let scores) = $0 { scores } else { nil } })
            return .scores(zip(head.labels, mean).map { LabelScore(label: $0, score: $1) })
        }
        let words = Self.mean(parts.compactMap { if case .words(let words) = $0 { words } else { nil } })
        return .spans(
            words: words, tags: head.labels, mentions: EntityDecoder.mentions(words, text: text, decoder: decoder))
    }

    private static func mean(_ rows: [[Float]]) -> [Float] {
        guard var sum = rows.first else { return [] }
        for row in rows.dropFirst() { for index in sum.indices { sum[index] += row[index] } }
        return sum.map { $0 / Float(rows.count) }
    }

    /// Tokenizers may cut words differently. The words are the first member's; another has a say in those that it begins at the
    /// same code point.
    private static func mean(_ members: [[WordTags]]) -> [WordTags] {
        guard let first = members.first, members.count > 1 else { return members.first ?? [] }
        let others = members.dropFirst().map { words in
            Dictionary(words.map { ($0.span.start, $0.probabilities) }, uniquingKeysWith: { one, _ in one })
        }
        return first.map { word in
            WordTags(
                span: word.span,
                probabilities: mean([word.probabilities] + others.compactMap { $0[word.span.start] }))
        }
    }
}
