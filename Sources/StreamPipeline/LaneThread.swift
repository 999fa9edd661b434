// One delivery connection on a thread of its own: turns slices into a delivery, runs the transaction, tells what came of it.
internal import Posts
internal import StreamCore

enum LaneCommand<Tokens: Sendable>: Sendable {
    case deliver([LaneSlice<InFlightRecord<Tokens>>])
    /// Ask what became of the last delivery.
    case resolve
    case probe
}

struct LaneThread<Provider: ResultSinkProvider, Tokens: Sendable>: Sendable {
    let lane: Int
    let provider: Provider
    let commands: BlockingQueue<LaneCommand<Tokens>>
    let answer: @Sendable (StreamEvent<InFlightRecord<Tokens>>) -> Void
    let observe: @Sendable (StreamObservation) -> Void
    let wallClock: @Sendable () -> Timestamp

    /// Runs until the queue is closed. The connection belongs to this thread.
    func run() {
        let sink = provider.makeSink(name: "delivery-\(lane)")
        let clock = ContinuousClock()
        var last = Delivery(slices: [])
        while let command = commands.receive() {
            let start = clock.now
            switch command {
            case .deliver(let slices):
                last = Delivery(slices: slices.map(Self.partitionSlice))
                let result = sink.deliver(last)
                observe(.stage(.deliver, took: clock.now - start, records: last.recordCount))
                if case .committed = result {
                    observe(.committedAges(ages(of: last)))
                    observe(.committedThrough(positions(of: last)))
                }
                answer(.delivered(lane: lane, result))
            case .resolve:
                let result = sink.resolve(last)
                observe(.stage(.resolve, took: clock.now - start, records: last.recordCount))
                answer(.resolved(lane: lane, result))
            case .probe:
                answer(.probed(lane: lane, sink.probe()))
            }
        }
    }

    private static func partitionSlice(_ slice: LaneSlice<InFlightRecord<Tokens>>) -> PartitionSlice {
        PartitionSlice(
            claim: slice.claim, expectedOffset: slice.expectedOffset, newOffset: slice.newOffset,
            records: slice.records.map(\.payload.deliverable))
    }

    private func positions(
        of delivery: Delivery
    ) -> [TopicPartition: (nextOffset: Int64, lastTimestamp: Timestamp?)] {
        Dictionary(
            delivery.slices.map { ($0.topicPartition, ($0.newOffset, $0.records.last?.receivedAt)) },
            uniquingKeysWith: { $1 })
    }

    private func ages(of delivery: Delivery) -> [Double] {
        let now = wallClock().microseconds
        return delivery.slices.flatMap { slice in
            slice.records.map { max(0, Double(now - $0.receivedAt.microseconds) / 1_000_000) }
        }
    }
}
