// The entry point of the executable: the command tree, and the exit code of wrong usage.
import ArgumentParser
import Foundation

@main
struct Winnow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "winnow",
        abstract:
            "Reads social posts from Kafka, winnows the noise, writes sentiment, topics and entities to PostgreSQL.",
        version: version,
        subcommands: [
            DemoCommand.self, RunCommand.self, EnrichCommand.self, CheckCommand.self, MigrateCommand.self,
            MaintainCommand.self, StatusCommand.self, OffsetsCommand.self, DeadLettersCommand.self, ReplayCommand.self,
            ProduceCommand.self, BrokerCommand.self, EvaluateCommand.self, TrainCommand.self, CalibrateCommand.self,
            TeachCommand.self, LabelCommand.self, AblateCommand.self, QuantizeCommand.self, BenchmarkCommand.self,
        ])

    /// The version of the program; the schema and the models have their own.
    static let version = "0.1.0"

    /// As ArgumentParser does it, but wrong usage ends with 2, as wrong configuration does; the parser's own code is 64.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
            Foundation.exit(2)
        }
    }
}
