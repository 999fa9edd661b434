// The training loop: batches in a seeded order, gradients from the workers, one optimiser step, measurements on
// development data, checkpoints. It keeps the parameters that measured best. Files of models are not its
// business.
package import Foundation

package struct TrainingOptions: Sendable {
    package var threads: Int
    /// Where checkpoint and log go; nil keeps neither.
    package var workDirectory: URL?
    /// The checkpoint's name in the work directory.
    package var checkpointName = "checkpoint.bin"
    package var resume: Bool
    package var stepsBetweenCheckpoints: Int
    package var stepsBetweenProgress: Int
    /// Ends the run early, at a step of its unchanged schedule; for tests and interrupted nights.
    package var lastStep: Int?

    package init(
        threads: Int, workDirectory: URL?, resume: Bool = false, stepsBetweenCheckpoints: Int = 400,
        stepsBetweenProgress: Int = 20, lastStep: Int? = nil
    ) {
        self.threads = threads
        self.workDirectory = workDirectory
        self.resume = resume
        self.stepsBetweenCheckpoints = stepsBetweenCheckpoints
        self.stepsBetweenProgress = stepsBetweenProgress
        self.lastStep = lastStep
    }
}

package final class TrainingRun {
    /// Shares that a batch is cut into. Part of a run's identity; the number of threads is not.
    package static let workerCount = 2

    package let network: StudentNetwork
    package let parameters: FloatBlock
    package let best: FloatBlock
    /// nil: the recipe asks for no average.
    private let average: AveragedWeights?
    package private(set) var bestMeasurements: [String: Double] = [:]
    package let group: WorkerGroup
    private let recipe: TrainingRecipe
    private let source: any ExampleSupply
    private let development: [DevelopmentSet]
    private let optimiser: AdamW
    private let schedule: LearningRateSchedule
    private let options: TrainingOptions
    private let log: TrainingLog
    private var bestMean = -1.0

    package init(
        recipe: TrainingRecipe, network: StudentNetwork, parameters: FloatBlock, source: any ExampleSupply,
        development: [DevelopmentSet], options: TrainingOptions, log: TrainingLog
    ) {
        self.recipe = recipe
        self.network = network
        self.parameters = parameters
        self.source = source
        self.development = development
        self.options = options
        self.log = log
        best = FloatBlock(count: parameters.count)
        best.copy(from: parameters)
        average = recipe.schedule.averaging.map { AveragedWeights(of: parameters, table: network.table, decay: $0) }
        optimiser = AdamW(table: network.table, settings: recipe.optimiser)
        group = WorkerGroup(network: network, workers: TrainingRun.workerCount, threads: options.threads)
        let stepsInEpoch = (source.count + recipe.schedule.examplesInBatch - 1) / recipe.schedule.examplesInBatch
        self.stepsInEpoch = stepsInEpoch
        let total = recipe.schedule.steps ?? max(1, Int((Double(stepsInEpoch) * recipe.schedule.epochs).rounded()))
        schedule = LearningRateSchedule(
            peak: recipe.schedule.peakRate,
            warmUpSteps: min(total - 1, Int(Double(total) * recipe.schedule.warmUpShare)), totalSteps: total)
    }

    private let stepsInEpoch: Int
    package var totalSteps: Int { schedule.totalSteps }

    /// Trains to the end of the schedule. Afterwards `best` holds the parameters that measured best (the last ones
    /// where nothing is measured).
    package func run() throws {
        var step = try resumedStep()
        let end = min(options.lastStep ?? totalSteps, totalSteps)
        let measuredEvery = max(1, stepsInEpoch / recipe.schedule.measurementsInEpoch)
        var order: (epoch: Int, readings: [Int]) = (-1, [])
        var window = Window(stepsBefore: step)
        while step < end {
            let epoch = step / stepsInEpoch
            if order.epoch != epoch { order = (epoch, source.order(epoch: epoch)) }
            let first = step % stepsInEpoch * recipe.schedule.examplesInBatch
            let readings = order.readings[first..<min(first + recipe.schedule.examplesInBatch, source.count)]
            take(step: step, epoch: epoch, readings: readings, window: &window)
            step += 1
            if step % options.stepsBetweenProgress == 0 || step == end {
                log.step(window.summary(step: step, of: end, stepsInEpoch: stepsInEpoch, network: network), of: end)
                window = Window(stepsBefore: step)
            }
            if step % measuredEvery == 0 || step == end { measure(step: step) }
            if step % options.stepsBetweenCheckpoints == 0 || step == end { try save() }
        }
        if development.isEmpty { best.copy(from: measured) }
    }

    /// A share of the batch for each worker. Long and short texts alternate, so that the shares cost about the same.
    package static func shares(_ examples: [TrainingExample]) -> [[TrainingExample]] {
        let sorted = examples.indices.sorted { (examples[$0].ids.count, $0) > (examples[$1].ids.count, $1) }
        return (0..<workerCount).map { worker in
            stride(from: worker, to: sorted.count, by: workerCount).map { examples[sorted[$0]] }
        }
    }

    private func take(step: Int, epoch: Int, readings: ArraySlice<Int>, window: inout Window) {
        let examples = readings.map { source.example($0, epoch: epoch) }
        let shares = Array(TrainingRun.shares(examples).enumerated())
        let (seed, dropout, parameters) = (recipe.seed, recipe.schedule.dropout, parameters)
        let guessed = network.languageModel == nil ? 0 : examples.reduce(0) { $0 + $1.hidden.count }
        // The mean over texts, or over hidden pieces.
        let scale = 1 / Double(guessed > 0 ? guessed : examples.count)
        let progress = Double(step) / Double(totalSteps)
        group.clearGradients()
        let losses = group.map(shares) { worker, share in
            worker.learn(
                share.element, parameters: parameters.pointer, scale: scale,
                dropout: Dropout(
                    probability: dropout, seed: RandomSource.derivedSeed(seed, [4, UInt64(step), UInt64(share.offset)])),
                draw: GateDraw(
                    seed: RandomSource.derivedSeed(seed, [6, UInt64(step), UInt64(share.offset)]), progress: progress))
        }
        let rate = schedule.rate(at: step)
        let norm = optimiser.step(parameters: parameters, gradients: group.sumGradients(), rate: rate)
        average?.take(parameters, step: optimiser.stepsDone)
        window.add(losses, tokens: examples.reduce(0) { $0 + $1.ids.count }, rate: rate, norm: norm)
    }

    /// What is measured and kept: the average where there is one.
    private var measured: FloatBlock { average?.values ?? parameters }

    /// Temperature of each head of classes, and the score under which a topic is no answer, fitted on development
    /// data with the best parameters. Heads without development data are left out.
    package func calibration() -> [String: ModelFolderWriter.Calibration] {
        var found: [String: ModelFolderWriter.Calibration] = [:]
        for set in development {
            let specification = network.heads[set.head].specification
            let rows = set.labelledLogits(group, parameters: best)
            guard !rows.isEmpty else { continue }
            let temperature = TemperatureFit.temperature(rows)
            let share = recipe.abstaining?[specification.name]
            found[specification.name] = ModelFolderWriter.Calibration(
                temperature: temperature,
                abstainThreshold: share.map {
                    TemperatureFit.threshold(rows, temperature: temperature, leavingOut: $0)
                })
        }
        return found
    }

    /// Lowers the bias of `O` in the heads of spans that development data measure, where that names more of what is there.
    /// Changes `best`; once, after the run.
    package func fitSpanBiases() {
        for set in development {
            let head = network.heads[set.head]
            let shift = set.outsideShift(group, parameters: best)
            guard shift > 0 else { continue }
            best.pointer[head.bias] -= shift
            log.note("\(head.specification.name): the score of O lowered by \(shift)")
        }
    }

    private func measure(step: Int) {
        guard !development.isEmpty else { return }
        var values: [String: Double] = [:]
        for set in development {
            values["\(network.heads[set.head].specification.name) \(set.metric)"] = set.measure(
                group, parameters: measured)
        }
        let mean = values.values.sorted().reduce(0, +) / Double(values.count)
        log.measurement(TrainingLog.Measurement(step: step, development: values, mean: mean))
        if mean > bestMean {
            (bestMean, bestMeasurements) = (mean, values)
            best.copy(from: measured)
        }
    }

    private var identity: Checkpoint.Identity {
        Checkpoint.Identity(
            recipe: recipe, rowCount: source.count, totalSteps: totalSteps, workers: TrainingRun.workerCount,
            teacher: network.teacher?.weightsHash)
    }

    private var checkpoint: URL? { options.workDirectory?.appendingPathComponent(options.checkpointName) }

    private var checkpointedState: Checkpoint.State {
        Checkpoint.State(
            step: optimiser.stepsDone, parameters: parameters, optimiser: optimiser, best: best, average: average?.values,
            bestMean: bestMean, bestMeasurements: bestMeasurements)
    }

    private func save() throws {
        guard let checkpoint else { return }
        try Checkpoint.write(to: checkpoint, identity: identity, state: checkpointedState)
    }

    private func resumedStep() throws -> Int {
        guard options.resume, let checkpoint else { return 0 }
        var state = checkpointedState
        try Checkpoint.read(from: checkpoint, identity: identity, into: &state)
        (bestMean, bestMeasurements) = (state.bestMean, state.bestMeasurements)
        log.note("resumed after step \(state.step)")
        return state.step
    }
}

/// Sums between two progress lines.
private struct Window {
    private let stepsBefore: Int
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var losses: [Double] = []
    private var tokens = 0
    private var rate: Float = 0
    private var norm = 0.0

    init(stepsBefore: Int) {
        self.stepsBefore = stepsBefore
        start = clock.now
    }

    mutating func add(_ parts: [[Double]], tokens: Int, rate: Float, norm: Double) {
        for part in parts {
            if losses.isEmpty { losses = part.map { _ in 0 } }
            for index in part.indices { losses[index] += part[index] }
        }
        self.tokens += tokens
        (self.rate, self.norm) = (rate, norm)
    }

    func summary(step: Int, of end: Int, stepsInEpoch: Int, network: StudentNetwork) -> TrainingLog.Step {
        let seconds = start.duration(to: clock.now) / .seconds(1)
        let steps = Double(max(1, step - stepsBefore))
        let names = network.lossNames
        return TrainingLog.Step(
            step: step, epoch: Double(step) / Double(stepsInEpoch), loss: losses.reduce(0, +) / steps,
            losses: Dictionary(uniqueKeysWithValues: zip(names, losses.map { $0 / steps })), rate: rate,
            gradientNorm: norm, tokensPerSecond: Double(tokens) / max(seconds, 1e-9),
            secondsLeft: Double(end - step) * seconds / steps)
    }
}
