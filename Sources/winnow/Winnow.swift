// The entry point of the executable: the command tree and nothing else.
import ArgumentParser

@main
struct Winnow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "winnow",
        abstract: """
            Reads social posts from Kafka, winnows the noise, writes sentiment, topics and entities to PostgreSQL.
            """,
        subcommands: [BrokerCommand.self, ProduceCommand.self])
}
