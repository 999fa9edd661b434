// One seeded run: a log, a database, a group of instances, and faults for a while; then calm, in which everything must come to
// its end. Safety is checked on the way, the result by `Oracle` at the end.
import Posts
import StreamCore

struct SimulationFailure: Error, CustomStringConvertible {
    let description: String
}

final class SimulatedWorld {
    let log: SimulatedLog
    /// Every third world: faults that are rare where polling is prompt are common there, and the other way round.
    let hasSlowPolling: Bool
    var random: SeededRandom
    var database: SimulatedDatabase
    var instances: [Int: SimulatedInstance] = [:]
    private(set) var failures: [String] = []
    private(set) var kills = 0
    private(set) var fences = 0
    private(set) var bisections = 0
    private(set) var unknownCommits = 0
    /// How often a process was killed or cut off from outside while it tried a record alone: often enough, and the record
    /// looks guilty.
    private(set) var trialsBrokenOff: [SourcePosition: Int] = [:]
    private var isSettling = false
    lazy var broker = SimulatedBroker(world: self)
    let revokeTimeout: Duration = .seconds(4)
    /// Ordinary runs take some ten thousand steps.
    private static let mostSteps = 1_000_000
    private var clock = SimulatedClock()
    private let faultEnd: Duration
    private let limits: StreamLimits
    private var nextInstance = 0
    private var tokens = 0

    var now: Duration { clock.now }
    /// After the faults: the world is friendly, so progress can be demanded.
    var isCalm: Bool { now >= faultEnd }

    init(seed: UInt64, defects: Set<DatabaseDefect> = []) {
        log = SimulatedLog(seed: seed)
        hasSlowPolling = seed % 3 == 0
        random = SeededRandom(seed: seed)
        database = SimulatedDatabase(defects: defects)
        faultEnd = .seconds(Int64.random(in: 2...20, using: &random))
        var limits = StreamLimits()
        limits.recordsInFlight = Int.random(in: 4...60, using: &random)
        limits.prepareRecords = Int.random(in: 1...16, using: &random)
        limits.microBatchPosts = Int.random(in: 1...8, using: &random)
        limits.deliveryRecords = Int.random(in: 1...30, using: &random)
        limits.drainDeadline = .seconds(3)
        self.limits = limits
    }

    func after(_ delay: Duration, _ action: @escaping () -> Void) { clock.plan(after: delay, action) }
    func chance(_ part: Int, _ whole: Int) -> Bool { Int.random(in: 0..<whole, using: &random) < part }
    func latency() -> Duration { .microseconds(Int64.random(in: 50...8_000, using: &random)) }

    /// Now and then a call hangs for longer than a session lasts.
    func stall() -> Duration {
        !isCalm && chance(1, 40) ? .milliseconds(Int64.random(in: 100...9_000, using: &random)) : .zero
    }

    func newToken() -> String {
        tokens += 1
        return "token-\(tokens)"
    }

    /// Where a partition begins that the database does not know: below its first record, so that the gap is counted too.
    func startOffset(_ partition: TopicPartition) -> Int64 {
        max(0, (log.records[partition]?.first?.position.offset ?? 0) - 2)
    }

    func require(_ condition: Bool, _ sentence: String) {
        if !condition { failures.append("\(sentence) at \(now)") }
    }

    func noticed(_ notice: StreamNotice, by number: Int) {
        switch notice {
        case .fenced: fences += 1
        case .bisecting: bisections += 1
        case .unknownCommit: unknownCommits += 1
        default: break
        }
    }

    /// What every delivery must look like, whatever the world does.
    func checkShape(of slices: [LaneSlice<SimulatedPayload>]) {
        require(!slices.isEmpty, "a delivery is empty")
        for slice in slices {
            var due = slice.expectedOffset
            for (offset, payload) in slice.records {
                require(offset >= due, "offsets of a delivery do not rise")
                require(offset == payload.record.position.offset, "a payload has another record's offset")
                if case .upsert = payload.record.kind, payload.dead == nil {
                    require(payload.isEnriched, "a post is delivered without its enrichment")
                }
                due = offset + 1
            }
            require(slice.newOffset == due, "a delivery moves the offset past its records")
        }
    }

    // MARK: Life and death

    func start() {
        nextInstance += 1
        let number = nextInstance
        instances[number] = SimulatedInstance(
            number: number, world: self, limits: limits, lanes: Int.random(in: 1...2, using: &random),
            workers: Int.random(in: 1...3, using: &random))
        broker.join(number)
    }

    /// kill -9: the group notices after the session timeout; another process is started after a while.
    func kill(_ instance: SimulatedInstance) {
        guard instance.isAlive else { return }
        kills += 1
        instance.isAlive = false
        after(.milliseconds(Int64.random(in: 10...3_000, using: &random))) { [self] in
            broker.expel(instance.number, telling: false)
        }
        after(.milliseconds(Int64.random(in: 1...2_000, using: &random))) { [self] in start() }
    }

    func ended(_ instance: SimulatedInstance) {
        require(instance.ending?.failure == nil, "an instance gave up: \(instance.ending?.failure?.description ?? "")")
        if !isCalm || livingInstances.isEmpty { after(.milliseconds(200)) { [self] in start() } }
    }

    private var livingInstances: [SimulatedInstance] {
        instances.values.filter(\.isAlive).sorted { $0.number < $1.number }
    }

    private func fault() {
        guard !isCalm else { return }
        if let victim = livingInstances.randomElement(using: &random) {
            if let tried = victim.tried { trialsBrokenOff[tried, default: 0] += 1 }
            switch Int.random(in: 0..<10, using: &random) {
            case 0...1:
                kill(victim)
            case 2...3:
                // Stopped for longer than its session: the group moves on, the victim wakes as a zombie.
                let pause = Duration.milliseconds(Int64.random(in: 100...8_000, using: &random))
                victim.pause(for: pause)
                if pause > .seconds(2) {
                    after(.seconds(2)) { [self] in broker.expel(victim.number, telling: true) }
                    after(pause + .milliseconds(50)) { [self] in if victim.isAlive { broker.join(victim.number) } }
                }
            case 4: victim.post(.stop)
            case 5: start()
            case 6:
                database.isDown = true
                after(.milliseconds(Int64.random(in: 50...4_000, using: &random))) { [self] in database.isDown = false }
            case 7:
                // The session runs out for no reason of its own.
                broker.expel(victim.number, telling: true)
                after(.milliseconds(30)) { [self] in if victim.isAlive { broker.join(victim.number) } }
            default: break
            }
        }
        after(.milliseconds(Int64.random(in: 20...2_500, using: &random))) { [self] in fault() }
    }

    private func pollAll() {
        guard !isSettling else { return }
        for instance in livingInstances { instance.poll() }
        after(.microseconds(Int64.random(in: 500...10_000, using: &random))) { [self] in pollAll() }
    }

    private var isComplete: Bool {
        log.partitions.allSatisfy { partition in
            let last = log.records[partition]?.last?.position.offset ?? -1
            return (database.progress[partition]?.nextOffset ?? -1) > last
        }
    }

    // MARK: Running

    /// Runs the seed to its end. Throws with the first broken promise.
    func run() throws(SimulationFailure) {
        for _ in 0..<Int.random(in: 1...3, using: &random) { start() }
        after(.milliseconds(Int64.random(in: 1...500, using: &random))) { [self] in fault() }
        pollAll()
        // Far more than a fleet that makes progress needs after its last fault.
        let limit = faultEnd + .seconds(120)
        var steps = 0
        while now < limit, failures.isEmpty, !(isCalm && isComplete), let action = clock.next() {
            action()
            steps += 1
            // A deadline in the past with nothing to do would keep a processor busy for ever.
            require(steps < Self.mostSteps, "an instance goes round without getting anywhere")
        }
        if let failure = failures.first { throw SimulationFailure(description: failure) }
        guard isComplete else {
            let state = log.partitions.map {
                "\($0): \(database.progress[$0]?.nextOffset ?? -1) of \(log.records[$0]?.last?.position.offset ?? -1)"
            }
            throw SimulationFailure(description: "no progress after the faults ended: \(state)")
        }
        // Zombies may still have calls under way: let them land before judging.
        isSettling = true
        let settled = now + .seconds(15)
        while now < settled, failures.isEmpty, let action = clock.next() { action() }
        if let failure = failures.first { throw SimulationFailure(description: failure) }
        let excused = trialsBrokenOff.filter { $0.value >= limits.suspectAttempts }.keys.filter {
            database.deadLetters[$0] == .crashed
        }
        try Oracle(log: log, excused: Set(excused)).check(database, startOffset: startOffset)
    }
}
