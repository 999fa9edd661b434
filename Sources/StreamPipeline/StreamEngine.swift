// Performs what `StreamMachine` asks for: one thread for the machine, one for claims, one for each delivery connection and one
// for each worker. Knows no librdkafka, no libpq and no BLAS. Decides nothing by itself but how long to wait at the very end.
package import Posts
package import StreamCore

/// The queue into the engine. Made before the source, which needs somewhere to send its events from its first breath.
package struct StreamInbox<Tokens: Sendable>: Sendable {
    enum Message: Sendable {
        case source(SourceEvent, at: Timestamp)
        case internalEvent(StreamEvent<InFlightRecord<Tokens>>)
        /// The source had its time to close.
        case closeOverdue
    }

    let queue: BlockingQueue<Message>
    private let wallClock: @Sendable () -> Timestamp

    /// Records in it are admitted by the flow gauge, one more a partition at most; answers are as many as there are threads,
    /// and events of the group as many as partitions. The capacity is far above their sum.
    package init(limits: StreamLimits, wallClock: @escaping @Sendable () -> Timestamp) {
        queue = BlockingQueue(name: "stream inbox", capacity: 2 * limits.recordsInFlight + 1_000_000)
        self.wallClock = wallClock
    }

    /// Never blocks: called from the source's poll thread.
    package func post(_ event: SourceEvent) { queue.send(.source(event, at: wallClock())) }
}

package final class StreamEngine<
    Source: RecordSource, SinkProvider: ResultSinkProvider, StageProvider: EnrichmentStageProvider
>: Sendable {
    package typealias Tokens = StageProvider.Stage.Tokens
    typealias Record = InFlightRecord<Tokens>

    /// What the engine is made of.
    package struct Parts: Sendable {
        let source: Source
        let flow: FlowGauge
        let sinks: SinkProvider
        let stages: StageProvider
        let inbox: StreamInbox<Tokens>

        package init(
            source: Source, flow: FlowGauge, sinks: SinkProvider, stages: StageProvider, inbox: StreamInbox<Tokens>
        ) {
            self.source = source
            self.flow = flow
            self.sinks = sinks
            self.stages = stages
            self.inbox = inbox
        }
    }

    package struct Configuration: Sendable {
        package var limits = StreamLimits()
        package var lanes = 2
        package var workers = 2
        package var start = StartPosition.earliest
        /// How long the source may take to leave the group and close.
        package var closeDeadline: Duration = .seconds(8)
        package init() {}
    }

    private let parts: Parts
    private let configuration: Configuration
    private let observe: @Sendable (StreamObservation) -> Void
    private let wallClock: @Sendable () -> Timestamp
    private let tasks: BlockingQueue<WorkerTask<Tokens>>
    private let claims: BlockingQueue<ClaimCommand>
    private let laneCommands: [BlockingQueue<LaneCommand<Tokens>>]

    package init(
        parts: Parts, configuration: Configuration, wallClock: @escaping @Sendable () -> Timestamp,
        observe: @escaping @Sendable (StreamObservation) -> Void
    ) {
        self.parts = parts
        self.configuration = configuration
        self.wallClock = wallClock
        self.observe = observe
        // The machine gives a worker one task at a time, a lane one command at a time, and a partition one claim or goodbye.
        tasks = BlockingQueue(name: "worker tasks", capacity: configuration.workers + 1)
        claims = BlockingQueue(name: "claims", capacity: 1_000_000)
        laneCommands = (0..<configuration.lanes).map { BlockingQueue(name: "lane \($0)", capacity: 2) }
    }

    /// Drain and end: the machine's way, within `StreamLimits.drainDeadline`. Callable from any thread, more than once.
    package func stop() { parts.inbox.queue.send(.internalEvent(.stop)) }

    /// Runs the stream on its own threads and returns when it has ended.
    package func run() async -> StreamEnding {
        await withCheckedContinuation { continuation in
            // The engine's thread ends before its owner goes on: it is what resumes it.
            _ = DedicatedThread(name: "winnow-engine") { [self] in continuation.resume(returning: runLoop()) }
        }
    }

    private func runLoop() -> StreamEnding {
        let threads = startThreads()
        var machine = StreamMachine<Record>(
            limits: configuration.limits, lanes: configuration.lanes, workers: configuration.workers,
            seed: UInt64.random(in: .min ... .max)
        ) { $0.condemned($1) }
        let clock = ContinuousClock()
        let begin = clock.now
        var ending: StreamEnding?
        while ending == nil {
            let timeout = machine.nextDeadline.map { $0 - (clock.now - begin) }
            let messages = parts.inbox.queue.receiveAll(limit: 4_096, timeout: timeout)
            let now = clock.now - begin
            for message in messages { handle(message, &machine, now) }
            for action in machine.advance(now: now) {
                if case .finished(let result) = action { ending = result } else { perform(action) }
            }
            observe(.inFlight(records: machine.recordsInFlight))
        }
        end(threads)
        return ending ?? StreamEnding()
    }

    private func handle(_ message: StreamInbox<Tokens>.Message, _ machine: inout StreamMachine<Record>, _ now: Duration) {
        switch message {
        case .internalEvent(let event): machine.handle(event, now: now)
        case .closeOverdue: machine.handle(.sourceClosed, now: now)
        case .source(let event, let time):
            switch event {
            case .assigned(let partitions): machine.handle(.assigned(partitions), now: now)
            case .revoking(let partitions): machine.handle(.revoking(partitions), now: now)
            case .lost(let partitions): machine.handle(.lost(partitions), now: now)
            case .record(let record, let tag):
                machine.handle(
                    .record(
                        record.position.topicPartition, tag, offset: record.position.offset,
                        byteCount: record.byteCount, Record(record: record, polledAt: time)), now: now)
            case .notice(let notice): observe(.source(notice))
            case .failed(let failure): machine.handle(.sourceFailed(failure), now: now)
            case .closed: machine.handle(.sourceClosed, now: now)
            }
        }
    }

    private func perform(_ action: StreamAction<Record>) {
        switch action {
        case .claim(let partition, let tag): claims.send(.claim(partition, tag))
        case .markSuspect(let claim, let tag, let offset): claims.send(.markSuspect(claim, tag, offset: offset))
        case .letGo(let claim, let tag): claims.send(.letGo(claim, tag))
        case .startFetching(let partition, let offset, let tag):
            parts.source.send(.startFetching(partition, offset: offset, tag))
        case .stopFetching(let partition): parts.source.send(.stopFetching(partition))
        case .releaseToSource(let partitions): parts.source.send(.release(partitions))
        case .releaseFlow(let partition, let records, let bytes):
            parts.flow.release(partition, records: records, bytes: bytes)
        case .prepare(let task, let records): tasks.send(.prepare(task, records))
        case .enrich(let task, let records, let reason): tasks.send(.enrich(task, records, reason))
        case .deliver(let lane, let slices): laneCommands[lane].send(.deliver(slices))
        case .resolve(let lane): laneCommands[lane].send(.resolve)
        case .probe(let lane): laneCommands[lane].send(.probe)
        case .hint(let offsets):
            parts.source.send(.hint(offsets))
            observe(.hinted(offsets))
        case .closeSource: closeSource()
        case .notice(let notice): observe(.notice(notice))
        case .finished: preconditionFailure("the loop ends with this action")
        }
    }

    /// A broker that is stuck cannot hang the exit.
    private func closeSource() {
        parts.source.send(.close)
        let inbox = parts.inbox.queue
        let deadline = configuration.closeDeadline
        _ = DedicatedThread(name: "winnow-close") {
            let never = BlockingQueue<Bool>(name: "close watchdog", capacity: 1)
            _ = never.receiveAll(limit: 1, timeout: deadline)
            inbox.send(.closeOverdue)
        }
    }

    private func startThreads() -> [DedicatedThread] {
        let answer: @Sendable (StreamEvent<Record>) -> Void = { [inbox = parts.inbox] in
            inbox.queue.send(.internalEvent($0))
        }
        var threads: [DedicatedThread] = []
        for number in 0..<configuration.workers {
            let worker = WorkerThread(provider: parts.stages, tasks: tasks, answer: answer, observe: observe)
            threads.append(DedicatedThread(name: "winnow-work-\(number)") { worker.run() })
        }
        for (number, commands) in laneCommands.enumerated() {
            let lane = LaneThread(
                lane: number, provider: parts.sinks, commands: commands, answer: answer, observe: observe,
                wallClock: wallClock)
            threads.append(DedicatedThread(name: "winnow-lane-\(number)") { lane.run() })
        }
        let claimer = ClaimThread(
            source: parts.source, provider: parts.sinks, start: configuration.start, commands: claims, answer: answer,
            observe: observe)
        threads.append(DedicatedThread(name: "winnow-claim") { claimer.run() })
        return threads
    }

    /// Nothing is in flight any more, or its time is over: calls that still hang are broken off.
    private func end(_ threads: [DedicatedThread]) {
        tasks.close()
        claims.close()
        for commands in laneCommands { commands.close() }
        let isQuiet = threads.map { $0.join(timeout: .milliseconds(200)) }.allSatisfy { $0 }
        guard !isQuiet else { return }
        parts.sinks.interruptAll()
        for thread in threads { _ = thread.join(timeout: .milliseconds(500)) }
        parts.inbox.queue.close()
    }
}
