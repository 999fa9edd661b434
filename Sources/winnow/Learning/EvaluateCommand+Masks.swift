// The parts of `winnow evaluate` that are about the mask: noise, several masks at once, rationales, what is removed.
import ArgumentParser
import Evaluation
import Foundation
import Masking
import ModelFiles
import StudentInference
import Training

extension EvaluateCommand {
    /// The task is the mask's, not a head's.
    var isOfMask: Bool { task == "rationale" || task == "removal" }

    func noiseShares() throws -> [Double] {
        guard let noise else { return [] }
        return try noise.split(separator: ",").map { text in
            guard let share = Double(text), (0..<1).contains(share) else {
                throw ValidationError("--noise is \(noise): it takes shares from 0 to below 1, with commas.")
            }
            return share
        }
    }

    func noiseStress(_ share: Double?, _ student: Student) throws(DatasetFailure) -> NoiseStress? {
        guard let share else { return nil }
        let length = noiseUnit.length(student)
        guard let noiseFrom else { return NoiseStress(share: share, length: length) }
        return NoiseStress(share: share, runs: try runs(noiseFrom), length: length)
    }

    private func runs(_ file: String) throws(DatasetFailure) -> [String] {
        let runs = NoiseStress.runs(in: try DatasetReader.texts(URL(fileURLWithPath: file)))
        guard !runs.isEmpty else {
            throw DatasetFailure("\(file) holds no post of noise alone: name a file of raw posts.")
        }
        return runs
    }

    /// Each mask at each share of noise, of each family.
    func sweep(_ student: Student, _ dataset: LabelledDataset, _ shares: [Double]) throws -> String {
        guard case .classes = dataset else {
            throw DatasetFailure("Noise is put into texts with a label, not into rows of tokens: name another file.")
        }
        let length = noiseUnit.length(student)
        var families: [(name: String, noise: (Double) -> NoiseStress)] = [
            ("unseen", { NoiseStress(share: $0, length: length) }),
            ("known", { share in
                NoiseStress(share: share, length: length) { words, seed in
                    var random = RandomSource(seed: seed)
                    return TrainingNoise().pieces(words: words, &random)
                }
            }),
        ]
        if let noiseFrom {
            let runs = try runs(noiseFrom)
            families.append(("real", { NoiseStress(share: $0, runs: runs, length: length) }))
        }
        let chosen = metric ?? (task == "sentiment" ? "macro_recall" : "macro_f1")
        guard ["accuracy", "macro_f1", "macro_recall"].contains(chosen) else {
            throw DatasetFailure("--metric is \(chosen): it must be accuracy, macro_f1 or macro_recall.")
        }
        let sweep = try NoiseSweep.run(
            student, task: task, dataset, shares: shares, metric: chosen, unit: noiseUnit, families: families,
            threshold: maskThreshold
        ) { point in
            StandardError.print(
                "\(point.family) noise \(point.noise), mask \(point.mask): \(String(format: "%.3f", point.value))")
        }
        if let picture { try sweep.picture.write(toFile: picture, atomically: true, encoding: .utf8) }
        return json ? try sweep.json() : sweep.table
    }

    func measureMask(_ student: Student) throws -> String {
        let file = URL(fileURLWithPath: data)
        if task == "removal" {
            var texts = try DatasetReader.texts(file)
            if let first { texts = Array(texts.prefix(first)) }
            let policies: [(name: String, policy: MaskPolicy)]
            if mask == nil {
                policies = MaskComparison.policies(student, texts: texts, threshold: maskThreshold)
            } else {
                let (mode, policy) = try policy(student, texts: texts)
                policies = [(mode.rawValue, policy)]
            }
            let found = RemovalShare.measure(student, policies, texts: texts)
            return json ? try Self.json(found) : found.table
        }
        guard case .classes(var rows) = try DatasetReader.read(file) else {
            throw DatasetFailure("\(data) has rows of tokens: rationales are rows of text, label, start and length.")
        }
        if let first { rows = Array(rows.prefix(first)) }
        let (mode, policy) = try policy(student, texts: rows.map(\.text))
        let found = RationaleShare.measure(student, policy, mask: mode.rawValue, rows)
        guard found.rows > 0 else {
            throw DatasetFailure("\(data) has no row whose span (start, length) is a part of its text: name another file.")
        }
        return json ? try Self.json(found) : found.table
    }
}

extension LabelledDataset {
    /// With texts outside of the classes behind its own rows.
    func adding(outside texts: [String], _ file: String) throws(DatasetFailure) -> LabelledDataset {
        guard case .classes(let rows) = self else {
            throw DatasetFailure("\(file): only heads of classes abstain, and the data have rows of tokens.")
        }
        return .classes(rows + texts.map { LabelledText(text: $0, label: "") })
    }
}
