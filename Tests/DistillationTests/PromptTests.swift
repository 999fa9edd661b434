// The built-in prompts, a folder of one's own, the schedule of examples, and the requests made of them.
import Foundation
import Testing

@testable import Distillation

struct PromptTests {
    @Test func builtInPromptsAreWhole() throws {
        let prompts = try PromptSet.embedded()
        #expect(!prompts.system.contains("{{"))
        for label in prompts.taxonomy.sentiment + prompts.taxonomy.topic + prompts.taxonomy.entities {
            #expect(prompts.system.contains("\"\(label)\""))
        }
        #expect(prompts.user("a {{post}} b").contains("a {{post}} b"))
        // Every topic is shown with every sentiment, and what is shown would pass our own filters.
        let pairs = Set(prompts.examples.map { "\($0.answer.topic) \($0.answer.sentiment)" })
        #expect(pairs.count == prompts.taxonomy.topic.count * prompts.taxonomy.sentiment.count)
        for example in prompts.examples {
            #expect(RationaleCheck.contradiction(example.answer, taxonomy: prompts.taxonomy) == nil, "\(example.answer.rationale)")
            #expect(PersonalData.kinds(in: example.post + " " + example.answer.rationale).isEmpty)
            #expect(EntityPlacement.spans(of: example.answer.evidence, in: example.post).isEmpty == example.answer.evidence.isEmpty)
        }
    }

    @Test func decksAreMixed() throws {
        let prompts = try PromptSet.embedded()
        let schedule = PromptSchedule(prompts)
        #expect(schedule.decks.count == prompts.decks)
        for deck in schedule.decks {
            let answers = deck.map { prompts.examples[$0].answer }
            #expect(Set(deck).count == prompts.examplesPerRequest)
            #expect(Set(answers.map(\.topic)).count == prompts.taxonomy.topic.count)
            for label in prompts.taxonomy.sentiment { #expect(answers.filter { $0.sentiment == label }.count == 2) }
            #expect(Set(deck.map { prompts.examples[$0].style }).count >= 3)
        }
        let shown = Set(schedule.decks.flatMap { $0 })
        #expect(shown.count == prompts.examples.count, "every example is used")
        #expect(Set((0..<200).map { schedule.deck(for: "post \($0)") }).count == prompts.decks)
        #expect(schedule.deck(for: "post") == schedule.deck(for: "post"))
    }

    @Test func ownPromptsAreRead() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("prompts-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, data) in PromptSet.embeddedFiles { try data.write(to: folder.appendingPathComponent(name)) }
        let same = try PromptSet(folder: folder)
        #expect(try same.version == PromptSet.embedded().version)
        let user = folder.appendingPathComponent("user.md")
        try "<post>{{post}}</post>".write(to: user, atomically: true, encoding: .utf8)
        #expect(try PromptSet(folder: folder).version != same.version)
        try "no mark".write(to: user, atomically: true, encoding: .utf8)
        #expect(throws: PromptFault.self) { try PromptSet(folder: folder) }
        try "{{post}}".write(to: user, atomically: true, encoding: .utf8)
        let answer = TeacherAnswer(
            sentiment: "neutral", topic: "daily_life", entities: [.init(type: "person", text: "B")], rationale: "r")
        let invented = #"{"post":"a","style":"plain","answer":\#(answer.json)}"#
        try invented.write(to: folder.appendingPathComponent("examples.jsonl"), atomically: true, encoding: .utf8)
        #expect(throws: PromptFault.self) { try PromptSet(folder: folder) }
    }

    @Test func keysNameWhatDecidesAnAnswer() throws {
        let schedule = PromptSchedule(try PromptSet.embedded())
        let parameters = ChatParameters(model: "m")
        func key(_ post: String, _ parameters: ChatParameters, sample: Int = 0) -> String {
            ChatRequest(post: post, sample: sample, schedule: schedule, parameters: parameters).key
        }
        var warm = parameters
        warm.temperature = 0.7
        let keys = [
            key("a", parameters), key("b", parameters), key("a", parameters, sample: 1), key("a", ChatParameters(model: "n")),
            key("a", warm),
        ]
        #expect(Set(keys).count == keys.count)
        #expect(key("a", parameters) == keys[0])
    }

    @Test func bodiesSpeakTheDialect() throws {
        let request = ChatRequest.example
        let schema = try PromptSet.embedded().taxonomy.schema
        func body(_ dialect: EndpointDialect) throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: request.body(dialect, schema: schema).data) as? [String: Any])
        }
        let full = try body(EndpointDialect())
        #expect(full["max_tokens"] as? Int == 400)
        #expect((full["response_format"] as? [String: Any])?["type"] as? String == "json_schema")
        #expect((full["messages"] as? [Any])?.count == request.messages.count)
        let other = try body(EndpointDialect(structure: .schemaInObject))["response_format"] as? [String: Any]
        #expect(other?["type"] as? String == "json_object")
        #expect((other?["schema"] as? [String: Any])?["type"] as? String == "object")
        var plain = EndpointDialect(structure: .off)
        (plain.tokenField, plain.takesTemperature, plain.takesSeed) = (.maxCompletionTokens, false, false)
        #expect(Set(try body(plain).keys) == ["model", "messages", "max_completion_tokens"])
    }

    @Test func postsComeInTwoForms() throws {
        func read(_ text: String, _ form: PostFile.Form = .auto) throws -> [TeacherPost] {
            try PostFile.read(Data(text.utf8), form: form, name: "posts")
        }
        #expect(
            try read("{\"id\":\"a\",\"text\":\"x\\u0000y\"}\n\n{\"id\":7,\"text\":\"z\"}\r\n{\"text\":\"no id\"}")
                == [TeacherPost(id: "a", text: "xy"), TeacherPost(id: "7", text: "z"), TeacherPost(id: "4", text: "no id")])
        #expect(try read("one\n\ntwo\r\n") == [TeacherPost(id: "1", text: "one"), TeacherPost(id: "3", text: "two")])
        #expect(try read("{ smile", .text) == [TeacherPost(id: "1", text: "{ smile")])
        #expect(throws: PostFileFault.self) { try read("{\"id\":1}") }
        #expect(try read("").isEmpty)
    }
}
