// Claims, suspect notes and goodbyes, one after another on a thread of their own: a partition whose claim waits for the database
// must not hold up deliveries, and the order in which claims and goodbyes of a partition were asked for is kept.
internal import Posts
internal import StreamCore

/// Where a partition starts that the database has never seen.
package enum StartPosition: String, Sendable, CaseIterable {
    case earliest, latest
    /// The group's offset in Kafka, else the beginning.
    case committed
}

enum ClaimCommand: Sendable {
    case claim(TopicPartition, FetchTag)
    case markSuspect(PartitionClaim, FetchTag, offset: Int64)
    case letGo(PartitionClaim, FetchTag)
}

struct ClaimThread<Source: RecordSource, Provider: ResultSinkProvider, Tokens: Sendable>: Sendable {
    let source: Source
    let provider: Provider
    let start: StartPosition
    let commands: BlockingQueue<ClaimCommand>
    let answer: @Sendable (StreamEvent<InFlightRecord<Tokens>>) -> Void
    let observe: @Sendable (StreamObservation) -> Void

    /// Runs until the queue is closed. The connection belongs to this thread.
    func run() {
        let sink = provider.makeSink(name: "claims")
        let clock = ContinuousClock()
        while let command = commands.receive() {
            switch command {
            case .claim(let partition, let tag):
                let begin = clock.now
                let outcome = claim(partition, sink)
                observe(.stage(.claim, took: clock.now - begin, records: 0))
                answer(.claimFinished(partition, tag, outcome))
            case .markSuspect(let claim, let tag, let offset):
                answer(.suspectMarked(claim.topicPartition, tag, mark(claim, offset, sink)))
            case .letGo(let claim, let tag):
                // If the database cannot be told, the next owner counts a crash too many: harmless.
                do { try sink.release(claim) } catch { observe(.source(.init(code: "release_failed", detail: "\(error)"))) }
                answer(.letGo(claim.topicPartition, tag))
            }
        }
    }

    private func mark(_ claim: PartitionClaim, _ offset: Int64, _ sink: Provider.Sink) -> SuspectMark {
        do { return try sink.markSuspect(claim, offset: offset) ? .marked : .notMine } catch { return .failed(error) }
    }

    private func claim(_ partition: TopicPartition, _ sink: Provider.Sink) -> ClaimOutcome {
        let request: ClaimRequest
        do {
            let cluster = try source.clusterIdentifier()
            let bounds = try source.bounds(of: partition)
            var starts: [Int32: Int64] = [:]
            do {
                if try !sink.knowsTopic(partition.topic, clusterIdentifier: cluster) {
                    starts = try startOffsets(ofTopic: partition.topic)
                }
            } catch let failure as DatabaseFailure {
                return .databaseFailed(failure)
            } catch let failure as SourceFailure {
                return .sourceFailed(failure)
            }
            request = ClaimRequest(
                topicPartition: partition, clusterIdentifier: cluster, bounds: bounds, startOffsets: starts)
        } catch let failure as SourceFailure {
            return .sourceFailed(failure)
        } catch {
            preconditionFailure("the source throws its own failures only")
        }
        switch sink.claim(request) {
        case .claimed(let claim): return .claimed(claim)
        case .blocked(let fault): return .blocked(fault)
        case .failed(let failure): return .databaseFailed(failure)
        }
    }

    /// All partitions of a topic at once, as numbers: what is missing here later is new, and starts at its beginning.
    private func startOffsets(ofTopic topic: String) throws(SourceFailure) -> [Int32: Int64] {
        var offsets: [Int32: Int64] = [:]
        for number in try source.partitions(ofTopic: topic) {
            let partition = TopicPartition(topic: topic, partition: number)
            let bounds = try source.bounds(of: partition)
            switch start {
            case .earliest: offsets[number] = bounds.low
            case .latest: offsets[number] = bounds.high
            case .committed: offsets[number] = try source.committedOffset(of: partition) ?? bounds.low
            }
        }
        return offsets
    }
}
