// `winnow status`: where the group is, what became of the records, and with --audit whether it all adds up.
import ArgumentParser
import Foundation
import PostgresDelivery
import Posts

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Prints partitions, outcomes, lag, dead letters and the model.",
        discussion: """
            Reads the database, and asks the brokers where the partitions end. Transaction markers at the end are no \
            lag; its seconds are the age of the oldest record that waits.

            Example: winnow status --audit && echo 'every record has its outcome'
            """)

    @OptionGroup var options: ConnectionOptions

    @Flag(help: "One JSON object instead of a table.")
    var json = false

    @Flag(help: "Check that every count, row and key adds up; exit code 1 and a list where they do not.")
    var audit = false

    @Flag(inversion: .prefixedNo, help: "Ask the brokers for the ends of the partitions, which the lag needs.")
    var broker = true

    func run() async throws {
        let settings = try options.loadOrExit().settings
        let database = PostgresOptions(settings)
        let bounds = BrokerBounds(settings)
        let report = try DatabaseCommand.orExit {
            try StatusReport.read(database) { due in broker ? bounds.standings(of: due) : [:] }
        }
        if let failure = bounds.failure { DatabaseCommand.tell("No lag: \(failure.detail).") }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(report), as: UTF8.self))
        } else {
            printTable(report)
        }
        if audit { try runAudit(database) }
    }

    private func runAudit(_ database: PostgresOptions) throws {
        let findings = try DatabaseCommand.orExit { try StatusAudit.findings(database) }
        guard findings.isEmpty else {
            for finding in findings { DatabaseCommand.tell("audit: \(finding).") }
            throw ExitCode(1)
        }
        DatabaseCommand.tell("audit: everything adds up.")
    }

    private func printTable(_ report: StatusReport) {
        for partition in report.partitions {
            var line = "\(partition.topicPartition)  \(partition.firstOffset) ..< \(partition.nextOffset)"
            if let lag = partition.lag { line += "  lag \(lag)" }
            if let seconds = partition.lagSeconds { line += String(format: " (%.1f s)", seconds) }
            for (outcome, count) in partition.outcomes.sorted(by: { $0.key < $1.key }) { line += "  \(outcome) \(count)" }
            print(line)
        }
        if report.partitions.isEmpty { print("No partition was claimed yet.") }
        print("dead letters: \(report.deadLetters)\(report.deadLetters > 0 ? "  (winnow deadletters list)" : "")")
        print("model: \(report.model ?? "none yet")")
    }
}
