// The work of `winnow replay`: portion by portion through the model into the database, each in one transaction with its
// position. Ends at the end of the range, when it is told to stop, or at a failure that waiting does not mend.
import Foundation
import Posts
import PostgresDelivery
import StreamCore
import StreamPipeline

enum ReplayEnding: Sendable {
    case finished
    case interrupted
    case failed(String)
}

/// Sendable because it is used by the one thread that `onThreadOfItsOwn` starts, and by nobody else after that.
final class ReplayRun: @unchecked Sendable {
    /// Of one transaction: a second of work or so, which is what an interruption waits for.
    private static let batch = 256
    private var replay: Replay
    private var feed: any ReplayFeed
    private let pool: StudentPool
    private let options: PostgresOptions
    private let writer: ReplayWriter
    private let stop: StopFlag
    private var pace: PaceLimit?
    private let tell: @Sendable (String) -> Void
    private let retries = RetryPolicy(first: .milliseconds(200), last: .seconds(15))
    private var random = SeededRandom(seed: UInt64.random(in: 0 ... .max))
    private let started = ContinuousClock.now
    private let doneAtStart: Int64
    private var lastTold = ContinuousClock.now

    init(
        _ replay: Replay, feed: any ReplayFeed, pool: StudentPool, options: PostgresOptions, pace: PaceLimit?,
        stop: StopFlag, tell: @escaping @Sendable (String) -> Void
    ) {
        self.replay = replay
        self.feed = feed
        self.pool = pool
        self.options = options
        self.pace = pace
        self.stop = stop
        self.tell = tell
        writer = ReplayWriter(options)
        doneAtStart = replay.done
    }

    func onThreadOfItsOwn() async -> (ending: ReplayEnding, replay: Replay) {
        await withCheckedContinuation { continuation in
            _ = DedicatedThread(name: "replay") { continuation.resume(returning: (self.work(), self.replay)) }
        }
    }

    private func work() -> ReplayEnding {
        do {
            while !stop.isStopped {
                let limit = pace?.batchLimit(Self.batch) ?? Self.batch
                guard let portion = try patiently({ try self.feed.next(self.replay, limit: limit) }) else { break }
                if portion.isEnd {
                    try ReplayLedger(options).finish(replay)
                    return .finished
                }
                if portion.isEmpty { continue }
                if let fault = try write(portion) { return .failed(fault) }
                tellProgress()
                slowDown(after: portion.posts.count)
            }
            return .interrupted
        } catch let failure as DatabaseFailure {
            return .failed(failure.description)
        } catch let failure as SourceFailure {
            return .failed(failure.description)
        } catch {
            return .failed("\(error)")
        }
    }

    /// Until it succeeds, as long as waiting can help; nil when it is time to stop.
    private func patiently<Value>(_ body: () throws -> Value) throws -> Value? {
        var attempt = 0
        while true {
            do {
                return try body()
            } catch let failure as DatabaseFailure where failure.failureClass == .wait {
                attempt += 1
                let wait = retries.wait(attempt: attempt, using: &random)
                if attempt > 2 { tell("waiting: \(failure); again in \(wait.seconds)") }
                if stop.wait(until: Date(timeIntervalSinceNow: wait / .seconds(1))) { return nil }
            }
        }
    }

    /// Answers with a sentence where the replay belongs to somebody else now.
    private func write(_ portion: ReplayPortion) throws -> String? {
        var batch = ReplayBatch()
        let enrichments = pool.enrich(portion.posts.map { StudentText(text: $0.text, language: $0.language) })
        batch.results = Array(zip(portion.posts, enrichments)).map { (post: $0, enrichment: $1) }
        batch.decided = portion.decided
        batch.nextPost = portion.nextPost
        batch.nextOffsets = portion.nextOffsets
        guard let result = try patiently({ try self.writer.write(batch, of: self.replay) }) else { return nil }
        if case .fenced = result {
            // Ours, where the connection broke after the commit.
            let now = try patiently { try ReplayLedger(self.options).find(self.replay.identifier) }
            guard case .some(.some(let now)) = now, now.done == replay.done + batch.advance, !now.isFinished else {
                return "Replay \(replay.identifier) has been taken on by another process, or was ended; see winnow.replays"
            }
        }
        replay.done += batch.advance
        replay.nextPost = batch.nextPost ?? replay.nextPost
        return nil
    }

    private func slowDown(after count: Int) {
        guard var limit = pace else { return }
        let wait = limit.wait(after: count, elapsed: .now - started)
        pace = limit
        if wait > .zero { _ = stop.wait(until: Date(timeIntervalSinceNow: wait / .seconds(1))) }
    }

    private func tellProgress() {
        guard ContinuousClock.now - lastTold >= .seconds(5) else { return }
        lastTold = .now
        tell(
            ReplayProgress(
                done: replay.done, total: replay.total, doneNow: replay.done - doneAtStart, elapsed: lastTold - started
            ).text)
    }
}

/// One line about how far a replay is.
struct ReplayProgress {
    let done: Int64
    let total: Int64
    /// By this process.
    let doneNow: Int64
    let elapsed: Duration

    var text: String {
        let perSecond = Double(doneNow) / max(elapsed / .seconds(1), 0.001)
        var line = "\(done) of \(total), \(Int(perSecond.rounded())) a second"
        if perSecond > 0, total > done {
            let left = Int((Double(total - done) / perSecond).rounded(.up))
            line += left < 120 ? ", about \(left) s left" : ", about \((left + 59) / 60) min left"
        }
        return line
    }
}
