// What the trainer wrote, the student reads: the same answers through the stream's own code path, in full precision and in int8,
// and the same measures by the evaluator as by the trainer.
import Evaluation
import Foundation
import Posts
import StudentInference
import Testing
import Training

@Suite struct ModelFolderTests {
    @Test(arguments: ModelFolderWriter.Precision.allCases)
    func theStudentAnswersAsTheTrainerMeasured(precision: ModelFolderWriter.Precision) throws {
        let toy = try ToyTask()
        let run = try toy.run(options: TrainingOptions(threads: 2, workDirectory: nil))
        try run.run()
        let student = try Student.load(folder: toy.write(run, precision).path)
        #expect(student.configuration.heads.map(\.name) == ["mood", "names"])

        let evaluator = ModelEvaluator(student: student, policy: .none, mask: "none")
        let mood = try DatasetReader.read(toy.directory.appendingPathComponent("mood/dev.jsonl"))
        let names = try DatasetReader.read(toy.directory.appendingPathComponent("names/dev.jsonl"))
        let moodReport = try evaluator.evaluate(task: "mood", mood)
        let namesReport = try evaluator.evaluate(task: "names", names)
        #expect(moodReport.metrics["macro_recall"] == run.bestMeasurements["mood macro_recall"])
        #expect(moodReport.kind == "classes" && moodReport.rows == mood.rowCount && moodReport.mask == "none")
        #expect(namesReport.metrics["entity_f1"] == run.bestMeasurements["names entity_f1"])
        #expect((moodReport.metrics["ece"] ?? 1) < 0.1)

        let texts = ["so bad at mr fox", "good day here"]
        let worker = StudentWorker(student: student, mask: .none)
        let answers = worker.answer(texts.map { EnrichmentRequest(post: worker.prepare($0), text: $0) })
        let network = NetworkWorker(network: run.network)
        let temperature = student.heads[0].settings.temperature
        for (text, answer) in zip(texts, answers) {
            guard case .classes(let classification) = answer[0] else {
                Issue.record("the head mood gave no class")
                continue
            }
            let ids = try toy.tokenizer.tokenize(text).tokens.map(\.id)
            let example = TrainingExample(ids: ids, positions: ids.indices.map { Int32($0) }, targets: [])
            let logits = network.logits(head: 0, [(example, [])], parameters: run.best.pointer)[0][0]
            let expected = logits.map { $0 / temperature }.withUnsafeBufferPointer {
                SoftmaxCrossEntropy.probabilities($0)
            }
            for (score, value) in zip(classification.scores, expected) {
                #expect(abs(Double(score.score) - value) < (precision == .float32 ? 1e-4 : 2e-2))
            }
        }
    }

    /// A head whose `O` stands too high names little; the fit on development data brings the names back.
    @Test func aSpanBiasIsFittedOnDevelopmentData() throws {
        let toy = try ToyTask()
        let run = try toy.run(options: TrainingOptions(threads: 2, workDirectory: nil))
        try run.run()
        let recipe = toy.recipe(seed: 21)
        let set = try DevelopmentSet(
            recipe.development[1], recipe: recipe, directory: toy.directory, tokenizer: try toy.tokenizer)
        let trained = set.measure(run.group, parameters: run.best)
        let bias = try #require(run.network.table["heads.names.output.bias"]).offset
        var before = trained
        for _ in 0..<40 where before > 0.7 * trained {
            run.best.pointer[bias] += 0.5
            before = set.measure(run.group, parameters: run.best)
        }
        #expect(trained > 0.9 && before < 0.7 * trained)
        run.fitSpanBiases()
        #expect(set.measure(run.group, parameters: run.best) > before + 0.1)
        #expect(set.outsideShift(run.group, parameters: run.best) == 0)
    }

    @Test func aFolderOfOursStartsAnotherRun() throws {
        let toy = try ToyTask()
        let run = try toy.run(options: TrainingOptions(threads: 1, workDirectory: nil, lastStep: 3))
        try run.run()
        let start = try StartingWeights(directory: toy.write(run, .float32))
        #expect(start.shape == toy.shape)
        let loaded = run.network.startingParameters(seed: 77)
        try start.load(into: loaded, of: run.network)
        #expect(loaded.values == run.best.values)
    }

    @Test func whatTheModelCannotMeasureIsRefused() throws {
        let toy = try ToyTask()
        let run = try toy.run(options: TrainingOptions(threads: 1, workDirectory: nil, lastStep: 1))
        try run.run()
        let student = try Student.load(folder: toy.write(run, .int8).path)
        let evaluator = ModelEvaluator(student: student, policy: .none, mask: "none")
        let texts = LabelledDataset.classes([LabelledText(text: "so", label: "sideways")])
        let tags = LabelledDataset.spans([TaggedTokens(tokens: ["so"], tags: ["B-two"])])
        for (task, data) in [("mood", texts), ("names", tags), ("names", texts), ("mood", tags), ("topic", texts)] {
            #expect(throws: DatasetFailure.self) { try evaluator.evaluate(task: task, data) }
        }
    }

    @Test func mentionsCountForTheTokensTheyTouch() {
        func mention(_ start: Int, _ length: Int) -> EntityMention {
            EntityMention(type: "x", text: "", span: CodePointSpan(start: start, length: length), score: 1)
        }
        // "@fox in New Ulm": tokens at 0, 5, 8, 12.
        let tokens = ["@fox", "in", "New", "Ulm"]
        #expect(ModelEvaluator.chunks(of: [mention(1, 3)], tokens: tokens) == [EntityChunk(type: "x", tokens: 0..<1)])
        #expect(ModelEvaluator.chunks(of: [mention(8, 7)], tokens: tokens) == [EntityChunk(type: "x", tokens: 2..<4)])
        #expect(
            ModelEvaluator.chunks(of: [mention(0, 1), mention(1, 3)], tokens: tokens)
                == [EntityChunk(type: "x", tokens: 0..<1)])
    }
}
