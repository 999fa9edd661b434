// `winnow broker`: a development broker that runs until it is told to stop. The broker itself is `DevelopmentBroker`.
import ArgumentParser
import Foundation
import KafkaIngest
import StreamCore

struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Runs a Kafka broker for development, in memory.",
        discussion: """
            Hosts librdkafka's mock cluster on a free port of 127.0.0.1, prints its bootstrap list as the only line \
            on standard output, and runs until SIGINT or SIGTERM. Groups, commits and rebalances work as with a real \
            broker.

            It is no broker for production: records live in memory only, each partition keeps its newest \
            \(DevelopmentBroker.retainedBytesPerPartition >> 20) MiB or \
            \(DevelopmentBroker.retainedMessagesPerPartition) records and drops older ones without a word. A topic \
            that nobody named gets \(DevelopmentBroker.defaultPartitionCount) partitions when it is first used.
            """)

    @Option(
        name: .customLong("topic"),
        help: ArgumentHelp(
            "Create this topic with so many partitions; may be given several times.", valueName: "name:partitions"))
    var topics: [TopicArgument] = []

    @Option(
        help: ArgumentHelp("Also write the bootstrap list to this file, once the broker listens.", valueName: "path"))
    var listenFile: String?

    mutating func run() async throws {
        let stop = StopFlag()
        let signals = TerminationSignal(onFirst: { _ in stop.set() }, onSecond: { _ in Foundation.exit(130) })
        defer { signals.cancel() }
        let broker: DevelopmentBroker
        do {
            broker = try DevelopmentBroker(topics: topics.map(\.topic))
        } catch {
            throw CommandFailure(error.detail)
        }
        if let listenFile {
            do {
                try Data((broker.bootstrapServers + "\n").utf8).write(to: URL(filePath: listenFile), options: .atomic)
            } catch {
                throw CommandFailure(
                    "The bootstrap list could not be written to \(listenFile): check the folder and its rights")
            }
        }
        FileHandle.standardOutput.write(Data((broker.bootstrapServers + "\n").utf8))
        stop.wait()
        // Keeps the broker alive up to here.
        withExtendedLifetime(broker) {}
    }
}

/// `NAME:PARTITIONS`.
struct TopicArgument: ExpressibleByArgument {
    let topic: DevelopmentBroker.Topic

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), colon != argument.startIndex,
            let count = Int32(argument[argument.index(after: colon)...]), count > 0, count <= 10_000
        else { return nil }
        topic = DevelopmentBroker.Topic(name: String(argument[..<colon]), partitionCount: count)
    }
}

/// A sentence for the person at the keyboard; the command ends with exit code 1.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
