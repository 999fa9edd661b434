// One process of the simulated fleet: the real machine, and threads that take a random time. It can be killed, and stopped and
// woken like a process under SIGSTOP: then its events pile up and its machine acts on an old world when it wakes.
import Posts
import StreamCore

final class SimulatedInstance {
    typealias Event = StreamEvent<SimulatedPayload>
    typealias Action = StreamAction<SimulatedPayload>

    struct Fetch {
        var position: Int64
        var tag: FetchTag
    }

    let number: Int
    unowned let world: SimulatedWorld
    var machine: StreamMachine<SimulatedPayload>
    var isAlive = true
    var pausedUntil: Duration = .zero
    var ending: StreamEnding?
    /// The record that was tried alone last.
    var tried: SourcePosition?
    private var mailbox: [Event] = []
    private var fetches: [TopicPartition: Fetch] = [:]
    private var inFlight = 0
    private var laneSlices: [Int: [LaneSlice<SimulatedPayload>]] = [:]
    /// The claim thread performs one call after another.
    private var claimCalls: [() -> Void] = []
    private var isClaimThreadBusy = false
    /// When the poll thread will have carried out every command so far.
    private var commandsDone: Duration = .zero
    /// Told as drained, and not given back yet.
    private var drained: Set<TopicPartition> = []
    private var plannedWake: Duration = .seconds(1_000_000)

    init(number: Int, world: SimulatedWorld, limits: StreamLimits, lanes: Int, workers: Int) {
        self.number = number
        self.world = world
        machine = StreamMachine(limits: limits, lanes: lanes, workers: workers, seed: UInt64(number)) {
            var payload = $0
            payload.dead = $1.reason
            return payload
        }
    }

    private var isPaused: Bool { pausedUntil > world.now }

    func pause(for duration: Duration) {
        pausedUntil = world.now + duration
        world.after(duration) { [self] in wake() }
    }

    /// Events arrive after a moment in the mailbox.
    func post(_ event: Event) {
        guard isAlive else { return }
        mailbox.append(event)
        world.after(.microseconds(Int64.random(in: 10...2_000, using: &world.random))) { [self] in wake() }
    }

    func wake() {
        guard isAlive, !isPaused else { return }
        let events = mailbox
        mailbox = []
        for event in events { machine.handle(event, now: world.now) }
        for action in machine.advance(now: world.now) where isAlive { perform(action) }
        world.require(drained.isEmpty, "instance \(number) keeps a partition that it has told as drained")
        guard isAlive, let deadline = machine.nextDeadline else { return }
        if deadline < plannedWake || plannedWake <= world.now {
            plannedWake = deadline
            world.after(max(deadline - world.now, .microseconds(1))) { [self] in
                plannedWake = .seconds(1_000_000)
                wake()
            }
        }
    }

    // MARK: Polling

    /// One turn of the poll thread: some records of each partition that is fetched.
    func poll() {
        guard isAlive, !isPaused else { return }
        for partition in world.log.partitions {
            guard var fetch = fetches[partition] else { continue }
            // A resume of a partition that was not paused delivers some again (librdkafka before 2.4).
            if world.chance(1, 60), !world.isCalm { fetch.position -= Int64.random(in: 1...5, using: &world.random) }
            var budget = Int.random(in: 1...12, using: &world.random)
            for record in world.log.records[partition] ?? [] where record.position.offset >= fetch.position {
                guard budget > 0, inFlight < machine.limits.recordsInFlight else { break }
                budget -= 1
                inFlight += 1
                fetch.position = record.position.offset + 1
                post(
                    .record(
                        partition, fetch.tag, offset: record.position.offset, byteCount: 300,
                        SimulatedPayload(record: record)))
            }
            fetches[partition] = fetch
        }
    }

    // MARK: Actions

    private func perform(_ action: Action) {
        switch action {
        case .claim(let partition, let tag):
            onClaimThread { [self] done in
                let token = world.newToken()
                call({ [self] in $0.claim(partition, start: world.startOffset(partition), token: token, now: $1) }) { [self] in
                    post(.claimFinished(partition, tag, $0))
                    done()
                }
            }
        case .markSuspect(let claim, let tag, let offset):
            tried = SourcePosition(topicPartition: claim.topicPartition, offset: offset)
            onClaimThread { [self] done in
                call({ database, _ in database.markSuspect(claim, offset: offset) }) { [self] in
                    post(.suspectMarked(claim.topicPartition, tag, $0))
                    done()
                }
            }
        case .letGo(let claim, let tag):
            onClaimThread { [self] done in
                call({ database, _ in database.release(claim) }) { [self] in
                    post(.letGo(claim.topicPartition, tag))
                    done()
                }
            }
        case .startFetching(let partition, let offset, let tag):
            onPollThread { [self] in
                if world.broker.owner(of: partition) == number {
                    fetches[partition] = Fetch(position: offset, tag: tag)
                }
            }
        case .stopFetching(let partition): onPollThread { [self] in fetches[partition] = nil }
        case .releaseToSource(let partitions):
            for partition in partitions { fetches[partition] = nil }
            drained.subtract(partitions)
            world.broker.released(partitions, by: number)
        case .releaseFlow(_, let records, _):
            inFlight -= records
            world.require(inFlight >= 0, "the flow budget went below zero on instance \(number)")
        case .prepare(let task, let payloads): prepare(task, payloads)
        case .enrich(let task, let payloads, _):
            world.after(.microseconds(Int64.random(in: 100...40_000, using: &world.random))) { [self] in
                post(.enriched(task, payloads.map { var payload = $0; payload.isEnriched = true; return payload }))
            }
        case .deliver(let lane, let slices): deliver(lane, slices)
        case .resolve(let lane):
            let slices = laneSlices[lane] ?? []
            call({ database, now in
                slices.contains { database.isLocked($0.claim.topicPartition, now: now) }
                    ? .failed(SimulatedDatabase.lockFailure) : database.resolve(slices)
            }) { [self] in post(.resolved(lane: lane, $0)) }
        case .probe(let lane):
            call({ database, _ in database.isDown ? SimulatedDatabase.waitFailure : nil }) { [self] in
                post(.probed(lane: lane, $0))
            }
        case .hint(let offsets): for (partition, offset) in offsets { world.database.hints[partition] = offset }
        case .closeSource:
            fetches = [:]
            world.broker.leave(number)
            post(.sourceClosed)
        case .notice(let notice):
            if case .drained(let partition, _) = notice { drained.insert(partition) }
            world.noticed(notice, by: number)
        case .finished(let ending):
            self.ending = ending
            isAlive = false
            world.ended(self)
        }
    }

    /// In a world with slow poll threads commands are carried out in order, but late: until then polling goes on as before,
    /// and what is polled carries the older tag.
    private func onPollThread(_ command: @escaping () -> Void) {
        guard world.hasSlowPolling else { return command() }
        let isSlow = !world.isCalm && world.chance(1, 4)
        let latency = Duration.microseconds(Int64.random(in: 10...(isSlow ? 1_500_000 : 3_000), using: &world.random))
        commandsDone = max(commandsDone, world.now + latency)
        world.after(commandsDone - world.now) { [self] in if isAlive { command() } }
    }

    private func prepare(_ task: TaskNumber, _ payloads: [SimulatedPayload]) {
        world.after(.microseconds(Int64.random(in: 50...5_000, using: &world.random))) { [self] in
            guard isAlive else { return }
            if payloads.contains(where: { $0.record.kind == .crashes }) { return world.kill(self) }
            post(.prepared(task, payloads.map { payload in
                if case .upsert = payload.record.kind {
                    .post(payload, tokenCount: Int.random(in: 2...120, using: &world.random))
                } else {
                    .done(payload)
                }
            }))
        }
    }

    private func onClaimThread(_ call: @escaping (_ done: @escaping () -> Void) -> Void) {
        claimCalls.append { [self] in
            call { [self] in
                isClaimThreadBusy = false
                nextClaimCall()
            }
        }
        nextClaimCall()
    }

    private func nextClaimCall() {
        guard isAlive, !isClaimThreadBusy, !claimCalls.isEmpty else { return }
        isClaimThreadBusy = true
        claimCalls.removeFirst()()
    }

    /// A short call: its effect and its answer come at random times; what a killed process has sent may still take effect.
    private func call<Answer>(
        _ effect: @escaping (inout SimulatedDatabase, Duration) -> Answer, answer: @escaping (Answer) -> Void
    ) {
        world.after(world.latency()) { [self] in
            guard isAlive || world.chance(1, 2) else { return }
            let result = effect(&world.database, world.now)
            world.after(world.latency()) { [self] in
                if isAlive { answer(result) }
            }
        }
    }

    // MARK: Deliveries

    private func deliver(_ lane: Int, _ slices: [LaneSlice<SimulatedPayload>]) {
        laneSlices[lane] = slices
        world.checkShape(of: slices)
        world.after(world.latency() + world.stall()) { [self] in
            guard isAlive || world.chance(1, 2) else { return }
            if let answer = check(slices) { return reply(lane, answer) }
            // Between the fence and COMMIT the rows are locked: others wait, or give up.
            let held = world.latency()
            for slice in slices { world.database.locks[slice.claim.topicPartition] = world.now + held }
            if world.database.defects.contains(.offsetMovedBeforeRows) { moveOffsets(slices) }
            world.after(held) { [self] in
                // An unclean end before COMMIT reached the server takes everything back.
                guard isAlive || world.chance(1, 2), !world.database.isDown else {
                    return reply(lane, .failed(SimulatedDatabase.waitFailure))
                }
                if world.chance(1, 40), !world.isCalm {
                    if world.chance(1, 2) { _ = world.database.commit(slices) }
                    return reply(lane, .unknownCommit)
                }
                reply(lane, .committed(world.database.commit(slices)))
            }
        }
    }

    private func check(_ slices: [LaneSlice<SimulatedPayload>]) -> DeliveryResult? {
        let database = world.database
        if database.isDown { return .failed(SimulatedDatabase.waitFailure) }
        if world.chance(1, 50), !world.isCalm { return .failed(SimulatedDatabase.lockFailure) }
        if slices.contains(where: { database.isLocked($0.claim.topicPartition, now: world.now) }) {
            return .failed(SimulatedDatabase.lockFailure)
        }
        if let refusal = database.refusal(slices) { return .failed(refusal) }
        let fenced = database.fenced(slices)
        return fenced.isEmpty ? nil : .fenced(fenced)
    }

    private func moveOffsets(_ slices: [LaneSlice<SimulatedPayload>]) {
        for slice in slices { world.database.progress[slice.claim.topicPartition]?.nextOffset = slice.newOffset }
    }

    private func reply(_ lane: Int, _ result: DeliveryResult) {
        world.after(world.latency()) { [self] in post(.delivered(lane: lane, result)) }
    }
}
