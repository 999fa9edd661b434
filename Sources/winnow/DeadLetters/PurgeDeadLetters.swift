// `winnow deadletters purge`: forgets letters for good.
import ArgumentParser
import PostgresDelivery

struct PurgeDeadLetters: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge", abstract: "Forgets letters for good; their records stay counted as dead.")

    @OptionGroup var options: ConnectionOptions
    @OptionGroup var letters: DeadLetterOptions

    @Option(help: ArgumentHelp("At most so many, oldest first.", valueName: "count"))
    var limit: Int64?

    @Flag(help: "All letters of the group: needed where nothing else narrows the choice.")
    var all = false

    @Flag(help: "Only say what would be forgotten.")
    var dryRun = false

    @Flag(help: "One JSON object instead of a sentence.")
    var json = false

    func run() async throws {
        let database = PostgresOptions(try options.loadOrExit().settings)
        let filter = letters.filter(topics: options.topic)
        guard all || !filter.isEverything else {
            DatabaseCommand.tell("Say which letters: --id, --reason, --topic, --from, --older-than and so on, or --all.")
            throw ExitCode(2)
        }
        let count = try DatabaseCommand.orExit {
            let administration = try DeadLetterAdministration(database)
            if dryRun { return min(try administration.counts(filter).values.reduce(0, +), limit ?? .max) }
            return try administration.purge(filter, limit: limit ?? .max)
        }
        if json {
            print(try CommandJSON.text(Report(purged: dryRun ? 0 : count, matching: count, dryRun: dryRun)))
        } else {
            let what = count == 1 ? "1 dead letter" : "\(count) dead letters"
            print("\(what) \(dryRun ? "would be" : count == 1 ? "was" : "were") purged.")
        }
    }

    private struct Report: Encodable {
        let purged: Int64
        let matching: Int64
        let dryRun: Bool
        enum CodingKeys: String, CodingKey {
            case purged, matching
            case dryRun = "dry_run"
        }
    }
}
