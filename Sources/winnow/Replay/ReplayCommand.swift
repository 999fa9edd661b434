// `winnow replay`: enriches a range again with another model, beside the live results or in their place.
import ArgumentParser
import Foundation
import Posts
import PostgresDelivery
import RegistryFormats
import ServiceSettings
import StreamCore

extension ReplaySource: ExpressibleByArgument {}

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Enriches a range again with another model, beside the live one or in its place.",
        discussion: """
            The texts come from the database, or from Kafka without joining the group: the live stream goes on, and its \
            deletes and edits win. A replay that was broken off goes on when the same command is given again, or with \
            --resume. Example: winnow replay --source database --beside --model DIR --from 2026-11-01
            """)

    enum Mode: String, EnumerableFlag {
        case beside, adopt

        static func help(for value: Mode) -> ArgumentHelp? {
            switch value {
            case .beside: "Write into winnow.enrichments, for comparison."
            case .adopt: "Put the results in place of the live ones."
            }
        }
    }

    @OptionGroup var options: SettingsOptions

    @Option(help: ArgumentHelp("Where the texts come from: database or kafka.", valueName: "source"))
    var source: ReplaySource?

    @Flag(exclusivity: .exclusive)
    var mode: Mode?

    @Option(help: ArgumentHelp("First time (of receipt, UTC), or with kafka first offset.", valueName: "time|offset"))
    var from: OffsetOrTime?

    @Option(help: ArgumentHelp("Where it ends, not included.", valueName: "time|offset"))
    var to: OffsetOrTime?

    @Option(help: ArgumentHelp("Kafka: only this partition.", valueName: "number"))
    var partition: Int32?

    @Option(help: ArgumentHelp("Database: only posts whose live topic is this label.", valueName: "label"))
    var topicLabel: String?

    @Option(help: ArgumentHelp("Database: only posts of this language.", valueName: "tag"))
    var language: String?

    @Option(help: ArgumentHelp("Database: only posts of this platform.", valueName: "name"))
    var platform: String?

    @Option(help: ArgumentHelp("Database: only posts that this model wrote, as name-version+hash.", valueName: "model"))
    var writtenBy: String?

    @Option(help: ArgumentHelp("At most so many posts a second.", valueName: "number"))
    var rate: Double?

    @Option(help: ArgumentHelp("Go on with this replay.", valueName: "number"))
    var resume: Int64?

    @Flag(help: "Begin anew even where the same replay was broken off.")
    var anew = false

    @Flag(help: "Only say how much there is to go through.")
    var dryRun = false

    @Flag(help: "No progress on standard error.")
    var quiet = false

    @Flag(help: "One JSON object at the end instead of a table.")
    var json = false

    func validate() throws {
        if let rate, !(rate > 0 && rate.isFinite) { throw ValidationError("--rate takes a number above 0.") }
        if resume != nil {
            guard source == nil, mode == nil, !anew else {
                throw ValidationError("--resume goes on as the replay began: leave --source, --beside, --adopt and --anew out.")
            }
            return
        }
        guard let source else { throw ValidationError("Say where the texts come from: --source database or --source kafka.") }
        guard mode != nil else { throw ValidationError("Say where the results go: --beside or --adopt.") }
        switch source {
        case .database:
            if from?.offset != nil || to?.offset != nil || partition != nil {
                throw ValidationError("Offsets and --partition need --source kafka; --source database takes times.")
            }
        case .kafka:
            if topicLabel != nil || language != nil || platform != nil || writtenBy != nil {
                throw ValidationError("--topic-label, --language, --platform and --written-by need --source database.")
            }
        }
    }

    func run() async throws {
        let loaded = try options.loadOrExit()
        let database = PostgresOptions(loaded.settings)
        let students: StudentComposition
        let model: StudentComposition.Model
        do {
            students = try StudentComposition(loaded)
            model = try students.onlyModel()
        } catch {
            DatabaseCommand.tell(error.description)
            throw ExitCode(2)
        }
        if let notice = model.notice { DatabaseCommand.tell(notice) }
        let (replay, isResumed) = try orExit { try find(model, loaded.settings, database) }
        let feed: any ReplayFeed = try orExit { () throws -> any ReplayFeed in
            switch replay.source {
            case .database: return StoredFeed(options: database)
            case .kafka:
                return try KafkaFeed(
                    replay, options: database, kafka: ReplayStart.kafkaConfiguration(loaded.settings),
                    decoder: Self.decoder(loaded.settings))
            }
        }
        let tell = teller(replay)
        let stop = StopFlag()
        let signals = TerminationSignal(
            onFirst: { _ in
                tell("stopping after this batch")
                stop.set()
            },
            onSecond: { _ in Foundation.exit(130) })
        defer { signals.cancel() }
        tell("\(isResumed ? "goes on" : "begins"): \(replay.done) of \(replay.total) done, model \(replay.model)")
        let started = ContinuousClock.now
        let run = ReplayRun(
            replay, feed: feed,
            pool: StudentPool(students.routes, workers: students.workers), options: database,
            pace: rate.map { PaceLimit(perSecond: $0) }, stop: stop, tell: tell)
        let (ending, last) = await run.onThreadOfItsOwn()
        try report(ending, last, database, took: .now - started)
    }

    private func teller(_ replay: Replay) -> @Sendable (String) -> Void {
        let isQuiet = quiet
        let name = "replay \(replay.identifier)"
        return { line in if !isQuiet { DatabaseCommand.tell("\(name): \(line)") } }
    }

    private static func decoder(_ settings: Settings) -> RecordDecoder {
        RecordDecoder(
            posts: PostDecoder(format: settings.format, generic: settings.generic, mastodon: settings.mastodon),
            payloads: RegistryPayloads(settings) { DatabaseCommand.tell($0.sentence) })
    }

    private func find(
        _ model: StudentComposition.Model, _ settings: Settings, _ database: PostgresOptions
    ) throws -> (Replay, Bool) {
        if let resume {
            guard let known = try ReplayLedger(database).find(resume) else {
                throw CommandFailure("There is no replay \(resume); see the table winnow.replays")
            }
            guard !known.isFinished else { throw CommandFailure("Replay \(resume) has reached its end already") }
            guard known.model == model.student.version.description else {
                throw CommandFailure(
                    "Replay \(resume) is one of the model \(known.model), and \(model.folder) holds "
                        + "\(model.student.version): give its folder with --model")
            }
            return (known, true)
        }
        guard let source, let mode else { throw CommandFailure("--source and --beside or --adopt are missing") }
        let start = ReplayStart(
            source: source, mode: mode == .adopt ? .adopt : .beside, model: model.student.version,
            selection: selection(source, settings), settings: settings, options: database)
        if dryRun {
            let range = try start.range()
            for span in range.spans { print("\(span.topicPartition)  \(span.nextOffset) ..< \(span.endOffset)") }
            print("\(range.total) \(source == .kafka ? "offsets" : "posts") to go through.")
            throw ExitCode.success
        }
        return try start.replay(isAnew: anew)
    }

    private func selection(_ source: ReplaySource, _ settings: Settings) -> ReplaySelection {
        var selection = ReplaySelection()
        selection.fromTime = from?.time?.microseconds
        selection.toTime = to?.time?.microseconds
        guard source == .kafka else {
            selection.topicLabel = topicLabel
            selection.language = language
            selection.platform = platform
            selection.writtenBy = writtenBy
            return selection
        }
        selection.fromOffset = from?.offset
        selection.toOffset = to?.offset
        selection.kafkaTopics = settings.kafka.topics
        selection.kafkaPartition = partition
        return selection
    }

    private func report(
        _ ending: ReplayEnding, _ replay: Replay, _ database: PostgresOptions, took: Duration
    ) throws {
        let outcomes = (try? ReplayLedger(database).outcomes(replay)) ?? [:]
        var isFinished = false
        if case .finished = ending { isFinished = true }
        if json {
            let report = ReplayReport(
                replay: replay.identifier, source: replay.source.rawValue, mode: replay.mode.rawValue,
                model: replay.model, total: replay.total, done: replay.done, outcomes: outcomes, finished: isFinished,
                seconds: (took / .seconds(1) * 100).rounded() / 100)
            print(try CommandJSON.text(report))
        } else {
            for (outcome, count) in outcomes.sorted(by: { $0.key < $1.key }) { print("\(outcome)  \(count)") }
            print(
                "Replay \(replay.identifier) \(isFinished ? "has reached its end" : "was broken off"): "
                    + "\(replay.done) of \(replay.total) done in \(took.seconds).")
        }
        switch ending {
        case .finished: return
        case .interrupted:
            DatabaseCommand.tell("Interrupted; go on with: winnow replay --resume \(replay.identifier)")
            throw ExitCode(130)
        case .failed(let sentence):
            DatabaseCommand.tell("\(sentence). What is done is kept; go on with: winnow replay --resume \(replay.identifier)")
            throw ExitCode(1)
        }
    }

    private func orExit<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try DatabaseCommand.orExit(body)
        } catch let failure as SourceFailure {
            DatabaseCommand.tell("\(failure).")
        } catch let failure as CommandFailure {
            DatabaseCommand.tell("\(failure.description).")
        }
        throw ExitCode(1)
    }
}

private struct ReplayReport: Encodable {
    let replay: Int64
    let source: String
    let mode: String
    let model: String
    let total: Int64
    let done: Int64
    let outcomes: [String: Int64]
    let finished: Bool
    let seconds: Double
}
