// The work of `winnow deadletters redrive`: page by page, read again, one transaction a batch. On a thread of its own.
import Foundation
import LanguageIdentification
import Posts
import PostgresDelivery
import RegistryFormats
import ServiceSettings
import StreamCore
import StreamPipeline

/// Decoder and students for letters.
final class LetterReader {
    private let decoder: RecordDecoder
    private let pool: StudentPool

    init(_ model: StudentComposition, settings: Settings) {
        decoder = RecordDecoder(
            posts: PostDecoder(format: settings.format, generic: settings.generic, mastodon: settings.mastodon),
            payloads: RegistryPayloads(settings) { DatabaseCommand.tell($0.sentence) })
        pool = StudentPool(model.routes, workers: model.workers)
    }

    /// What each letter is read as now, in order. Blocks while a schema registry that is needed cannot be asked.
    func read(_ letters: [HeldLetter]) -> [RedrivenLetter] {
        var texts: [StudentText] = []
        let prepared = letters.map { letter in
            PreparedRecord(decoder.decode(letter.record), of: letter.record) { post in
                post.language = PostLanguage.decide(tag: post.language, text: post.text)
                texts.append(StudentText(text: post.text, language: post.language))
                return (texts.count - 1, 1)
            }
        }
        let enrichments = pool.enrich(texts)
        return zip(letters, prepared).map { RedrivenLetter(letter: $0, content: Self.content($1, enrichments)) }
    }

    private static func content(_ prepared: PreparedRecord<Int>, _ enrichments: [Enrichment]) -> DeliverableContent {
        switch prepared {
        case .post(let post, let index, _): .post(post, enrichments[index])
        case .done(let content): content
        case .several(let documents): .several(documents.map { content($0.content, enrichments) })
        }
    }
}

struct RedriveReport: Encodable, Sendable {
    /// By outcome, as `status` writes them; of a dry run: by kind of event.
    var outcomes: [String: Int] = [:]
    var taken = 0
    var kept = 0
    /// Letters whose post or account was deleted: there is nothing to take in.
    var empty = 0
    var isDryRun = false
    var isInterrupted = false
    var failure: DatabaseFailure?

    private enum CodingKeys: String, CodingKey {
        case outcomes, taken, kept, empty
        case isDryRun = "dry_run"
        case isInterrupted = "interrupted"
    }
}

/// Sendable because it is used by the one thread that `onThreadOfItsOwn` starts, and by nobody else after that.
final class RedriveRun: @unchecked Sendable {
    private static let longestSeries = 8
    private let redrive: DeadLetterRedrive
    private let filter: DeadLetterFilter
    private let limit: Int
    private let batch: Int
    private let reader: LetterReader
    private let stop: StopFlag
    private let retries = RetryPolicy(first: .milliseconds(100), last: .seconds(5))
    private var random = SeededRandom(seed: UInt64.random(in: 0 ... .max))
    private var report = RedriveReport()

    init(
        options: PostgresOptions, filter: DeadLetterFilter, limit: Int, batch: Int, isDryRun: Bool, reader: LetterReader,
        stop: StopFlag
    ) {
        redrive = DeadLetterRedrive(options)
        self.filter = filter
        self.limit = limit
        self.batch = batch
        self.reader = reader
        self.stop = stop
        report.isDryRun = isDryRun
    }

    func onThreadOfItsOwn() async throws -> RedriveReport {
        await withCheckedContinuation { continuation in
            _ = DedicatedThread(name: "redrive") { continuation.resume(returning: self.work()) }
        }
    }

    private func work() -> RedriveReport {
        do throws(DatabaseFailure) {
            try goThrough(last: redrive.lastIdentifier(filter))
        } catch {
            report.failure = error
        }
        report.isInterrupted = stop.isStopped && report.failure == nil
        return report
    }

    private func goThrough(last: Int64) throws(DatabaseFailure) {
        var after: Int64 = 0
        var seen = 0
        var failures = 0
        while seen < limit, !stop.isStopped {
            do throws(DatabaseFailure) {
                let page = try redrive.letters(filter, after: after, through: last, limit: min(batch, limit - seen))
                guard let end = page.last?.identifier else { return }
                let full = page.filter { !$0.isEmpty }
                for part in RedriveBatch.batches(reader.read(full), limit: batch) {
                    if stop.isStopped { return }
                    try apply(part)
                    after = part.letters.map(\.letter.identifier).max() ?? after
                    seen += part.letters.count
                    failures = 0
                }
                report.empty += page.count - full.count
                seen += page.count - full.count
                after = end
            } catch {
                failures += 1
                guard error.failureClass == .wait, failures < Self.longestSeries else { throw error }
                let wait = retries.wait(attempt: failures, using: &random)
                _ = stop.wait(until: Date(timeIntervalSinceNow: wait / .seconds(1)))
            }
        }
    }

    private func apply(_ part: RedriveBatch) throws(DatabaseFailure) {
        guard !report.isDryRun else { return countOnly(part) }
        for (outcome, count) in try redrive.apply(part) {
            report.outcomes[outcome.description, default: 0] += count
            if outcome.kind == .dead { report.kept += count } else { report.taken += count }
        }
    }

    private func countOnly(_ part: RedriveBatch) {
        for letter in part.letters {
            let name =
                switch letter.content {
                case .post: "post"
                case .delete: "delete"
                case .account(let change): "account_\(change.kind.rawValue)"
                case .skipped(let reason): "skipped(\(reason.rawValue))"
                case .dead(let dead): "dead(\(dead.rejection.reason.rawValue))"
                case .several(let documents): "\(documents.count) documents"
                }
            report.outcomes[name, default: 0] += 1
            if letter.rejection != nil { report.kept += 1 } else { report.taken += 1 }
        }
    }
}
