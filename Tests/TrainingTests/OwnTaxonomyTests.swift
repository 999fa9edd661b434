// Labels of one's own: files as people have them, the split, the fit of a head, and a folder with one head more.
import Evaluation
import Foundation
import ModelFiles
import StudentInference
import Testing
import Training

@Suite struct OwnTaxonomyTests {
    private func file(_ content: String, _ name: String = "posts.csv") throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("winnow-own-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let url = folder.appendingPathComponent(name)
        try Data(content.utf8).write(to: url)
        return url
    }

    private func rows(_ content: String, _ name: String = "posts.csv") throws -> [String] {
        try ExampleFile(file(content, name), textColumn: "text", labelColumn: "label").rows.map { "\($0.label): \($0.text)" }
    }

    private func refusal(_ content: String, _ name: String = "posts.csv") -> String {
        let failure = #expect(throws: TrainingFailure.self) { try rows(content, name) }
        return failure?.description ?? ""
    }

    @Test func commaSeparatedValuesAreReadAsTheStandardSays() throws {
        let csv = "\u{FEFF}id,text,label\r\n1,plain words ,a\r\n\r\n2,\"with, comma\",b\n"
            + "3,\"two\nlines and \"\"quotes\"\"\",a\n4,,b\n5,\"an accent after a comma,\u{301}\",b\n6,it is 5\" wide,a"
        #expect(
            try rows(csv) == [
                "a: plain words", "b: with, comma", "a: two\nlines and \"quotes\"", "b: an accent after a comma,\u{301}",
                "a: it is 5\" wide",
            ])
        #expect(try ExampleFile(file(csv), textColumn: "text", labelColumn: "label").leftOut == 1)
        #expect(try CommaSeparatedValues.read(Array("a,\n\"\",b".utf8)).map(\.fields) == [["a", ""], ["", "b"]])
        #expect(try CommaSeparatedValues.read([]).isEmpty)
    }

    @Test func objectsAreReadToo() throws {
        let lines = #"{"text":"one","label":"a"}"# + "\n\n" + #"{"text":"two","label":7}"# + "\n" + #"{"text":null,"label":"a"}"#
        #expect(try rows(lines, "posts.jsonl") == ["a: one", "7: two"])
        let named = try ExampleFile(
            file(#"{"body":"x","mood":"a"}"# + "\n" + #"{"body":"y","mood":"b"}"#, "posts.jsonl"), textColumn: "body",
            labelColumn: "mood")
        #expect(named.labels == ["a", "b"])
    }

    @Test func whatCannotBeReadIsRefusedWithItsPlaceAndWithoutItsText() {
        let cases = [
            ("text,label\nsecret,a\nsecret,b,c", "line 3: has 3 fields"), ("text,label\n\"secret,a", "line 2"),
            ("text,label\n\"sec\"ret,a", "line 2"), ("body,label\nsecret,a", "no column text"),
            ("text,text,label\nsecret,x,a", "more than one column"), ("text,label\nsecret,a", "at least two labels"),
            ("", "is empty"),
        ]
        for (content, part) in cases {
            let sentence = refusal(content)
            #expect(sentence.contains(part) && !sentence.contains("secret") && !sentence.contains("\n"), "\(sentence)")
        }
        #expect(refusal("secret", "posts.jsonl").contains("line 1: is no JSON object"))
        #expect(refusal(#"{"text":"secret"}"#, "posts.jsonl").contains("--label-column"))
        let many = "text,label\n" + (0..<300).map { "secret,label\($0)" }.joined(separator: "\n")
        #expect(refusal(many).contains("300 different labels"))
        let bytes = Array("text,label\n".utf8) + [0xFF, 0x2C, 0x61]
        #expect(throws: TrainingFailure.self) { try CommaSeparatedValues.read(bytes) }
    }

    @Test func theSplitIsSeededStratifiedAndKeepsCopiesTogether() {
        let examples = (0..<200).map { LabelledText(text: "post number \($0 / 2)", label: $0 / 2 % 4 == 0 ? "rare" : "often") }
        let split = ExampleSplit(examples, seed: 3)
        #expect(split.training.count + split.development.count == 200)
        #expect(Set(split.training.map(\.text)).isDisjoint(with: split.development.map(\.text)))
        #expect(split.development.count { $0.label == "rare" } == 10)
        #expect(split.development == ExampleSplit(examples, seed: 3).development)
        #expect(split.development != ExampleSplit(examples, seed: 4).development)
        let single = ExampleSplit([LabelledText(text: "x", label: "a"), LabelledText(text: "y", label: "b")], seed: 1)
        #expect(single.development.isEmpty && single.training.count == 2)
    }

    /// Three clouds, one of them rare, in eight columns of very different scales.
    private func clouds(_ count: Int, stream: UInt64) -> LabelledFeatures {
        var random = RandomSource(seed: 6, stream: stream)
        let labels = (0..<count).map { $0 % 10 == 0 ? 2 : $0 % 2 }
        let values = FloatBlock(count: count * 8)
        for (row, label) in labels.enumerated() {
            for column in 0..<8 {
                let centre: Float = column % 3 == label ? 2 : 0
                values.pointer[row * 8 + column] = (centre + random.normal()) * (column == 0 ? 1000 : 1) + 5
            }
        }
        return LabelledFeatures(values: values, width: 8, labels: labels)
    }

    @Test func aHeadIsFittedToWhatFeaturesSay() {
        let fitted = HeadFit.fit(clouds(600, stream: 1), development: clouds(300, stream: 2), labelCount: 3)
        #expect((fitted.macroF1 ?? 0) > 0.93 && (fitted.accuracy ?? 0) > 0.93, "\(fitted.macroF1 ?? 0)")
        #expect((0.2...5).contains(fitted.temperature))
        #expect((fitted.weight + fitted.bias).allSatisfy { $0.isFinite })
        let again = HeadFit.fit(clouds(600, stream: 1), development: clouds(300, stream: 2), labelCount: 3)
        #expect(again.weight == fitted.weight && again.bias == fitted.bias)
        let unjudged = HeadFit.fit(
            clouds(30, stream: 1), development: LabelledFeatures(values: FloatBlock(count: 0), width: 8, labels: []),
            labelCount: 3)
        #expect(unjudged.macroF1 == nil && unjudged.temperature == 1)
    }

    @Test func aFolderGetsOneHeadMoreAndKeepsTheOthers() throws {
        let toy = try ToyTask()
        defer { try? FileManager.default.removeItem(at: toy.directory) }
        let run = try toy.run(options: TrainingOptions(threads: 1, workDirectory: nil))
        let source = try ModelFolder(path: toy.write(run, .int8).path)
        let width = source.configuration.encoder.width
        let head = HeadFit.fit(
            clouds(60, stream: 1).cut(to: width), development: clouds(30, stream: 2).cut(to: width), labelCount: 3)
        let target = toy.directory.appendingPathComponent("grown").path
        try HeadGraft(source, name: "weather", labels: ["sun", "rain", "snow"], head: head).write(to: target, name: "grown")
        let before = try Student(source), after = try Student.load(folder: target)
        #expect(after.heads.map(\.settings.name) == ["mood", "names", "weather"])
        #expect(after.configuration.name == "grown" && after.version.weightsHash != before.version.weightsHash)
        let text = "so good mr fox"
        func answers(_ student: Student) -> [HeadAnswer] {
            let worker = StudentWorker(student: student, mask: .none)
            return worker.answer([EnrichmentRequest(post: worker.prepare(text), text: text)])[0]
        }
        #expect(Array(answers(after).prefix(2)) == answers(before))
        guard case .classes(let weather) = answers(after)[2] else { throw TrainingFailure("no classes") }
        #expect(weather.scores.map(\.label) == ["sun", "rain", "snow"])

        let replaced = toy.directory.appendingPathComponent("replaced").path
        try HeadGraft(source, name: "mood", labels: ["a", "b", "c"], head: head).write(to: replaced, name: "replaced")
        #expect(try Student.load(folder: replaced).heads.map(\.settings.labels.count) == [3, 3])
        #expect(throws: ModelFileFault.self) {
            try HeadGraft(source, name: "mood", labels: ["a", "b", "c"], head: head).write(to: source.path, name: "x")
        }
    }
}

extension LabelledFeatures {
    /// The features in a model's width: repeated.
    fileprivate func cut(to newWidth: Int) -> LabelledFeatures {
        let values = FloatBlock(count: labels.count * newWidth)
        for row in labels.indices {
            for column in 0..<newWidth {
                values.pointer[row * newWidth + column] = self.values.pointer[row * width + column % width]
            }
        }
        return LabelledFeatures(values: values, width: newWidth, labels: labels)
    }
}
