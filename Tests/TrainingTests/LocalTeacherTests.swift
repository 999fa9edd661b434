// A local model teaches while the student trains: exact gradients of every way of matching, also where a mask hides words from the
// student; what a teacher that is the student says; what is refused; and that a shallow student learns from a deep one alone.
import Foundation
import Masking
import ModelFiles
import Testing
import Tokenization
import Training

/// A student of two layers and a teacher of three, both random, and texts of which the teacher reads more than the student.
private struct TaughtNetwork {
    let network: StudentNetwork
    let parameters: FloatBlock
    let examples: [TrainingExample]

    static let pairs = [TeacherRecipe.LayerPair(student: 1, teacher: 2), .init(student: 2, teacher: 3)]

    static func recipe(
        _ measure: TeacherRecipe.HiddenMeasure, layers: [TeacherRecipe.LayerPair] = pairs + [.init(student: 0, teacher: 0)]
    ) -> TeacherRecipe {
        TeacherRecipe(
            model: "", hidden: .init(measure: measure, weight: 0.8, layers: layers),
            relations: .init(of: [.attention, .values, .queries, .keys], weight: 1.3, layers: pairs),
            heads: .init(weight: 0.5, temperature: 2, wordFactor: 0.4))
    }

    static func random(_ network: StudentNetwork, seed: UInt64) -> FloatBlock {
        let parameters = network.startingParameters(seed: seed)
        var random = RandomSource(seed: seed, stream: 5)
        for index in 0..<parameters.count { parameters.pointer[index] += 0.25 * random.normal() }
        return parameters
    }

    init(_ recipe: TeacherRecipe, gated: Bool = false) {
        let tiny = TinyNetwork()
        var deep = tiny.network.encoder.shape
        deep.layers = 3
        let specifications = tiny.network.heads.map(\.specification)
        let teacher = StudentNetwork(
            shape: deep, rates: EncoderRates(), heads: specifications, headRate: 1, losses: tiny.network.losses)
        let mask = MaskRecipe(
            method: .annealed, hidden: 3, rate: 1, gatedShare: 1, keptShare: 0.3, budgetWeight: 2, noiseShare: 0,
            entityWeight: 0.7, noiseWeight: 0.6, rationaleWeight: 0.5, threshold: 0.5)
        network = StudentNetwork(
            shape: tiny.network.encoder.shape, rates: EncoderRates(), heads: specifications, headRate: 1,
            losses: tiny.network.losses, mask: gated ? mask : nil,
            teacher: LocalTeacher(
                recipe, network: teacher, parameters: Self.random(teacher, seed: 31), heads: [0, 1]))
        parameters = Self.random(network, seed: 32)
        let whole: [(ids: [Int32], places: [Int], starts: [Int])] = [
            ([2, 5, 6, 1, 9, 3], [0, 1, 3, 4, 5], [1, 3]), ([2, 8, 10, 3], [0, 2, 3], [1]), ([2, 7, 7, 3], [0, 1, 2, 3], [2]),
        ]
        examples = zip(tiny.examples, whole).map { example, text in
            TrainingExample(
                ids: example.ids, positions: example.positions, targets: example.targets,
                mask: gated
                    ? MaskInputs(
                        words: example.ids.indices.map { $0 == 0 ? -1 : Int32($0) },
                        features: [Float](repeating: 0.3, count: example.ids.count * MaskFeatures.count),
                        goals: example.ids.map { _ in .unknown }, isGated: true) : nil,
                reading: TeacherReading(
                    ids: text.ids, positions: text.ids.indices.map { Int32($0) }, places: text.places, wordStarts: text.starts))
        }
    }

    func loss(dropout: Dropout = .none) -> (losses: [Double], gradient: [Float]) {
        let worker = NetworkWorker(network: network)
        let losses = worker.learn(
            examples, parameters: parameters.pointer, scale: 0.25, dropout: dropout, draw: GateDraw(seed: 3, progress: 0.4))
        return (losses, worker.gradients.values)
    }
}

@Suite struct LocalTeacherTests {
    @Test(arguments: [
        (TeacherRecipe.HiddenMeasure.squared, false, 0 as Float), (.cosine, false, 0.25), (.squared, true, 0), (.cosine, true, 0),
    ])
    func everyParameterAgreesWithFiniteDifferences(measure: TeacherRecipe.HiddenMeasure, gated: Bool, probability: Float) {
        let taught = TaughtNetwork(TaughtNetwork.recipe(measure), gated: gated)
        let dropout = Dropout(probability: probability, seed: 12)
        let exact = taught.loss(dropout: dropout).gradient
        let step: Float = 2e-3
        var worst: (name: String, difference: Double) = ("", 0)
        for entry in taught.network.table.entries {
            for index in entry.offset..<entry.offset + entry.count {
                let value = taught.parameters.pointer[index]
                taught.parameters.pointer[index] = value + step
                let above = taught.loss(dropout: dropout).losses.reduce(0, +)
                let upper = taught.parameters.pointer[index]
                taught.parameters.pointer[index] = value - step
                let below = taught.loss(dropout: dropout).losses.reduce(0, +)
                let difference = Double(upper - taught.parameters.pointer[index])
                taught.parameters.pointer[index] = value
                let numeric = (above - below) / difference
                let error = abs(numeric - Double(exact[index])) / max(0.1, abs(numeric))
                if error > worst.difference { worst = (entry.name, error) }
            }
        }
        print("\(measure) gated \(gated): largest relative difference to central differences: \(worst)")
        #expect(worst.difference < 2e-3, "in \(worst.name)")
    }

    /// The matching has a gradient of its own in every part of the student's layers that it reaches.
    @Test func matchingMovesTheEncoder() {
        let recipe = TaughtNetwork.recipe(.squared)
        let with = TaughtNetwork(recipe).loss()
        let without = TaughtNetwork(
            TeacherRecipe(model: "", heads: recipe.heads)).loss()
        let names = TaughtNetwork(recipe).network.lossNames
        #expect(names.last == "teacher" && with.losses.count == names.count)
        #expect(with.losses.dropLast() == without.losses.dropLast() && without.losses.last == 0 && (with.losses.last ?? 0) > 0.1)
        #expect(zip(with.gradient, without.gradient).contains { abs($0 - $1) > 0.01 })
    }

    /// A teacher with the student's own numbers, reading the same tokens, is at no distance.
    @Test(arguments: [TeacherRecipe.HiddenMeasure.squared, .cosine])
    func aTeacherThatIsTheStudentIsAtNoDistance(measure: TeacherRecipe.HiddenMeasure) {
        let tiny = TinyNetwork()
        let layers = [TeacherRecipe.LayerPair(student: 1, teacher: 1), .init(student: 2, teacher: 2)]
        let recipe = TeacherRecipe(
            model: "", hidden: .init(measure: measure, weight: 1, layers: layers),
            relations: .init(of: [.attention, .values], weight: 1, layers: layers))
        let taught = StudentNetwork(
            shape: tiny.network.encoder.shape, rates: EncoderRates(), heads: tiny.network.heads.map(\.specification), headRate: 1,
            losses: tiny.network.losses,
            teacher: LocalTeacher(recipe, network: tiny.network, parameters: tiny.parameters, heads: []))
        let worker = NetworkWorker(network: taught)
        let losses = worker.learn(tiny.examples, parameters: tiny.parameters.pointer, scale: 0.25, dropout: .none)
        #expect(abs(losses.last ?? 1) < 1e-5)
        for (one, other) in zip(worker.gradients.values, tiny.gradient()) { #expect(abs(one - other) < 1e-4) }
    }

    private func teacherFolder(_ toy: ToyTask) throws -> URL {
        let run = try toy.run(options: TrainingOptions(threads: 2, workDirectory: nil))
        try run.run()
        #expect((run.bestMeasurements["mood macro_recall"] ?? 0) > 0.95)
        return try toy.write(run, .float32)
    }

    /// Posts without any label, one layer of the teacher's two to begin with, everything else from the teacher.
    @Test func aShallowStudentLearnsFromTheTeacherAlone() throws {
        let toy = try ToyTask()
        defer { try? FileManager.default.removeItem(at: toy.directory) }
        let folder = try teacherFolder(toy)
        var recipe = toy.recipe(seed: 5)
        recipe.sources = []
        recipe.encoder.takeLayers = [1]
        recipe.schedule.epochs = 4
        recipe.schedule.maskedShare = 0.3
        recipe.schedule.masking = .random
        recipe.teacher = TeacherRecipe(
            model: folder.path, hidden: .init(measure: .cosine, weight: 0.5, layers: [.init(student: 1, teacher: 2)]),
            relations: .init(of: [.values], weight: 0.5, layers: [.init(student: 1, teacher: 2)]),
            heads: .init(weight: 1, temperature: 2), posts: [.init(path: "mood/train.jsonl")])
        let log = try TrainingLog(file: nil) { _ in }
        // Random weights to start from: what is learned is the teacher's.
        let start = try toy.write(
            try toy.run(options: TrainingOptions(threads: 1, workDirectory: nil, lastStep: 0), seed: 99), .int8)
        let fresh = start.deletingLastPathComponent().appendingPathComponent("fresh")
        try FileManager.default.moveItem(at: start, to: fresh)
        var job = TrainingJob(
            recipe: recipe, data: toy.directory, startFrom: fresh, options: TrainingOptions(threads: 2, workDirectory: nil),
            log: log)
        job.keepsLeaks = true
        let result = try job.run()
        #expect(result.writer.network.encoder.shape.layers == 1)
        #expect((result.development["mood macro_recall"] ?? 0) > 0.9, "\(result.development)")
    }

    @Test func takenLayersAreTheFilesOwn() throws {
        let toy = try ToyTask()
        defer { try? FileManager.default.removeItem(at: toy.directory) }
        let run = try toy.run(options: TrainingOptions(threads: 1, workDirectory: nil, lastStep: 1))
        try run.run()
        let whole = try StartingWeights(directory: try toy.write(run, .float32))
        let taken = try whole.taking([1])
        #expect(taken.shape.layers == 1 && whole.shape.layers == 2)
        let network = StudentNetwork(recipe: toy.recipe(seed: 5), shape: taken.shape)
        let parameters = network.startingParameters(seed: 5)
        try taken.load(into: parameters, of: network)
        for entry in network.table.entries {
            let name = entry.name.split(separator: ".").map(String.init)
            let source = name[0] == "encoder" ? (["encoder", "layer", "1"] + name.dropFirst(3)).joined(separator: ".") : entry.name
            let place = try #require(run.network.table[source])
            for index in 0..<entry.count {
                #expect(parameters.pointer[entry.offset + index] == run.best.pointer[place.offset + index], "\(entry.name)")
            }
        }
        for wrong in [[], [2], [-1], [0, 0]] { #expect(throws: TrainingFailure.self) { try whole.taking(wrong) } }
    }

    @Test func whatCannotTeachIsRefusedWithAReason() throws {
        let toy = try ToyTask()
        defer { try? FileManager.default.removeItem(at: toy.directory) }
        let run = try toy.run(options: TrainingOptions(threads: 1, workDirectory: nil, lastStep: 1))
        try run.run()
        let folder = try toy.write(run, .float32)
        let student = try StartingWeights(directory: folder)
        func refusal(_ recipe: TeacherRecipe, tokens: Int = 24, directory: URL? = nil) -> String {
            do {
                _ = try LocalTeacher(
                    recipe, directory: directory ?? folder, for: student, heads: toy.recipe(seed: 5).heads, maximumTokens: tokens)
                return ""
            } catch { return "\(error)" }
        }
        let hidden = TeacherRecipe.Hidden(measure: .cosine, weight: 1, layers: [.init(student: 2, teacher: 2)])
        #expect(refusal(TeacherRecipe(model: "", hidden: hidden)) == "")
        let deep = TeacherRecipe.Hidden(measure: .cosine, weight: 1, layers: [.init(student: 3, teacher: 2)])
        #expect(refusal(TeacherRecipe(model: "", hidden: deep)).contains("a layer that is not there"))
        let bottom = TeacherRecipe.Relations(of: [.values], weight: 1, layers: [.init(student: 0, teacher: 0)])
        #expect(refusal(TeacherRecipe(model: "", relations: bottom)).contains("a layer that is not there"))
        #expect(refusal(TeacherRecipe(model: ""), tokens: 400).contains("24 tokens, the recipe 400"))
        let names = TeacherRecipe.Heads(names: ["other"], weight: 1, temperature: 1)
        #expect(refusal(TeacherRecipe(model: "", heads: names)).contains("does not list"))
        let copy = toy.directory.appendingPathComponent("other-tokens")
        try FileManager.default.copyItem(at: folder, to: copy)
        let lines = toy.vocabulary.map { $0 == "fox" ? "vox" : $0 }
        try Data(lines.joined(separator: "\n").utf8).write(to: copy.appendingPathComponent("vocab.txt"))
        #expect(refusal(TeacherRecipe(model: "", hidden: hidden), directory: copy).contains("same tokenizer"))
    }
}
