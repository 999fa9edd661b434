// A teacher's answers as data: what is read, what is refused, what they teach, and that a network learns from them alone.
import Evaluation
import Foundation
import Testing
import Tokenization
import Training

@Suite struct TeacherAnswerTests {
    private func file(_ lines: [String]) throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("answers-\(UUID().uuidString).jsonl")
        try Data(lines.joined(separator: "\n").utf8).write(to: url)
        return url
    }

    private let heads = [
        TaskHeadSpecification(name: "sentiment", kind: .classes, labels: ["low", "high"]),
        TaskHeadSpecification(name: "entities", kind: .spans, labels: ["one"]),
    ]

    @Test func bothFormsAreRead() throws {
        let answers = try TeacherAnswersReader.read(
            file([
                #"{"id":"1","text":"so good","sentiment":{"label":"high","agreement":0.6},"entities":[],"rationale_spans":[[3,4]]}"#,
                #"{"text":"mr fox","heads":{"sentiment":{"low":0.9,"high":0.1}},"entities":[{"type":"one","start":3,"length":3}]}"#,
            ]))
        #expect(answers[0].opinions == ["sentiment": .label("high", agreement: 0.6)])
        #expect(answers[0].entities == [] && answers[0].rationale == [3..<7])
        #expect(answers[1].opinions == ["sentiment": .distribution(["low": 0.9, "high": 0.1])])
        #expect(answers[1].entities == [.init(type: "one", span: 3..<6)])
    }

    /// Soft tags come before the entities; a word inside one of the teacher's goes on in it; what is not listed is outside.
    @Test func softTagsTeachEveryWord() throws {
        let toy = try ToyTask()
        let answers = try TeacherAnswersReader.read(
            file([
                #"{"text":"day mr-fox at","heads":{},"entities":[{"type":"one","start":0,"length":3}],"#
                    + #""words":{"entities":[{"start":4,"length":6,"tags":{"O":0.2,"B-one":0.7,"I-one":0.1}}]}}"#,
                #"{"error":{"code":"malformed_json","message":"no"},"line":2}"#,
            ]))
        #expect(answers.count == 1)
        let lessons = try AnswerLessons(.init(path: "x", entityFactor: 0.5, temperature: 1), heads: heads)
        try lessons.check(answers[0])
        let targets = try lessons.spanTargets(answers[0], toy.tokenizer.tokenize(answers[0].text))
        #expect(targets.count == 1 && targets[0].head == 1 && targets[0].weight == 0.5)
        let inside: [Float] = [0.2, 0, 0.8]
        let expected: [[Float]] = [[1, 0, 0], [0.2, 0.7, 0.1], inside, inside, [1, 0, 0]]
        #expect(targets[0].goals.count == 5)
        for (goal, tags) in zip(targets[0].goals, expected) {
            guard case .softened(let values, _) = goal else { Issue.record("\(goal)"); continue }
            for (value, tag) in zip(values, tags) { #expect(abs(value - tag) < 1e-6) }
        }
        let strange = TeacherAnswer(
            text: "so", opinions: [:], entities: nil, rationale: [],
            words: ["entities": [.init(span: 0..<2, tags: ["B-odd": 1])]])
        #expect(throws: TrainingFailure.self) { try lessons.check(strange) }
    }

    @Test(arguments: [
        #"{"sentiment":{"label":"high"}}"#, "not json secret",
        #"{"text":"secret","entities":[{"type":"one","start":3,"length":9}]}"#,
        #"{"text":"secret","words":{"entities":[{"start":3,"length":9,"tags":{"O":1}}]}}"#,
        #"{"text":"secret","words":{"entities":[{"start":0,"length":2,"tags":{"O":-1}}]}}"#,
        #"{"text":"secret","rationale_spans":[[-1,2]]}"#, #"{"text":"secret","heads":{"sentiment":{"low":0}}}"#,
    ])
    func whatIsNoAnswerIsRefusedWithItsLine(line: String) throws {
        let url = try file([#"{"text":"so good","sentiment":{"label":"high"}}"#, line])
        let failure = #expect(throws: TrainingFailure.self) { try TeacherAnswersReader.read(url) }
        #expect(failure?.description.contains("line 2") == true)
        #expect(failure?.description.contains("secret") == false)
    }

    @Test func agreementWeighsAndNoLabelLiesOutside() throws {
        let lessons = try AnswerLessons(.init(path: "x", weight: 2), heads: heads)
        let certain = TeacherAnswer(
            text: "so", opinions: ["sentiment": .label("high", agreement: 0.5)], entities: nil, rationale: [])
        #expect(try lessons.classTargets(certain) == [HeadTarget(head: 0, tokens: [], goals: [.label(1)], weight: 1)])
        let outside = TeacherAnswer(
            text: "so", opinions: ["sentiment": .label(nil, agreement: 1)], entities: nil, rationale: [])
        #expect(try lessons.classTargets(outside).map(\.goals) == [[.distribution([0.5, 0.5])]])
        let stranger = TeacherAnswer(
            text: "so", opinions: ["sentiment": .label("odd", agreement: 1)], entities: nil, rationale: [])
        #expect(throws: TrainingFailure.self) { try lessons.classTargets(stranger) }
        let typed = TeacherAnswer(
            text: "so", opinions: [:], entities: [.init(type: "odd", span: 0..<2)], rationale: [])
        #expect(throws: TrainingFailure.self) { try lessons.check(typed) }
    }

    /// The gradient of the softened loss against finite differences, and its value where student and teacher agree.
    @Test func theSoftenedLossHasItsGradient() {
        let loss = SoftmaxCrossEntropy()
        let goal = TrainingGoal.softened([0.2, 0.5, 0.3], temperature: 2)
        func value(_ logits: [Float]) -> (Double, [Float]) {
            var copy = logits
            let value = copy.withUnsafeMutableBufferPointer { loss.replaceLogitsByGradient($0, goal: goal, weight: 0.7) }
            return (value, copy)
        }
        let logits: [Float] = [0.4, -0.3, 1.1]
        let (_, gradient) = value(logits)
        for index in logits.indices {
            var (up, down) = (logits, logits)
            up[index] += 1e-2
            down[index] -= 1e-2
            let slope = (value(up).0 - value(down).0) / 2e-2
            #expect(abs(slope - Double(gradient[index])) < 1e-4)
        }
    }

    @Test func aNetworkLearnsFromAnswersAlone() throws {
        let toy = try ToyTask()
        var lines: [String] = []
        let rows = try DatasetReader.read(toy.directory.appendingPathComponent("mood/train.jsonl"))
        guard case .classes(let texts) = rows else { Issue.record("no rows of text"); return }
        for row in texts {
            let high = row.label == "high" ? 0.9 : 0.1
            lines.append(#"{"text":"\#(row.text)","heads":{"mood":{"high":\#(high),"low":\#(1 - high)}}}"#)
        }
        var recipe = toy.recipe(seed: 3)
        recipe.sources = []
        recipe.answers = [.init(path: try file(lines).path, temperature: 2)]
        let run = try toy.run(options: TrainingOptions(threads: 2, workDirectory: nil), recipe: recipe)
        try run.run()
        #expect((run.bestMeasurements["mood macro_recall"] ?? 0) > 0.95, "\(run.bestMeasurements)")
    }
}
