// One worker: decoder, tokenizer, mask and student on a thread of its own. Takes one task after another from the shared queue.
internal import Posts
internal import StreamCore

/// A task for any worker.
enum WorkerTask<Tokens: Sendable>: Sendable {
    case prepare(TaskNumber, [InFlightRecord<Tokens>])
    case enrich(TaskNumber, [InFlightRecord<Tokens>], BatchCloseReason)
}

struct WorkerThread<Provider: EnrichmentStageProvider>: Sendable {
    typealias Tokens = Provider.Stage.Tokens

    let provider: Provider
    let tasks: BlockingQueue<WorkerTask<Tokens>>
    let answer: @Sendable (StreamEvent<InFlightRecord<Tokens>>) -> Void
    let observe: @Sendable (StreamObservation) -> Void

    /// Runs until the queue is closed. The stage belongs to this thread.
    func run() {
        let stage = provider.makeStage()
        let clock = ContinuousClock()
        while let task = tasks.receive() {
            let start = clock.now
            switch task {
            case .prepare(let number, let records):
                let prepared = records.map { prepare($0, stage) }
                observe(.stage(.prepare, took: clock.now - start, records: records.count))
                answer(.prepared(number, prepared))
            case .enrich(let number, let records, let reason):
                let enriched = enrich(records, stage, reason)
                observe(.stage(.enrich, took: clock.now - start, records: records.count))
                answer(.enriched(number, enriched))
            }
        }
    }

    private func prepare(
        _ record: InFlightRecord<Tokens>, _ stage: Provider.Stage
    ) -> PreparedPayload<InFlightRecord<Tokens>> {
        var prepared = record
        guard let tokenCount = prepared.take(stage.prepare(record.record)) else { return .done(prepared) }
        return .post(prepared, tokenCount: tokenCount)
    }

    private func enrich(
        _ records: [InFlightRecord<Tokens>], _ stage: Provider.Stage, _ reason: BatchCloseReason
    ) -> [InFlightRecord<Tokens>] {
        let posts = records.flatMap(\.waitingPosts)
        let answers = stage.enrich(posts)
        precondition(answers.count == posts.count, "the student answers for each post")
        observe(.microBatch(posts: posts.count, tokens: posts.reduce(0) { $0 + stage.tokenCount($1.tokens) }, reason))
        var next = answers.startIndex
        return records.map { record in
            var enriched = record
            enriched.finish { _ in
                defer { next += 1 }
                return answers[next]
            }
            return enriched
        }
    }
}
