// The worker from text to enrichment: entities, abstention, and texts that break careless code.
import Foundation
import Masking
import ModelFiles
import Posts
import StudentInference
import Testing

@Suite struct StudentWorkerTests {
    private func worker(_ mask: MaskPolicy = .rules) throws -> StudentWorker {
        StudentWorker(student: try Student.load(folder: Golden.tinyFolder), mask: mask)
    }

    private static let hostile: [String] = [
        "", " ", "\n", "\u{0}", "🔥", String(repeating: "🔥", count: 5_000), String(repeating: "a", count: 100_000),
        String(repeating: "hello ", count: 20_000), String(repeating: "e\u{301}", count: 10_000),
        "\u{301}\u{301}\u{301}", "\u{200B}\u{200B}", "\u{202E}abc\u{202C}", "שלום עולם مرحبا", "\u{FEFF}",
        String(repeating: "@a ", count: 3_000), String(repeating: "#", count: 3_000), "&amp;&amp;&amp;", "RT", "RT @",
        "@", "via",
        "https://", "https://t.co/" + String(repeating: "x", count: 50_000), "\u{10FFFF}\u{FFFF}\u{E000}",
        "👨‍👩‍👧‍👦👨‍👩‍👧‍👦", String(repeating: "한", count: 300), "!!!!!!",
        "ﷺ".appending(String(repeating: "ﷺ", count: 400)),
    ]

    @Test(arguments: [MaskPolicy.none, .rules, .random(keptShare: 0.4), .random(keptShare: 0)])
    func everyTextHasAnAnswer(mask: MaskPolicy) throws {
        let worker = try worker(mask)
        let requests = (Self.hostile + (try Golden.tiny().texts)).map {
            EnrichmentRequest(post: worker.prepare($0), text: $0, language: "en")
        }
        for (request, enrichment) in zip(requests, worker.enrich(requests)) {
            let scalars = Array(request.text.unicodeScalars)
            #expect(enrichment.sentiment?.scores.allSatisfy { $0.score.isFinite } == true)
            #expect((0...1).contains(enrichment.mask.keptShare))
            var end = -1
            for span in enrichment.mask.dropped {
                #expect(span.start > end - 1 && span.length > 0 && span.end <= scalars.count)
                end = span.end
            }
            for entity in enrichment.entities {
                #expect(entity.span.end <= scalars.count)
                let text = String(String.UnicodeScalarView(scalars[entity.span.start..<entity.span.end]))
                #expect(entity.text.unicodeScalars.elementsEqual(text.unicodeScalars))
                #expect((0...1).contains(entity.score))
            }
        }
    }

    /// However much stood before, between and behind.
    @Test func noiseThatIsNotReadChangesNothing() throws {
        let worker = try worker(.rules)
        let links = (0..<6).map { "https://t.co/x\($0)yz" }.joined(separator: " ")
        let texts = ["hello world this is good", "\(links) hello world this is good", "@a @b hello world this is good \(links)"]
        let answers = worker.enrich(texts.map { EnrichmentRequest(post: worker.prepare($0), text: $0) })
        #expect(answers[1].mask.keptShare < 0.5 && answers[2].mask.keptShare < 0.5)
        let expected = try #require(answers[0].sentiment).scores.map(\.score)
        for answer in answers.dropFirst() {
            let scores = try #require(answer.sentiment).scores.map(\.score)
            #expect(Golden.difference(scores, expected) < 1e-5)
            #expect(answer.entities.map(\.text) == answers[0].entities.map(\.text))
        }
    }

    @Test func theHeadAbstainsBelowItsThreshold() throws {
        let worker = try worker(.none)
        let texts = try Golden.tiny().texts
        let threshold = try #require(worker.student.configuration.heads[0].abstainThreshold)
        var abstained = 0
        for enrichment in worker.enrich(texts.map { EnrichmentRequest(post: worker.prepare($0), text: $0) }) {
            let answer = try #require(enrichment.sentiment)
            let best = try #require(answer.scores.max { $0.score < $1.score })
            #expect(answer.label == (best.score < threshold ? nil : best.label))
            #expect(abs(answer.scores.reduce(0) { $0 + $1.score } - 1) < 1e-5)
            if answer.label == nil { abstained += 1 }
        }
        #expect(abstained > 0 && abstained < texts.count)
    }

    @Test func tagsNeverContinueWhatDidNotBegin() {
        let decoder = SpanDecoder(labels: ["O", "B-x", "I-x", "B-y", "I-y"])
        // Word by word: I-x without a beginning, then B-x I-y (impossible), then I-x I-x after B-x.
        let rows: [[Float]] = [
            [0.3, 0.1, 0.6, 0, 0], [0.1, 0.8, 0.1, 0, 0], [0.05, 0, 0.35, 0, 0.6], [0.1, 0, 0.9, 0, 0],
            [0.9, 0.1, 0, 0, 0], [0.2, 0, 0, 0.8, 0], [0.3, 0, 0, 0.7, 0],
        ]
        let runs = rows.flatMap { $0 }.withUnsafeBufferPointer { decoder.runs($0, words: rows.count) }
        #expect(runs.map(\.words) == [1..<4, 5..<6, 6..<7])
        #expect(runs.map(\.type) == ["x", "y", "y"])
        #expect(abs(runs[0].score - (0.8 + 0.35 + 0.9) / 3) < 1e-6)
        #expect(decoder.runs(UnsafeBufferPointer(start: nil, count: 0), words: 0).isEmpty)
    }

    /// A model may read longer texts than a batch of several posts holds: they go alone.
    @Test func aTextLongerThanABatchIsRead() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("long-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(at: URL(fileURLWithPath: Golden.tinyFolder), to: folder)
        let file = folder.appendingPathComponent("config.json")
        let configuration = try String(contentsOf: file, encoding: .utf8)
        let longer = configuration.replacing(#/"maximum_tokens": *128/#, with: #""maximum_tokens": 160"#)
        #expect(longer != configuration)
        try longer.write(to: file, atomically: true, encoding: .utf8)
        let worker = StudentWorker(student: try Student.load(folder: folder.path), mask: .none)
        let texts = ["a short one", String(repeating: "hello ", count: 400), "another short one"]
        let posts = texts.map(worker.prepare)
        #expect(posts.map(\.tokenCount).max() == 160)
        let together = worker.hiddenStates(posts)
        #expect(together == posts.map { worker.hiddenStates([$0])[0] })
        #expect(together[1].count == 160 * 32)
    }
}
