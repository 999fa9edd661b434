// `winnow deadletters redrive`: takes letters in again with the settings and the model of now.
import ArgumentParser
import Foundation
import Posts
import PostgresDelivery
import ServiceSettings
import StreamCore

struct RedriveDeadLetters: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redrive", abstract: "Takes letters in again, with the settings and the model of now.",
        discussion: """
            Each batch is one transaction, merged as every delivery is: deletes that came meanwhile win, older versions \
            lose. A letter that still cannot be read or written stays. The stream may go on running. Letters with the \
            reason `crashed` are left out unless --reason crashed or --id names them: reading them ended a process.
            """)

    @OptionGroup var options: SettingsOptions
    @OptionGroup var letters: DeadLetterOptions

    @Option(help: ArgumentHelp("At most so many, oldest first.", valueName: "count"))
    var limit: Int?

    @Option(help: ArgumentHelp("Letters of one transaction.", valueName: "count"))
    var batch = 200

    @Flag(help: "Read them and say what would come of it; write nothing.")
    var dryRun = false

    @Flag(help: "One JSON object instead of a table.")
    var json = false

    func validate() throws {
        guard (1...1_000).contains(batch) else { throw ValidationError("--batch takes 1 to 1000, not \(batch).") }
        if let limit, limit < 1 { throw ValidationError("--limit takes 1 or more, not \(limit).") }
    }

    func run() async throws {
        let loaded = try options.loadOrExit()
        var filter = letters.filter(topics: options.connection.topic)
        filter.exceptReasons = [RejectionReason.crashed.rawValue]
        let reader: LetterReader
        do {
            reader = LetterReader(try StudentComposition(loaded), settings: loaded.settings)
        } catch {
            DatabaseCommand.tell(error.description)
            throw ExitCode(2)
        }
        let stop = StopFlag()
        let signals = TerminationSignal(
            onFirst: { _ in stop.set() }, onSecond: { _ in Foundation.exit(130) })
        defer { signals.cancel() }
        let run = RedriveRun(
            options: PostgresOptions(loaded.settings), filter: filter, limit: limit ?? .max, batch: batch,
            isDryRun: dryRun, reader: reader, stop: stop)
        let report = try await run.onThreadOfItsOwn()
        try tell(report)
        if let failure = report.failure {
            DatabaseCommand.tell("\(failure).")
            throw ExitCode(1)
        }
        if report.isInterrupted { throw ExitCode(130) }
    }

    private func tell(_ report: RedriveReport) throws {
        if json { return print(try CommandJSON.text(report)) }
        for (outcome, count) in report.outcomes.sorted(by: { $0.key < $1.key }) { print("\(outcome)  \(count)") }
        if report.empty > 0 { print("no payload  \(report.empty)") }
        let verb = report.isDryRun ? "would be taken in" : "were taken in"
        print(
            "\(report.taken) dead letters \(verb), \(report.kept) stay"
                + (report.isInterrupted ? "; interrupted, the rest was not looked at." : "."))
    }
}
