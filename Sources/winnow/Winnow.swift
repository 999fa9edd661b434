// The entry point of the executable: the command tree and nothing else.
import ArgumentParser

@main
struct Winnow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "winnow",
        abstract:
            "Reads social posts from Kafka, winnows the noise, writes sentiment, topics and entities to PostgreSQL.",
        version: version,
        subcommands: [
            DemoCommand.self, RunCommand.self, EnrichCommand.self, CheckCommand.self, MigrateCommand.self,
            StatusCommand.self, OffsetsCommand.self, ProduceCommand.self, BrokerCommand.self, EvaluateCommand.self,
            TrainCommand.self, BenchmarkCommand.self,
        ])

    /// The version of the program; the schema and the models have their own.
    static let version = "0.1.0"
}
