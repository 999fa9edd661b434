// Measures of the mask on a made-up model: equal shares, comparisons row by row, noise, rationales, what is removed. The model is
// untrained: what counts is that the figures are the right ones for whatever it answers.
import Evaluation
import Foundation
import Masking
import StudentInference
import Testing
import Training

@Suite struct MaskMeasureTests {
    private let student: Student
    private let mood: LabelledDataset

    init() throws {
        var toy = try ToyTask()
        toy.mask = MaskRecipe(
            method: .hardConcrete, hidden: 8, rate: 2, gatedShare: 0.8, keptShare: 0.5, budgetWeight: 8, noiseShare: 0.3,
            entityWeight: 1, noiseWeight: 1, rationaleWeight: 0, threshold: 0.5)
        defer { try? FileManager.default.removeItem(at: toy.directory) }
        let run = try toy.run(options: TrainingOptions(threads: 2, workDirectory: nil))
        student = try Student.load(folder: toy.write(run, .float32).path)
        mood = try DatasetReader.read(toy.directory.appendingPathComponent("mood/dev.jsonl"))
    }

    /// The scorer's own middle, so that about half of the words go.
    private var threshold: Float {
        guard let mask = student.learnedMask else { return 0.5 }
        let chances = mood.texts.flatMap { text -> [Float] in
            mask.keepLogits(student.tokenizer.tokenize(text), text: text).map { 1 / (1 + exp(-$0)) }
        }.sorted()
        return chances[chances.count / 2]
    }

    @Test func randomKeepsAsMuchAsLearned() throws {
        let policies = MaskComparison.policies(student, texts: mood.texts, threshold: threshold)
        #expect(policies.map(\.name) == ["none", "rules", "random", "learned"])
        let kept = policies.map { EqualShare.kept(mood.texts, $0.policy, student: student) }
        #expect(kept[0] == 1 && kept[3] < 0.9 && kept[3] > 0.1, "\(kept)")
        #expect(abs(kept[2] - kept[3]) < 0.03, "\(kept)")
    }

    @Test func randomDropsInEachPostWhatLearnedDropsThere() throws {
        let policies = MaskComparison.policies(student, texts: mood.texts, threshold: threshold, eachPost: true)
        let (random, learned) = (try #require(policies.first { $0.name == "random_each" }), policies[policies.count - 1])
        var others = 0
        for text in mood.texts {
            let tokens = student.tokenizer.tokenize(text)
            let (one, other) = (random.policy.apply(to: tokens, text: text), learned.policy.apply(to: tokens, text: text))
            // Every word of this task is one piece, so nothing stands in the way of an equal count.
            #expect((one.kept ?? []).count == (other.kept ?? []).count, "\(text)")
            others += one.kept != other.kept ? 1 : 0
        }
        #expect(others > mood.texts.count / 3)
    }

    @Test func differencesAreThoseOfTheMetrics() throws {
        let comparison = try MaskComparison.run(
            student, task: "mood", mood, threshold: threshold, bootstrap: Bootstrap(resamples: 60))
        #expect(comparison.masks.map(\.mask) == ["none", "rules", "random", "random_each", "learned"])
        #expect(comparison.rows == mood.rowCount && comparison.differences.count == 12)
        for difference in comparison.differences {
            let one = try #require(comparison.masks.first { $0.mask == difference.mask }?.metrics[difference.metric])
            let other = try #require(comparison.masks.first { $0.mask == difference.than }?.metrics[difference.metric])
            #expect(difference.mask == "learned" && abs(difference.value - (one - other)) < 1e-12)
            #expect(difference.interval[0] <= difference.value && difference.value <= difference.interval[1])
        }
        for row in comparison.masks {
            let policy = try #require(
                MaskComparison.policies(student, texts: mood.texts, threshold: threshold, eachPost: true)
                    .first { $0.name == row.mask }?.policy)
            let report = try ModelEvaluator(student: student, policy: policy, mask: row.mask).evaluate(
                task: "mood", mood, bootstrap: Bootstrap(resamples: 40))
            #expect(report.metrics["macro_f1"] == row.metrics["macro_f1"] && report.keptShare == row.keptShare)
        }
        #expect(comparison.table.contains("learned - random"))
    }

    @Test func aSweepMeasuresEachMaskAtEachShare() throws {
        let families: [(name: String, noise: (Double) -> NoiseStress)] = [
            ("unseen", { NoiseStress(share: $0) }),
            ("known", { share in
                NoiseStress(share: share) { words, seed in
                    var random = RandomSource(seed: seed)
                    return TrainingNoise().pieces(words: words, &random)
                }
            }),
        ]
        let sweep = try NoiseSweep.run(
            student, task: "mood", mood, shares: [0, 0.5], metric: "accuracy", unit: .words, families: families,
            threshold: threshold, bootstrap: Bootstrap(resamples: 40))
        #expect(sweep.points.count == 2 * 2 * 4)
        let clean = sweep.points.filter { $0.noise == 0 && $0.mask == "none" }.map(\.value)
        #expect(clean.count == 2 && clean[0] == clean[1])
        let plain = ModelEvaluator(student: student, policy: .none, mask: "none")
        let report = try plain.evaluate(task: "mood", mood, bootstrap: Bootstrap(resamples: 40))
        #expect(clean[0] == report.metrics["accuracy"])
        #expect(sweep.picture.contains("unseen noise") && sweep.table.contains("known noise"))
        let object = try JSONSerialization.jsonObject(with: Data(sweep.json().utf8)) as? [String: Any]
        #expect((object?["points"] as? [[String: Any]])?.count == 16)
    }

    @Test func bothFamiliesOfNoiseAreRepeatableAndOfTheRightSize() {
        let known = NoiseStress(share: 0.5) { words, seed in
            var random = RandomSource(seed: seed)
            return TrainingNoise().pieces(words: words, &random)
        }
        for noise in [known, NoiseStress(share: 0.5)] {
            for row in 0..<40 {
                let noisy = noise.noisy("so the day is bad at here", row: row)
                #expect(noisy == noise.noisy("so the day is bad at here", row: row))
                #expect((14...15).contains(noisy.split(separator: " ").count), "\(noisy)")
            }
        }
    }

    @Test func rationalesAreCountedByWords() {
        let text = "so bad the day @user @user"
        let rows = [
            LabelledText(text: text, label: "low", rationale: 3..<6),
            LabelledText(text: text, label: "low", rationale: 0..<26),
            LabelledText(text: text, label: "low", rationale: 4..<6),
            LabelledText(text: text, label: "low"),
        ]
        let bootstrap = Bootstrap(resamples: 40)
        let all = RationaleShare.measure(student, .none, mask: "none", rows, bootstrap: bootstrap)
        #expect(all.rows == 1 && all.leftOut == 3 && all.gain == 0 && all.metrics["rationale_kept"] == 1)
        // The rules drop the two handles, four words of eight, and none of the span.
        let rules = RationaleShare.measure(student, .rules, mask: "rules", rows, bootstrap: bootstrap)
        #expect(rules.metrics["rationale_kept"] == 1 && rules.metrics["words_kept"] == 0.5 && rules.gain == 0.5)
        #expect(abs((rules.metrics["other_kept"] ?? 0) - 3.0 / 7) < 1e-12)
    }

    @Test func removalNeedsNoLabels() throws {
        let found = RemovalShare.measure(
            student, [("none", .none), ("rules", .rules)], texts: ["so bad @user", "the day", ""],
            bootstrap: Bootstrap(resamples: 40))
        #expect(found.rows == 3 && found.masks[0].tokensRemoved == 0 && found.masks[0].postsTouched == 0)
        let handles = try #require(found.masks[1].forms.first { $0.form == .handle })
        #expect(handles.removed == 2 && handles.tokens == 2)
        let words = try #require(found.masks[1].forms.first { $0.form == .word })
        #expect(words.removed == 0 && words.tokens == 4 && found.table.contains("handle"))
        #expect(found.masks[1].tokensRemoved == 2.0 / 6 && abs(found.masks[1].postsTouched - 1.0 / 3) < 1e-12)
    }
}
