// What is read of a teacher's words: the form, what is tolerated around it, and what is not.
import Foundation
import Testing

@testable import Distillation

struct TeacherAnswerTests {
    private static let plain =
        #"{"sentiment":"positive","topic":"daily_life","entities":[{"type":"location","text":"Lisbon"}],"#
        + #""evidence":["lovely day"],"rationale":"'lovely day' praises the weather.","harmful":false}"#

    private static let whole = TeacherAnswer(
        sentiment: "positive", topic: "daily_life", entities: [.init(type: "location", text: "Lisbon")],
        evidence: ["lovely day"], rationale: "'lovely day' praises the weather.")

    private func parse(_ text: String) -> TeacherAnswer? { try? TeacherAnswer.parse(text).get() }

    private func fault(_ text: String) -> String? {
        if case .failure(let fault) = TeacherAnswer.parse(text) { return fault.description }
        return nil
    }

    @Test func whatIsWrittenIsRead() {
        #expect(parse(Self.whole.json) == Self.whole)
        let odd = TeacherAnswer(
            sentiment: "neutral", topic: "a \"b\" \\ é", entities: [.init(type: "work", text: "x\n\u{1F600}")],
            evidence: ["{"], rationale: "braces } and \"quotes\"", isHarmful: true)
        #expect(parse(odd.json) == odd)
    }

    @Test(arguments: [
        plain, "```json\n" + plain + "\n```", "Sure! Here it is:\n" + plain + "\nHope that helps {really}.",
        "<think>maybe {\"sentiment\":\"negative\"} no</think>" + plain, "{\"draft\":1} " + plain,
        plain.replacingOccurrences(of: "\"lovely day\"]", with: "\"lovely day\", ]").replacingOccurrences(of: "false}", with: "false,\n}"),
        plain.replacingOccurrences(of: "\"positive\"", with: "\" Positive \""),
        plain.replacingOccurrences(of: "\"sentiment\"", with: "\"Sentiment\""),
        plain.replacingOccurrences(of: "[\"lovely day\"]", with: "\"lovely day\""),
    ])
    func theFormIsFoundInWhatSurroundsIt(text: String) {
        #expect(parse(text) == Self.whole)
    }

    @Test func lastOfSeveralAnswersCounts() {
        let second = Self.plain.replacingOccurrences(of: "positive", with: "negative")
        #expect(parse(Self.plain + "\nWait, no:\n" + second)?.sentiment == "negative")
    }

    @Test(arguments: [
        ("", "no JSON object"), ("I'm sorry, I can't.", "no JSON object"), ("{\"sentiment\":", "no JSON object"),
        ("{sentiment: positive}", "cannot be read"), ("{}", "sentiment"), (#"{"sentiment":"positive"}"#, "topic"),
        (#"{"sentiment":1,"topic":"x","rationale":"y"}"#, "sentiment"), (#"{"sentiment":"a","topic":"b"}"#, "rationale"),
        (#"{"sentiment":"a","topic":"b","rationale":"  "}"#, "rationale"),
        (#"{"sentiment":"a","topic":"b","rationale":"c","entities":["Lisbon"]}"#, "entities"),
        (#"{"sentiment":"a","topic":"b","rationale":"c","entities":[{"type":"x"}]}"#, "entities"),
        (#"{"sentiment":"a","topic":"b","rationale":"c","evidence":[1]}"#, "evidence"),
    ])
    func whatIsMissingIsNamed(text: String, part: String) {
        #expect(fault(text)?.contains(part) == true, "\(fault(text) ?? "was read")")
    }

    @Test func hostileAnswersAreBounded() {
        let deep = String(repeating: "{\"a\":", count: 100_000) + "1" + String(repeating: "}", count: 100_000)
        #expect(parse(deep) == nil)
        #expect(parse(String(repeating: "{", count: 1_000_000)) == nil)
        #expect(parse(String(repeating: "{}", count: 5_000)) == nil)
        let entities = (0..<51).map { "{\"type\":\"person\",\"text\":\"p\($0)\"}" }.joined(separator: ",")
        #expect(fault(#"{"sentiment":"a","topic":"b","rationale":"c","entities":[\#(entities)]}"#)?.contains("entities") == true)
        let long = String(repeating: "x", count: 1_001)
        #expect(fault(#"{"sentiment":"a","topic":"b","rationale":"\#(long)"}"#)?.contains("rationale") == true)
    }

    @Test func chatAnswersAreReadInTheirForms() throws {
        let body = ScriptedTeacher.completion("hello")
        #expect(
            ChatAnswer(body: body)
                == ChatAnswer(content: "hello", model: "scripted-1", promptTokens: 700, completionTokens: 60))
        let parts = #"{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}}]}"#
        #expect(ChatAnswer(body: Data(parts.utf8))?.content == "ab")
        let refusal = #"{"choices":[{"finish_reason":"stop","message":{"content":null,"refusal":"No."}}]}"#
        let refused = try #require(ChatAnswer(body: Data(refusal.utf8)))
        #expect(RefusalCheck.isRefusal(refused))
        let cut = String(decoding: body.dropLast(1), as: UTF8.self)
        for broken in ["", "{}", #"{"choices":[]}"#, #"{"error":{"message":"x"}}"#, "[1]", cut] {
            #expect(ChatAnswer(body: Data(broken.utf8)) == nil, "\(broken)")
        }
    }

    @Test func refusalsAreTold() {
        for text in ["I'm sorry, but I can’t help with that.", "As an AI language model, I do not label people."] {
            #expect(RefusalCheck.isRefusal(ChatAnswer(content: text)))
        }
        #expect(RefusalCheck.isRefusal(ChatAnswer(content: "", finishReason: "content_filter")))
        #expect(!RefusalCheck.isRefusal(ChatAnswer(content: "I'm sorry for the delay: " + Self.plain)))
        #expect(!RefusalCheck.isRefusal(ChatAnswer(content: "positive")))
    }
}
