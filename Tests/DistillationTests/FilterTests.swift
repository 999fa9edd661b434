// Each filter with what it must catch and what it must leave alone.
import Foundation
import Posts
import Testing
import Training

@testable import Distillation

struct FilterTests {
    private let taxonomy = AnswerTaxonomy(
        sentiment: ["negative", "neutral", "positive"], topic: ["daily_life", "sports_&_gaming"],
        entities: ["location", "person"])

    private func standing(
        _ sentiment: String = "positive", topic: String = "daily_life", entities: [(String, String)] = [],
        rationale: String = "The words of the post say so.", evidence: [String] = [], harmful: Bool = false
    ) -> TeachingPlan.Standing {
        let answer = TeacherAnswer(
            sentiment: sentiment, topic: topic, entities: entities.map { .init(type: $0.0, text: $0.1) },
            evidence: evidence, rationale: rationale, isHarmful: harmful)
        return .answered(ChatAnswer(content: answer.json, model: "m-1"), isRepaired: false)
    }

    private func filter(
        _ text: String, _ samples: [TeachingPlan.Standing], agreement: Double = 0.6
    ) -> FilteredPost {
        AnswerFilter(taxonomy: taxonomy, leastAgreement: agreement, model: "m").filter(TeacherPost(id: "1", text: text), samples)
    }

    private func reason(_ post: FilteredPost) -> FilterReason? {
        if case .rejected(let rejected) = post { return rejected.reason }
        return nil
    }

    @Test func goodAnswerBecomesARow() throws {
        let text = "lovely day in  lisbon, Lisbon!"
        let post = filter(text, [standing(entities: [("location", "Lisbon")], evidence: ["lovely  DAY", "not there"])])
        guard case .learned(let row) = post else {
            Issue.record("\(post)")
            return
        }
        #expect(row.mentions.map(\.span) == [CodePointSpan(start: 15, length: 6), CodePointSpan(start: 23, length: 6)])
        #expect(row.mentions.map(\.text) == ["lisbon", "Lisbon"])
        #expect(row.rationaleSpans == [CodePointSpan(start: 0, length: 10)])
        #expect(row.sentiment == LearnedRow.Verdict(label: "positive", agreement: 1))
        #expect(row.teacher == "m-1")
        let line = try #require(
            JSONSerialization.jsonObject(with: AnswerFiles.line(row, promptVersion: "p-1+abc")) as? [String: Any])
        #expect(
            Set(line.keys) == [
                "id", "text", "sentiment", "topic", "entities", "rationale", "rationale_spans", "teacher", "prompt_version", "samples",
            ])
        #expect(line["rationale_spans"] as? [[Int]] == [[0, 10]])
    }

    @Test func eachFaultHasItsFilter() {
        #expect(reason(filter("x", [.answered(ChatAnswer(content: "positive"), isRepaired: true)])) == .malformed)
        #expect(reason(filter("x", [.answered(ChatAnswer(content: "I cannot help."), isRepaired: false)])) == .refusal)
        #expect(reason(filter("x", [standing("mixed")])) == .outsideTaxonomy)
        #expect(reason(filter("x", [standing(topic: "weather")])) == .outsideTaxonomy)
        #expect(reason(filter("Bo", [standing(entities: [("animal", "Bo")])])) == .outsideTaxonomy)
        #expect(reason(filter("x", [standing(rationale: "The writer is angry.")])) == .contradiction)
        #expect(reason(filter("Lisbonne", [standing(entities: [("location", "Lisbon")])])) == .inventedEntity)
        #expect(reason(filter("x", [standing(rationale: "jo@example.org praises it.")])) == .personalDataInRationale)
        #expect(reason(filter("x", [.refusedByEndpoint(status: 400, code: "content_policy")])) == .endpointRefused)
        #expect(filter("x", [standing(), .open(ChatRequest.example)]) == .open)
        if case .harmful = filter("x", [standing(harmful: true)]) {} else { Issue.record("harmful posts are kept apart") }
    }

    @Test func samplesVote() throws {
        let three = [standing("negative"), standing("positive"), standing("positive", topic: "sports_&_gaming")]
        guard case .learned(let row) = filter("x", three) else {
            Issue.record("two of three agree")
            return
        }
        #expect(row.sentiment.label == "positive")
        #expect(abs(row.sentiment.agreement - 2.0 / 3) < 1e-9)
        #expect(row.topic.label == "daily_life")
        #expect(reason(filter("x", three, agreement: 0.7)) == .disagreement)
        // An answer that cannot be used counts against the others.
        #expect(reason(filter("x", [standing(), standing("mixed"), standing("mixed")])) == .disagreement)
        // Entities need more than half of the usable answers.
        let named = standing(entities: [("person", "Bo")])
        for (samples, count) in [([named, named, standing()], 1), ([named, standing(), standing()], 0), ([named, standing()], 0)] {
            guard case .learned(let row) = filter("Bo sings", samples) else { continue }
            #expect(row.mentions.count == count)
        }
        // The rationale argues for what was decided.
        let spoken = [standing("negative", rationale: "It complains."), standing(rationale: "It praises."), standing()]
        guard case .learned(let decided) = filter("x", spoken.map { $0 }) else { return }
        #expect(decided.rationale == "It praises.")
    }

    @Test(arguments: [
        ("positive", "The post is negative about the bus."), ("positive", "It expresses frustration and anger."),
        ("negative", "The writer is happy and grateful."), ("neutral", "The writer praises the film."),
    ])
    func contradictionsAreSeen(label: String, rationale: String) {
        let answer = TeacherAnswer(sentiment: label, topic: "daily_life", rationale: rationale)
        #expect(RationaleCheck.contradiction(answer, taxonomy: taxonomy) == .sentiment)
    }

    @Test(arguments: [
        ("positive", "The tone is not negative but warm."), ("positive", "Despite the sadness of the news, the writer hopes."),
        ("positive", "'angry birds' is only the name of a game."), ("positive", "It isn't a complaint."),
        ("negative", "The writer is happy no more, but angry."), ("neutral", "A fact without praise or complaint."),
        ("positive", "It says the day was lovely."), ("negative", "It sounds positive, but the irony is negative."),
        ("neutral", "It is factual rather than positive."),
    ])
    func cautionInContradictions(label: String, rationale: String) {
        let answer = TeacherAnswer(sentiment: label, topic: "daily_life", rationale: rationale)
        #expect(RationaleCheck.contradiction(answer, taxonomy: taxonomy) == nil)
    }

    @Test func topicsCanContradictToo() {
        let answer = TeacherAnswer(sentiment: "neutral", topic: "daily_life", rationale: "It is about sports & gaming.")
        #expect(RationaleCheck.contradiction(answer, taxonomy: taxonomy) == .topic)
    }

    @Test(arguments: [
        ("write to jo.doe@example.org please", PersonalData.emailAddress), ("(jo@mail.example.com)", .emailAddress),
        ("call +44 20 7946 0958 now", .phoneNumber), ("call 555-010-4477", .phoneNumber), ("ring 0911 / 123456", .phoneNumber),
        ("card 4111 1111 1111 1111", .cardNumber), ("card 4111111111111111.", .cardNumber),
        ("IBAN DE89370400440532013000", .accountNumber), ("ssn 078-05-1120", .socialSecurityNumber),
    ])
    func personalDataAreFound(text: String, kind: PersonalData) {
        #expect(PersonalData.kinds(in: text) == [kind])
    }

    @Test(arguments: [
        "@jo and @jo@social.example say hi", "at 10:30 on 2026-07-04, 12.05.2026", "1,000,000 people, 12 000 000 euros",
        "https://example.org/status/4111111111111111", "room 101, 3-2, 90 minutes", "pi is 3.14159265358979",
        "4111 1111 1111 1112 is no card", "COVID-19 2020-2021 2022-2023", "the year 1999/2000", "user@localhost",
        "order #123456789012", "$123 456 789",
    ])
    func publicNumbersAreLeftAlone(text: String) {
        #expect(PersonalData.kinds(in: text).isEmpty, "\(PersonalData.kinds(in: text))")
    }

    @Test func nearDuplicatesAreFound() {
        let known = NearDuplicates([
            "The lights of the harbour went out at nine and nobody in the whole town knew why", "yes", "ok then, see you",
        ])
        let same = "RT @a: the lights of the harbour went out at nine, and nobody in the whole town knew why!!! https://example.org/x"
        let close = "The lights of the harbour went out at ten and nobody in the whole town knew why"
        let half = "The lights of the harbour went out at nine, then we all went home and slept until noon"
        #expect(known.contains(same))
        #expect(known.contains(close))
        #expect(!known.contains(half))
        #expect(known.contains("Yes!"))
        #expect(!known.contains("yes yes"))
        #expect(!known.contains(""))
        #expect(!known.contains("#!"))
    }

    /// What the bands find is what counting would find.
    @Test func bandsOverlookLittle() {
        var random = RandomSource(seed: 3)
        let words = ["harbour", "lights", "town", "nobody", "evening", "window", "morning", "river", "bread", "story", "engine", "garden"]
        var missed = 0, pairs = 0
        for _ in 0..<60 {
            var text = (0..<24).map { _ in words.randomElement(using: &random) ?? "" }
            let known = NearDuplicates([text.joined(separator: " ")])
            let before = NearDuplicates.shingles(.init(text.joined(separator: " ")))
            text[Int.random(in: 0..<24, using: &random)] = "elephant"
            let after = NearDuplicates.shingles(.init(text.joined(separator: " ")))
            guard NearDuplicates.similarity(before, after) >= NearDuplicates.threshold else { continue }
            pairs += 1
            if !known.contains(text.joined(separator: " ")) { missed += 1 }
        }
        // Each pair is overlooked with a probability of 0.0014 at the most.
        #expect(pairs > 10 && missed <= 3)
    }

    @Test func postsAreScreenedBeforeAnythingIsAsked() {
        let screen = PostScreen(evaluation: NearDuplicates(["a sentence that somebody measures their model on every day"]))
        func reason(_ text: String) -> FilterReason? { screen.rejection(of: TeacherPost(id: "1", text: text))?.reason }
        #expect(reason(" \n") == .emptyPost)
        #expect(reason(String(repeating: "x", count: 8_001)) == .postTooLong)
        #expect(reason("mail jo@example.org") == .personalDataInPost)
        #expect(reason("A sentence that somebody measures their model on, every day!") == .nearDuplicate)
        #expect(reason("a sentence of my own") == nil)
    }

    @Test func placesAreWholeWordsInAnyScript() throws {
        func spans(_ entities: [(String, String)], _ post: String) -> [[Int]]? {
            let given = entities.map { TeacherAnswer.Entity(type: $0.0, text: $0.1) }
            guard case .success(let mentions) = EntityPlacement.place(given, in: post) else { return nil }
            return mentions.map { [$0.span.start, $0.span.length] }
        }
        #expect(spans([("location", "東京")], "昨日東京へ行った") == [[2, 2]])
        #expect(spans([("person", "Ann")], "Anna met Ann") == [[9, 3]])
        #expect(spans([("person", "Ann")], "#ann 😀 ANN") == [[1, 3], [7, 3]])
        #expect(spans([("location", "York"), ("location", "New York")], "New York or York") == [[0, 8], [12, 4]])
        #expect(spans([("person", "Zoë")], "zoe") == nil)
        #expect(spans([("person", "İ")], "İstanbul, İ") == [[10, 1]])
        #expect(spans([], "") == [])
        #expect(spans([("person", "   ")], "a b") == nil)
    }
}

extension ChatRequest {
    static var example: ChatRequest {
        guard let prompts = try? PromptSet.embedded() else { preconditionFailure("the built-in prompts are read") }
        return ChatRequest(post: "x", sample: 0, schedule: PromptSchedule(prompts), parameters: ChatParameters(model: "m"))
    }
}
