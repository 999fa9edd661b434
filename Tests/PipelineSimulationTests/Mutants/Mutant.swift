// The faults that are built into the machine's own source, one at a time. Each must be noticed by the simulation.
import Foundation

/// A place in one file of StreamCore, and what stands there instead while the mutant is active. The place must occur exactly once,
/// so that a mutant cannot rot unseen.
struct Mutant: Sendable, CustomStringConvertible {
    enum Form: Sendable { case expression, statements }

    let name: String
    let file: String
    let form: Form
    /// The source around and at the fault; ‹ and › enclose what is replaced.
    let place: String
    let replacement: String

    var description: String { name }

    /// - Parameter number: of the mutant, from 1. `activeMutant` is the program's own choice at its start.
    func woven(into source: String, number: Int) -> String? {
        let parts = place.components(separatedBy: CharacterSet(charactersIn: "‹›"))
        guard parts.count == 3, source.components(separatedBy: parts.joined()).count == 2 else { return nil }
        let choice =
            switch form {
            case .expression: "(activeMutant == \(number) ? (\(replacement)) : (\(parts[1])))"
            case .statements: "if activeMutant == \(number) { \(replacement) } else { \(parts[1]) }"
            }
        return source.replacingOccurrences(of: parts.joined(), with: parts[0] + choice + parts[2])
    }

    private static func expression(_ name: String, _ file: String, _ place: String, _ replacement: String) -> Mutant {
        Mutant(name: name, file: file + ".swift", form: .expression, place: place, replacement: replacement)
    }

    private static func statements(_ name: String, _ file: String, _ place: String, _ replacement: String) -> Mutant {
        Mutant(name: name, file: file + ".swift", form: .statements, place: place, replacement: replacement)
    }

    static let all: [Mutant] = [
        .expression(
            "duplicates are admitted", "PartitionLedger",
            "guard ‹offset >= dueOffset› else { return .duplicate }", "offset >= 0"),
        .expression(
            "records of an older fetch are taken", "StreamMachine+Partitions",
            "guard ‹partitions[partition]?.tag == tag›, partitions[partition]?.phase == .fetching else {", "true"),
        .expression(
            "the ledger starts at the first offset", "StreamMachine+Partitions",
            "state.ledger = PartitionLedger(nextOffset: ‹claim.nextOffset›)", "claim.firstOffset"),
        .expression(
            "the fetch starts one too far", "StreamMachine+Partitions",
            "actions.append(.startFetching(partition, offset: ‹claim.nextOffset›, tag))", "claim.nextOffset + 1"),
        .statements(
            "a failed delivery counts as done", "StreamMachine+Delivery",
            "case .wait: ‹backOff(lane, failure)›", "deliverySucceeded(lane)"),
        .statements(
            "an unknown COMMIT counts as done", "StreamMachine+Delivery",
            "‹lanes[lane].phase = .resolving\n            actions.append(.resolve(lane: lane))›\n        case .failed",
            "deliverySucceeded(lane)"),
        .statements(
            "bisecting is skipped", "StreamMachine+Delivery",
            "case .data, .unknown: ‹refused(lane, failure)›", "backOff(lane, failure)"),
        .expression(
            "the first of a refused delivery is condemned", "BatchBisector",
            "guard ‹alive.count > 1› else {", "alive.count > 1_000"),
        .expression(
            "the offset moves one too far", "StreamMachine+Delivery",
            "newOffset: ‹(entries.last?.offset ?? expected - 1) + 1›,", "(entries.last?.offset ?? expected - 1) + 2"),
        .expression(
            "the expected offset is the polled one", "StreamMachine+Delivery",
            "let expected = ‹partitions[partition]?.ledger.deliveredOffset›,", "partitions[partition]?.ledger.dueOffset"),
        .expression(
            "records overtake each other", "PartitionLedger",
            "while taken.count < ‹min(recordLimit, readyPrefix)› {", "min(recordLimit, entries.count)"),
        .statements(
            "a cancelled delivery keeps its records", "PartitionLedger",
            "package mutating func cancelDelivery() { ‹deliveringCount = 0› }", ""),
        .statements(
            "a fenced owner never claims again", "StreamMachine+Partitions",
            "‹fresh.phase = .waitingToClaim(until: now + wait)›",
            "fresh.phase = .blocked(until: now + wait + .seconds(1_000_000))"),
        .expression(
            "a failed claim is never tried again", "StreamMachine+Partitions",
            "case .waitingToClaim(let time) where ‹time <= now›, .blocked(let time) where time <= now:", "false"),
        .statements(
            "no suspect is noted", "StreamMachine+Isolation",
            "‹actions.append(.markSuspect(claim, reference.tag, offset: entry.offset))›",
            "isolationTurn = .running(reference)\n        startPreparing([reference])"),
        .expression(
            "no suspect is condemned", "StreamMachine+Isolation",
            "‹suspect.attempts >= limits.suspectAttempts›,", "suspect.attempts >= 1_000_000"),
        .statements(
            "the queues keep what was dropped", "StreamMachine+Partitions",
            "‹received = .init(received.filter { isCurrent($0) })›", ""),
        .statements(
            "stale records keep their share of the budget", "StreamMachine+Partitions",
            "‹return releaseFlow(partition, .init(records: 1, bytes: byteCount))›", "return"),
        .statements(
            "delivered records keep their share of the budget", "StreamMachine+Delivery",
            "‹releaseFlow(share.topicPartition, freed)›", "_ = freed"),
        .statements(
            "a condemned record keeps its content", "PartitionLedger",
            "‹entries[index].payload = payload›\n        entries[index].isCondemned = true", ""),
        .expression(
            "results of a lost fetch move the new one", "StreamMachine+Delivery",
            "guard ‹partitions[share.topicPartition]?.tag == share.tag› else { continue }",
            "partitions[share.topicPartition] != nil"),
        .statements(
            "a drained partition is not let go", "StreamMachine+Partitions",
            "‹let abandoned = forget(partition)\n        notice(.drained(partition, abandoned: abandoned))\n        "
                + "actions.append(.releaseToSource([partition]))›",
            "notice(.drained(partition, abandoned: 0))"),
    ]
}
