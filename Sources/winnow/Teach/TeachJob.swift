// One job of `winnow teach` once posts and prompts are read: asks or takes answers in, then filters everything that the log holds
// and writes the files and the report.
import Distillation
import Foundation
import HTTPRequests
import Synchronization

struct TeachJob: Sendable {
    let plan: TeachingPlan
    /// What was left out before anything is asked.
    let rejected: [RejectedPost]
    let log: AnswerLog
    let folder: URL
    let filter: AnswerFilter

    func ask(_ options: TeacherOptions, dialect: EndpointDialect) async throws -> TeachingReport {
        let started = ContinuousClock.now
        let transport = try options.transport()
        let progress = TeachProgressLine(hasPrices: options.prices != TokenPrices())
        let budget = TeachingBudget(
            prices: options.prices, mostTokens: options.tokenBudget, mostCost: options.costBudget, spent: log.recovery.spent)
        let run = TeachingRun(
            plan: plan, log: log, limits: options.limits, budget: budget, dialect: dialect, seed: UInt64.random(in: 0 ... .max),
            send: { body in
                do throws(TransportFault) { return .success(try await transport.send(body)) } catch { return .failure(error) }
            },
            onProgress: { progress.show($0) })
        if log.recovery.answers > 0 { StandardError.print("\(log.recovery.answers) answers are known from before") }
        // The handlers come back on another thread; the answers under way are waited for, unless somebody insists.
        let signals = TerminationSignal(
            onFirst: { _ in
                StandardError.print("Stopping: waiting for the answers under way; once more to leave at once.")
                Task { await run.stop() }
            },
            onSecond: { _ in _exit(130) })
        defer { signals.cancel() }
        let end = try await run.run()
        var report = TeachingReport(
            plan: plan, posts: plan.posts.count + rejected.count, end: end, counts: await run.counts, budget: await run.budget,
            recovery: log.recovery, seconds: (ContinuousClock.now - started) / .seconds(1))
        try write(&report)
        return report
    }

    func take(_ lines: Data, prices: TokenPrices) async throws -> TeachingReport {
        let started = ContinuousClock.now
        let before = log.recovery.spent
        let intake = try await BatchFiles.take(lines, open: plan.openRequests(in: log), into: log)
        var report = TeachingReport(
            plan: plan, posts: plan.posts.count + rejected.count, end: nil, counts: TeachingCounts(),
            budget: TeachingBudget(prices: prices, spent: before + intake.usage), recovery: log.recovery,
            seconds: (ContinuousClock.now - started) / .seconds(1))
        report.count(intake)
        try write(&report)
        return report
    }

    private func write(_ report: inout TeachingReport) throws {
        var files = try AnswerFiles(folder: folder, promptVersion: plan.schedule.prompts.version)
        for post in rejected { try files.put(.rejected(post)) }
        for post in plan.posts {
            let samples = (0..<plan.samples).map { plan.standing(of: post, sample: $0, in: log) }
            try files.put(filter.filter(post, samples))
        }
        report.count(files)
        try files.close(report: report.json)
    }
}

/// A line of progress every two seconds at most.
final class TeachProgressLine: Sendable {
    private let hasPrices: Bool
    private let shownAt = Mutex<ContinuousClock.Instant?>(nil)

    init(hasPrices: Bool) { self.hasPrices = hasPrices }

    func show(_ progress: TeachingProgress) {
        let now = ContinuousClock.now
        let isDue = shownAt.withLock { shown -> Bool in
            if let last = shown, now - last < .seconds(2), progress.settled < progress.all { return false }
            shown = now
            return true
        }
        if isDue { StandardError.print(Self.text(progress, hasPrices: hasPrices)) }
    }

    static func text(_ progress: TeachingProgress, hasPrices: Bool) -> String {
        let share = progress.all == 0 ? 100 : 100 * progress.settled / progress.all
        var parts = ["\(progress.settled) of \(progress.all) (\(share) %)", "\(progress.spent.total) tokens"]
        if hasPrices { parts.append("cost " + String(format: "%.4f", progress.cost)) }
        let failures = progress.counts.failures.values.reduce(0, +)
        if failures > 0 { parts.append("\(failures) failed tries") }
        if let remaining = progress.remaining, progress.settled < progress.all { parts.append("\(clock(remaining)) left") }
        return parts.joined(separator: ", ")
    }

    private static func clock(_ duration: Duration) -> String {
        let seconds = Int(duration.components.seconds)
        if seconds >= 3_600 { return "\(seconds / 3_600) h \(seconds % 3_600 / 60) min" }
        return seconds >= 60 ? "\(seconds / 60) min \(seconds % 60) s" : "\(seconds) s"
    }
}
