// Runs of the whole loop on a made-up language: it learns, it does not depend on the number of threads, it
// resumes bit for bit, and the folder it writes gives the same answers through the student.
import Evaluation
import Foundation
import ModelFiles
import Testing
import Tokenization
import Training

@Suite struct TrainingRunTests {
    @Test func itLearnsAToyTaskAndKeepsTheBest() throws {
        let toy = try ToyTask()
        let run = try toy.run(options: TrainingOptions(threads: 2, workDirectory: nil))
        try run.run()
        #expect((run.bestMeasurements["mood macro_recall"] ?? 0) > 0.95, "\(run.bestMeasurements)")
        #expect((run.bestMeasurements["names entity_f1"] ?? 0) > 0.9, "\(run.bestMeasurements)")
        let calibration = run.calibration()
        #expect(calibration["mood"]?.abstainThreshold != nil)
        #expect(calibration["names"] == nil)
    }

    /// The hash that a card quotes: of the texts that are read, whatever the seed, and of no others.
    @Test func theTrainingListHasAHash() throws {
        let toy = try ToyTask()
        let recipe = toy.recipe(seed: 1)
        let texts = try recipe.sources.flatMap { source in
            switch try DatasetReader.read(toy.directory.appendingPathComponent(source.path)) {
            case .classes(let rows): rows.map(\.text)
            case .spans(let rows): rows.map { $0.tokens.joined(separator: " ") }
            }
        }
        let expected = SHA256.hexadecimal(Array(texts.map { "\($0.utf8.count):\($0)" }.joined().utf8))
        #expect(try toy.source(recipe).listHash == expected)
        #expect(try toy.source(toy.recipe(seed: 2)).listHash == expected)
        let guarded = try toy.source(recipe, leakGuard: LeakGuard(directory: toy.directory, exceptions: []))
        #expect(guarded.listHash != expected)
    }

    @Test func theNumberOfThreadsDoesNotChangeTheResult() throws {
        let toy = try ToyTask()
        let results = try [1, 2].map { threads in
            let run = try toy.run(options: TrainingOptions(threads: threads, workDirectory: nil, lastStep: 12))
            try run.run()
            return run.parameters.values
        }
        #expect(results[0] == results[1])
    }

    @Test func aResumedRunIsTheSameBitForBit() throws {
        let toy = try ToyTask()
        let whole = try toy.run(options: TrainingOptions(threads: 1, workDirectory: nil, lastStep: 20))
        try whole.run()
        let work = toy.directory.appendingPathComponent("work")
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        let half = try toy.run(options: TrainingOptions(threads: 2, workDirectory: work, lastStep: 9))
        try half.run()
        let rest = try toy.run(
            options: TrainingOptions(threads: 1, workDirectory: work, resume: true, lastStep: 20))
        try rest.run()
        #expect(rest.parameters.values == whole.parameters.values)
        #expect(rest.best.values == whole.best.values)
        let log = try String(contentsOf: work.appendingPathComponent("log.jsonl"), encoding: .utf8)
        #expect(log.split(separator: "\n").count >= 2 && log.contains("gradient_norm"))
    }

    @Test func anAveragedRunLearnsAndResumesBitForBit() throws {
        var toy = try ToyTask()
        toy.averaging = 0.98
        let whole = try toy.run(options: TrainingOptions(threads: 2, workDirectory: nil))
        try whole.run()
        #expect((whole.bestMeasurements["mood macro_recall"] ?? 0) > 0.95, "\(whole.bestMeasurements)")
        #expect(whole.best.values != whole.parameters.values)
        let work = toy.directory.appendingPathComponent("averaged")
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        try toy.run(options: TrainingOptions(threads: 2, workDirectory: work, lastStep: 9)).run()
        let rest = try toy.run(options: TrainingOptions(threads: 2, workDirectory: work, resume: true))
        try rest.run()
        #expect(rest.best.values == whole.best.values)
    }

    @Test func aDamagedOrForeignCheckpointIsRefused() throws {
        let toy = try ToyTask()
        let work = toy.directory.appendingPathComponent("work")
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        try toy.run(options: TrainingOptions(threads: 1, workDirectory: work, lastStep: 2)).run()
        let options = TrainingOptions(threads: 1, workDirectory: work, resume: true, lastStep: 4)
        #expect(throws: TrainingFailure.self) { try toy.run(options: options, seed: 999).run() }
        let checkpoint = work.appendingPathComponent("checkpoint.bin")
        let bytes = try Data(contentsOf: checkpoint)
        for length in [0, 12, bytes.count / 2, bytes.count - 1] {
            try bytes.prefix(length).write(to: checkpoint)
            #expect(throws: TrainingFailure.self, "\(length) bytes") { try toy.run(options: options).run() }
        }
    }
}
