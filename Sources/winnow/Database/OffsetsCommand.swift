// `winnow offsets show | set`: the group's positions in the database. Kafka's own offsets are hints and are not
// touched.
import ArgumentParser
import PostgresDelivery
import Posts
import ServiceSettings
import StreamCore

struct OffsetsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "offsets", abstract: "Shows or moves the group's positions in the database.",
        subcommands: [Show.self, Set.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints where each partition of the group stands, one line a partition.")

        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            let database = PostgresOptions(try options.loadOrExit().settings)
            let positions = try DatabaseCommand.orExit { try OffsetAdministration(database).positions() }
            for position in positions {
                print(
                    "\(position.topicPartition)  first \(position.firstOffset)  next \(position.nextOffset)"
                        + "  claims \(position.claimCounter)\(position.isReleased ? "  released" : "")"
                        + (position.crashCount > 0 ? "  crashes \(position.crashCount)" : "")
                        + "  cluster \(position.clusterIdentifier ?? "(the next claim decides)")")
            }
            if positions.isEmpty { print("No partition was claimed yet.") }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Moves partitions; whoever owns them is fenced and goes on from there.",
            discussion: """
                Forward, what is passed over is counted as skipped(offsets_set). Backward, the partition's counts \
                begin anew at the new offset. After a topic was made anew or the cluster has changed, move all of \
                its partitions.

                Example: winnow offsets set --topic posts --partition 3 --to earliest
                """)

        @OptionGroup var options: ConnectionOptions

        @Option(help: ArgumentHelp("The partition; without it all partitions of the topic.", valueName: "number"))
        var partition: Int32?

        @Option(help: ArgumentHelp("An offset, `earliest` or `latest`.", valueName: "offset"))
        var to: String

        func validate() throws {
            guard Int64(to).map({ $0 >= 0 }) ?? ["earliest", "latest"].contains(to) else {
                throw ValidationError("--to \(to) is neither an offset nor `earliest` nor `latest`.")
            }
        }

        func run() async throws {
            let settings = try options.loadOrExit().settings
            let administration = OffsetAdministration(PostgresOptions(settings))
            let positions = try DatabaseCommand.orExit { try administration.positions() }
            let chosen = positions.map(\.topicPartition).filter { known in
                settings.kafka.topics.contains(known.topic) && (partition.map { $0 == known.partition } ?? true)
            }
            guard !chosen.isEmpty else {
                DatabaseCommand.tell(
                    "Group \(settings.kafka.group) has no such partition in the database; see `winnow offsets show`.")
                throw ExitCode(1)
            }
            let moves = try targets(chosen, settings)
            let moved = try DatabaseCommand.orExit { try administration.set(moves) }
            for (topicPartition, offset) in moves.sorted(by: { $0.key < $1.key }) { print("\(topicPartition)  next \(offset)") }
            print("\(moved) partitions were set.")
        }

        private func targets(_ chosen: [TopicPartition], _ settings: Settings) throws -> [TopicPartition: Int64] {
            if let offset = Int64(to) { return Dictionary(uniqueKeysWithValues: chosen.map { ($0, offset) }) }
            let broker = BrokerBounds(settings)
            var moves: [TopicPartition: Int64] = [:]
            for partition in chosen {
                guard let bounds = broker.bounds(of: partition) else {
                    DatabaseCommand.tell("\(broker.failure?.detail ?? "Kafka cannot be asked"); give --to a number instead.")
                    throw ExitCode(1)
                }
                moves[partition] = to == "earliest" ? bounds.low : bounds.high
            }
            return moves
        }
    }
}
