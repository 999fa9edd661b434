// `winnow deadletters list | show | redrive | purge`: the command tree and which letters are meant.
import ArgumentParser
import Foundation
import Posts
import PostgresDelivery

struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deadletters", abstract: "Looks at what could not be read or written, and takes it in again.",
        discussion: "Every reason, and what to do about it, is on the page DeadLetters of the documentation.",
        subcommands: [
            ListDeadLetters.self, ShowDeadLetter.self, RedriveDeadLetters.self, PurgeDeadLetters.self,
        ])
}

/// Which letters a command means: all of the group where none is given.
struct DeadLetterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only this letter; can be given more than once.", valueName: "number"))
    var id: [Int64] = []

    @Option(help: ArgumentHelp("Only this reason; can be given more than once.", valueName: "reason"))
    var reason: [String] = []

    @Option(help: ArgumentHelp("Only this Kafka partition.", valueName: "number"))
    var partition: Int32?

    @Option(help: ArgumentHelp("The first offset, or time of the record (ISO 8601, UTC).", valueName: "offset|time"))
    var from: OffsetOrTime?

    @Option(help: ArgumentHelp("The offset or time at which it ends, not included.", valueName: "offset|time"))
    var to: OffsetOrTime?

    @Option(help: ArgumentHelp("Only letters older than this: 45m, 12h, 30d.", valueName: "age"))
    var olderThan: DeadLetterAge?

    /// - Parameter topics: what --topic named, with commas; nil: every topic of the group.
    func filter(topics: String?) -> DeadLetterFilter {
        var filter = DeadLetterFilter()
        filter.identifiers = id
        filter.topics = topics.map { $0.split(separator: ",").map(String.init) } ?? []
        filter.partition = partition
        filter.reasons = reason
        filter.firstOffset = from?.offset
        filter.endOffset = to?.offset
        filter.receivedFrom = from?.time
        filter.receivedBefore = to?.time
        filter.writtenBefore = olderThan.map { age in
            Timestamp(microseconds: Int64((Date().timeIntervalSince1970 - age.seconds) * 1_000_000))
        }
        return filter
    }
}

/// A length of time as people write it: a number with s, m, h or d.
struct DeadLetterAge: ExpressibleByArgument {
    let seconds: Double

    init?(argument: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let unit = argument.last.flatMap({ units[$0] }), let number = Double(argument.dropLast()), number >= 0,
            number.isFinite
        else { return nil }
        seconds = number * unit
    }
}
