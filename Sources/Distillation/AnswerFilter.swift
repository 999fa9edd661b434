// From the samples of one post to one row to learn from, or to the reason why there is none. Pure.
package import Posts

/// One line of answers.jsonl (Schemas/teacher-answers.schema.json).
package struct LearnedRow: Sendable, Equatable {
    package struct Verdict: Sendable, Equatable {
        package let label: String
        package let agreement: Double
    }
    package let post: TeacherPost
    package let sentiment: Verdict
    package let topic: Verdict
    package let mentions: [EntityPlacement.Mention]
    package let rationale: String
    package let rationaleSpans: [CodePointSpan]
    package let teacher: String
    package let samples: Int
}

package enum FilteredPost: Sendable, Equatable {
    case learned(LearnedRow)
    /// In the same form, kept apart.
    case harmful(LearnedRow)
    case rejected(RejectedPost)
    /// A sample still has no answer.
    case open
}

package struct AnswerFilter: Sendable {
    private let taxonomy: AnswerTaxonomy
    private let leastAgreement: Double
    /// What the teacher is called where the endpoint does not say.
    private let model: String

    /// - Parameter leastAgreement: share of the samples that sentiment and topic each need.
    package init(taxonomy: AnswerTaxonomy, leastAgreement: Double, model: String) {
        self.taxonomy = taxonomy
        self.leastAgreement = leastAgreement
        self.model = model
    }

    private struct Usable {
        let answer: TeacherAnswer
        let mentions: [EntityPlacement.Mention]
    }

    private struct Fault {
        let reason: FilterReason
        let detail: String
    }

    /// `samples` are the standings of all samples of `post`, in their order.
    package func filter(_ post: TeacherPost, _ samples: [TeachingPlan.Standing]) -> FilteredPost {
        var usable: [Usable] = []
        var faults: [Fault] = []
        var contents: [String] = []
        var teacher = model
        for sample in samples {
            switch sample {
            case .open: return .open
            case .refusedByEndpoint(let status, let code):
                let said = [status.map { "status \($0)" }, code].compactMap { $0 }.joined(separator: ", ")
                faults.append(Fault(reason: .endpointRefused, detail: said))
            case .answered(let answer, _):
                contents.append(answer.content)
                if let named = answer.model, !named.isEmpty { teacher = named }
                switch judge(answer, post) {
                case .success(let found): usable.append(found)
                case .failure(let fault): faults.append(fault.fault)
                }
            }
        }
        func rejected(_ fault: Fault) -> FilteredPost {
            .rejected(RejectedPost(id: post.id, text: post.text, reason: fault.reason, detail: fault.detail, answers: contents))
        }
        // Where no answer is of use, the first one's fault speaks for all.
        guard !usable.isEmpty else {
            return rejected(faults.first ?? Fault(reason: .malformed, detail: "no answer"))
        }
        let row = agree(usable, of: samples.count, post: post, teacher: teacher)
        guard let row else {
            let detail = "\(usable.count) of \(samples.count) answers usable, no label common enough"
            return rejected(Fault(reason: .disagreement, detail: detail))
        }
        let harmful = usable.filter(\.answer.isHarmful).count
        return harmful * 2 >= usable.count && harmful > 0 ? .harmful(row) : .learned(row)
    }

    private struct Unusable: Error { let fault: Fault }

    private func judge(_ answer: ChatAnswer, _ post: TeacherPost) -> Result<Usable, Unusable> {
        func unusable(_ reason: FilterReason, _ detail: String) -> Result<Usable, Unusable> {
            .failure(Unusable(fault: Fault(reason: reason, detail: detail)))
        }
        if RefusalCheck.isRefusal(answer) { return unusable(.refusal, "the teacher declined") }
        let read: TeacherAnswer
        switch TeacherAnswer.parse(answer.content) {
        case .failure(let fault):
            return unusable(.malformed, answer.finishReason == "length" ? "cut off at the limit of tokens" : fault.description)
        case .success(let found): read = found
        }
        if let fault = taxonomy.fault(of: read) { return unusable(.outsideTaxonomy, fault) }
        if let contradiction = RationaleCheck.contradiction(read, taxonomy: taxonomy) {
            return unusable(.contradiction, "the rationale argues for another \(contradiction.rawValue)")
        }
        let kinds = PersonalData.kinds(in: read.rationale)
        if !kinds.isEmpty { return unusable(.personalDataInRationale, kinds.map(\.rawValue).joined(separator: ", ")) }
        switch EntityPlacement.place(read.entities, in: post.text) {
        case .failure(let invented):
            return unusable(.inventedEntity, "\(invented.count) of \(read.entities.count) entities are not in the post")
        case .success(let mentions): return .success(Usable(answer: read, mentions: mentions))
        }
    }

    /// Nil where a label is not common enough.
    private func agree(_ usable: [Usable], of samples: Int, post: TeacherPost, teacher: String) -> LearnedRow? {
        let sentiment = majority(usable.map(\.answer.sentiment), of: samples)
        let topic = majority(usable.map(\.answer.topic), of: samples)
        guard sentiment.agreement >= leastAgreement, topic.agreement >= leastAgreement else { return nil }
        // The rationale has to argue for what was decided.
        let speaker = usable.first { $0.answer.sentiment == sentiment.label && $0.answer.topic == topic.label }
            ?? usable.first { $0.answer.sentiment == sentiment.label }
        guard let speaker else { return nil }
        var votes: [EntityPlacement.Mention: Int] = [:]
        for sample in usable { for mention in sample.mentions { votes[mention, default: 0] += 1 } }
        let mentions = votes.filter { $0.value * 2 > usable.count }.map(\.key).sorted { $0.span.start < $1.span.start }
        return LearnedRow(
            post: post, sentiment: sentiment, topic: topic, mentions: withoutOverlap(mentions),
            rationale: speaker.answer.rationale,
            rationaleSpans: EntityPlacement.spans(of: speaker.answer.evidence, in: post.text), teacher: teacher, samples: samples)
    }

    /// The most frequent label; of equals the one that was given first.
    private func majority(_ labels: [String], of samples: Int) -> LearnedRow.Verdict {
        var best = labels[0], most = 0
        for label in labels {
            let count = labels.filter { $0 == label }.count
            if count > most { (best, most) = (label, count) }
        }
        return LearnedRow.Verdict(label: best, agreement: Double(most) / Double(samples))
    }

    /// Mentions that each have a majority may still lie over one another, when the samples cut differently.
    private func withoutOverlap(_ mentions: [EntityPlacement.Mention]) -> [EntityPlacement.Mention] {
        var kept: [EntityPlacement.Mention] = []
        for mention in mentions where mention.span.start >= (kept.last?.span.end ?? 0) { kept.append(mention) }
        return kept
    }
}
