// Noise of both families: what is put in is marked or counted, the post itself is left whole, and the same seed puts in the
// same.
import Evaluation
import Foundation
import Testing
import Training

@Suite struct NoiseTests {
    private let post = "the new bakery on our street is wonderful and the bread is warm"

    private func isSubsequence(_ words: [Substring], of text: String) -> Bool {
        var rest = words[...]
        for word in text.split(separator: " ") where word == rest.first { rest = rest.dropFirst() }
        return rest.isEmpty
    }

    @Test(arguments: [0.1, 0.3, 0.5, 0.7])
    func stressPutsInTheShareAskedForAndKeepsThePost(share: Double) {
        let stress = NoiseStress(share: share)
        for row in 0..<200 {
            let noisy = stress.noisy(post, row: row)
            let words = noisy.split(separator: " ").count
            #expect(isSubsequence(post.split(separator: " "), of: noisy))
            #expect(abs(Double(words - 13) / Double(words) - share) < 0.12, "\(words) words")
            #expect(noisy == stress.noisy(post, row: row))
        }
        #expect(Set((0..<200).map { stress.noisy(post, row: $0) }).count > 100)
    }

    /// Letters stand for tokens: words of one to thirty of them.
    @Test(arguments: [0.25, 0.5])
    func stressCanBeCountedInAnotherUnitThanWords(share: Double) {
        let letters: NoiseStress.Length = { $0.count { $0 != " " } }
        let own = letters(post)
        for runs in [[], ["@a @bcd", "http://a.example/0123456789 #x", "#one #two RT @somebody"]] {
            let stress = NoiseStress(share: share, runs: runs, length: letters)
            let shares = (0..<200).map { row -> Double in
                let noisy = stress.noisy(post, row: row)
                #expect(isSubsequence(post.split(separator: " "), of: noisy))
                #expect(letters(noisy) > own)
                return Double(letters(noisy) - own) / Double(letters(noisy))
            }
            #expect(abs(shares.reduce(0, +) / 200 - share) < 0.03)
            #expect(shares.allSatisfy { abs($0 - share) < 0.25 })
        }
    }

    @Test func runsAreThePostsWithoutWords() {
        let runs = NoiseStress.runs(in: ["@a @b http://x.example/1", "#one #two 🎉", "hello @a", "@a", "RT @a: !!!"])
        #expect(runs == ["@a @b http://x.example/1", "#one #two 🎉", "RT @a: !!!"])
        #expect(NoiseStress(share: 0.5, runs: ["@only @this"]).noisy("one two", row: 3).contains("@only"))
        #expect(NoiseStress(share: 0).noisy(post, row: 1) == post)
    }

    @Test(arguments: [false, true])
    func marksStayWithTheirWords(manySentences: Bool) throws {
        var random = RandomSource(seed: 5)
        let noise = TrainingNoise(hasManySentences: manySentences)
        for _ in 0..<200 {
            var marked = MarkedText("so good 🎉 today", rationale: 3..<7)
            marked.insert(noise.pieces(words: 6, &random), &random)
            let view = zip(marked.scalars, marked.marks)
            func text(_ goal: MaskGoal) -> String {
                String(String.UnicodeScalarView(view.filter { $0.1 == goal }.map(\.0)))
            }
            #expect(text(.rationale) == "good")
            #expect(text(.besides) == "so  🎉 today")
            #expect(text(.drop).split(separator: " ").count >= 6)
            #expect(marked.text.unicodeScalars.count == marked.marks.count)
        }
    }

    /// Else the measure under unseen noise would be one of noise that was learned.
    @Test func trainingAndMeasureShareNoSentence() {
        func triples(_ templates: [String]) -> Set<String> {
            Set(
                templates.flatMap { template -> [String] in
                    let words = template.lowercased().split { !$0.isLetter && !$0.isNumber }
                    return words.indices.dropLast(2).map { words[$0...$0 + 2].joined(separator: " ") }
                })
        }
        let learned = triples(TrainingNoiseTemplates.few + TrainingNoiseTemplates.many)
        let measured = triples(NoiseStress.templates)
        #expect(learned.count > 300 && measured.count > 30)
        #expect(learned.isDisjoint(with: measured), "\(learned.intersection(measured))")
    }
}
