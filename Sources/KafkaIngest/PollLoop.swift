// The poll thread's own object: takes events from the client, asks the state machine, performs its actions, emits. It
// lives on one thread from `run` to its end, waits for nobody downstream, and holds all that needs no lock for that
// reason.
import CRdKafka
import Posts
import StreamCore

final class PollLoop {
    /// Longest wait in one poll: commands wake it, so that this bounds only clocks (deadlines, relief that was missed).
    static let pollMilliseconds: Int32 = 50
    /// How long one seek may wait for librdkafka's own thread.
    static let seekMilliseconds: Int32 = 100

    let client: ConsumerClient
    let configuration: KafkaSourceConfiguration
    let flow: FlowGauge
    let mailbox: CommandMailbox
    let statistics: StatisticsBox
    let emit: @Sendable (SourceEvent) -> Void

    var machine: ConsumerStateMachine
    var cursors: [TopicPartition: PartitionCursor] = [:]
    var positioner = FetchPositioner()
    var hinter = CommitHinter()
    var logLimiter = LogLimiter()
    /// What the client was told to pause; asking it to resume anything else would deliver records twice before 2.4.
    var pausedPartitions: Set<TopicPartition> = []
    /// What is assigned at the client, which the state machine may have dropped already or not yet.
    var assignedPartitions: Set<TopicPartition> = []
    var topics = TopicNames()
    var readings = PartitionReadings()
    var areBrokersDown = false
    var isAbandoned = false
    var hasSubscribed = false

    init(
        client: consuming ConsumerClient, configuration: KafkaSourceConfiguration, flow: FlowGauge,
        mailbox: CommandMailbox, statistics: StatisticsBox, emit: @escaping @Sendable (SourceEvent) -> Void
    ) {
        self.client = client
        self.configuration = configuration
        self.flow = flow
        self.mailbox = mailbox
        self.statistics = statistics
        self.emit = emit
        machine = ConsumerStateMachine(
            limits: .init(revoke: configuration.revokeDeadline, leave: configuration.leaveDeadline))
    }

    func run() {
        do {
            try client.subscribe(to: configuration.topics)
        } catch {
            perform(machine.failed(error))
        }
        var needsPauseCheck = true
        while !machine.isClosed && !isAbandoned {
            let now = ContinuousClock.now
            if let contents = mailbox.take() {
                carryOut(contents, now: now)
                needsPauseCheck = true
            }
            perform(machine.tick(now: now))
            checkLoss()
            servePositions(now: now)
            sendHints()
            if needsPauseCheck {
                reconcilePauses()
                needsPauseCheck = false
            }
            guard !machine.isClosed, let event = client.poll(milliseconds: waitMilliseconds()) else {
                // Woken, or nothing to do: something may have opened.
                needsPauseCheck = true
                checkLeft()
                continue
            }
            defer { rd_kafka_event_destroy(event) }
            if rd_kafka_event_type(event) == RD_KAFKA_EVENT_FETCH {
                takeRecord(event)
            } else {
                handle(event, now: now)
                needsPauseCheck = true
                checkLeft()
            }
        }
        if isAbandoned { emit(.closed) }
    }

    private func waitMilliseconds() -> Int32 {
        positioner.tasks.isEmpty ? Self.pollMilliseconds : 5
    }

    // MARK: Commands

    private func carryOut(_ contents: CommandMailbox.Contents, now: ContinuousClock.Instant) {
        if contents.mustAbandon {
            isAbandoned = true
            return
        }
        if !contents.hints.isEmpty { hinter.add(contents.hints) }
        // The last hint of a partition goes before the partition does.
        if !contents.released.isEmpty || contents.mustClose { sendHints() }
        if !contents.released.isEmpty {
            for partition in contents.released { positioner.remove(partition) }
            perform(machine.release(contents.released.sorted()))
        }
        for (partition, fetch) in contents.fetches.sorted(by: { $0.key < $1.key }) {
            switch fetch {
            case .start(let offset, let tag):
                perform(machine.startFetching(partition, offset: offset, tag: tag))
            case .stop:
                positioner.remove(partition)
                machine.stopFetching(partition)
            }
        }
        if contents.mustClose { perform(machine.close(now: now)) }
    }

    // MARK: Records

    private func takeRecord(_ event: OpaquePointer) {
        // Nil where librdkafka found the message void meanwhile.
        guard let message = rd_kafka_event_message_next(event) else { return }
        if message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR {
            reportError(
                KafkaErrorCode(message.pointee.err), partition: topics.partition(of: message),
                offset: message.pointee.offset)
            return
        }
        areBrokersDown = false
        guard let partition = topics.partition(of: message),
            let tag = machine.fetchingTag(of: partition),
            !pausedPartitions.contains(partition),
            var cursor = cursors[partition]
        else { return }
        let verdict = cursor.judge(message.pointee.offset)
        cursors[partition] = cursor
        switch verdict {
        case .drop:
            return
        case .reposition(let offset):
            statistics.noteUnconfirmedStart()
            perform(machine.reposition(partition, offset: offset))
            reconcilePauses()
        case .emit:
            let record = SourceRecord(copying: message, partition: partition)
            let flowVerdict = flow.admit(partition, bytes: record.byteCount)
            if flowVerdict.mustPause { reconcilePauses() }
            if readings.read(partition, timestamp: record.timestamp) { statistics.setReadings(readings.values) }
            emit(.record(record, tag))
        }
    }

    /// Everything below `end` has been taken, or is no record. What an older fetch says of its end is void.
    func reachedEnd(_ partition: TopicPartition, end: Int64) {
        guard machine.fetchingTag(of: partition) != nil, !pausedPartitions.contains(partition),
            let cursor = cursors[partition],
            readings.reachedEnd(partition, expected: cursor.expected, end: end)
        else { return }
        statistics.setReadings(readings.values)
    }

    // MARK: Pauses

    /// Makes the client's pauses what they have to be: everything that may not be fetched, or that the flow blocks.
    func reconcilePauses() {
        guard !assignedPartitions.isEmpty else { return }
        let fetching = assignedPartitions.filter { machine.fetchingTag(of: $0) != nil }
        let open = fetching.subtracting(flow.blocked(of: Array(fetching)))
        let toPause = assignedPartitions.subtracting(open).subtracting(pausedPartitions)
        let toResume = open.intersection(pausedPartitions)
        if !toPause.isEmpty {
            client.pause(toPause.sorted())
            pausedPartitions.formUnion(toPause)
        }
        if !toResume.isEmpty {
            // What the fetcher gives next is its own idea of the position: it is checked.
            for partition in toResume { cursors[partition]?.restart() }
            client.resume(toResume.sorted())
            pausedPartitions.subtract(toResume)
        }
        statistics.setPaused(pausedPartitions.subtracting(assignedPartitions.subtracting(fetching)).count)
    }

    // MARK: Hints

    private func sendHints() {
        // Before 2.10 a commit in a cooperative rebalance loses the assignment.
        if machine.isDraining, RdKafkaLibrary.version < 0x020a_0000, client.isCooperative { return }
        guard let offsets = hinter.next(assigned: assignedPartitions.contains) else { return }
        let code = client.commit(offsets)
        if code != .none { hinter.finished(code) }
    }

    // MARK: Ends

    /// While a drain goes on the group may run out of patience.
    private func checkLoss() {
        if machine.isDraining, client.isAssignmentLost { perform(machine.assignmentLost()) }
    }

    private func checkLeft() {
        if case .leaving = machine.phase, client.hasLeft { perform(machine.groupLeft()) }
    }
}
