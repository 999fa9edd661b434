// `winnow produce`: lines, or frames of server-sent events, from standard input to a topic. Each is counted: acknowledged,
// failed, too long or empty.
import ArgumentParser
import Foundation
import KafkaIngest
import StreamCore

struct ProduceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "produce",
        abstract: "Sends lines or server-sent events from standard input to a Kafka topic.",
        discussion: """
            Each line, ended by 0x0A, becomes the value of one record; empty lines are left out. Where the first line is \
            one of server-sent events (event:, data:, id:, retry: or a comment), as in Mastodon's streams, each frame up to \
            a blank line is one record, with its lines as they are; frames without data (keep-alives) are left out. \
            --framing says it where the first line cannot.

            Without --key-field records go over all partitions in turn; with it, records with the same key go to the same \
            partition.

            Progress goes to standard error, the result to standard output. The exit code is 0 when everything was \
            acknowledged, 1 when any was not, 130 after Ctrl-C (what was read before is still sent).
            """)

    @Option(help: ArgumentHelp("Brokers to begin with, as host:port,host:port.", valueName: "list"))
    var brokers: String

    @Option(help: ArgumentHelp("The topic to write to.", valueName: "name"))
    var topic: String

    @Option(
        help: ArgumentHelp("What becomes a record: lines, events (frames of server-sent events), or auto.", valueName: "kind"))
    var framing = InputFraming.auto

    @Option(help: ArgumentHelp("Send at most so many records a second.", valueName: "records"))
    var rate: Double?

    @Option(
        help: ArgumentHelp(
            "Take the record's key from this field of each JSON line, or event's data, as a dotted path.", valueName: "path"))
    var keyField: String?

    @Option(
        name: .customLong("properties"),
        help: ArgumentHelp("A librdkafka property; may be given several times.", valueName: "name=value"))
    var properties: [String] = []

    @Option(help: ArgumentHelp("Refuse lines, or frames, of more bytes than this.", valueName: "bytes"))
    var maxLineBytes: Int = 900_000

    @Flag(help: "No progress on standard error.")
    var quiet = false

    mutating func validate() throws {
        if let rate, !(rate > 0) { throw ValidationError("--rate must be above zero.") }
        if maxLineBytes < 1 { throw ValidationError("--max-line-bytes must be at least 1.") }
        if let keyField, KeyField(keyField) == nil {
            throw ValidationError("--key-field '\(keyField)' is no dotted path such as id or commit.rkey.")
        }
        for property in properties where !property.dropFirst().contains("=") {
            throw ValidationError("--properties needs name=value.")
        }
    }

    mutating func run() async throws {
        let stop = StopFlag()
        let signals = TerminationSignal(onFirst: { _ in stop.set() }, onSecond: { _ in Foundation.exit(130) })
        defer { signals.cancel() }
        var values: [String: String] = [:]
        for property in properties {
            let parts = property.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            values[String(parts[0])] = String(parts[1])
        }
        if values["message.max.bytes"] == nil {
            // Room for the key and the framing beside the value.
            values["message.max.bytes"] = String(min(1_000_000_000, max(1_000_000, maxLineBytes + 65_536)))
        }
        var feed: LineFeed
        do {
            feed = try LineFeed(
                brokers: brokers, topic: topic, properties: KafkaProperties(values), framing: framing,
                keyField: keyField.flatMap(KeyField.init), rate: rate, maximumLineBytes: maxLineBytes,
                showsProgress: !quiet, stop: stop)
            try feed.run()
        } catch let failure as SourceFailure {
            throw CommandFailure(failure.detail)
        } catch let failure as POSIXFailure {
            throw CommandFailure("Standard input could not be read: \(failure)")
        }
        print(feed.report)
        if !feed.isComplete { throw ExitCode(1) }
        if stop.isStopped { throw ExitCode(130) }
    }
}

extension InputFraming: ExpressibleByArgument {}
