// The faults that are built into the machine's own source, one at a time. Each must be noticed by the simulation.

/// One replacement in one file of StreamCore. The original must occur exactly once, so that a mutant cannot rot unseen.
struct Mutant: Sendable, CustomStringConvertible {
    let name: String
    let file: String
    let original: String
    let replacement: String

    var description: String { name }

    static let all: [Mutant] = [
        Mutant(
            name: "duplicates are admitted", file: "PartitionLedger.swift",
            original: "guard offset >= dueOffset else { return .duplicate }",
            replacement: "guard offset >= 0 else { return .duplicate }"),
        Mutant(
            name: "the ledger starts at the first offset", file: "StreamMachine+Partitions.swift",
            original: "state.ledger = PartitionLedger(nextOffset: claim.nextOffset)",
            replacement: "state.ledger = PartitionLedger(nextOffset: claim.firstOffset)"),
        Mutant(
            name: "the fetch starts one too far", file: "StreamMachine+Partitions.swift",
            original: "actions.append(.startFetching(partition, offset: claim.nextOffset, tag))",
            replacement: "actions.append(.startFetching(partition, offset: claim.nextOffset + 1, tag))"),
        Mutant(
            name: "a failed delivery counts as done", file: "StreamMachine+Delivery.swift",
            original: "case .wait: backOff(lane, failure)",
            replacement: "case .wait: deliverySucceeded(lane)"),
        Mutant(
            name: "an unknown COMMIT counts as done", file: "StreamMachine+Delivery.swift",
            original: "lanes[lane].phase = .resolving\n            actions.append(.resolve(lane: lane))\n        case .failed",
            replacement: "deliverySucceeded(lane)\n        case .failed"),
        Mutant(
            name: "bisecting is skipped", file: "StreamMachine+Delivery.swift",
            original: "case .data, .unknown: refused(lane, failure)",
            replacement: "case .data, .unknown: backOff(lane, failure)"),
        Mutant(
            name: "the first of a refused delivery is condemned", file: "BatchBisector.swift",
            original: "guard alive.count > 1 else {", replacement: "guard alive.count > 1_000 else {"),
        Mutant(
            name: "the offset moves one too far", file: "StreamMachine+Delivery.swift",
            original: "newOffset: (entries.last?.offset ?? expected - 1) + 1,",
            replacement: "newOffset: (entries.last?.offset ?? expected - 1) + 2,"),
        Mutant(
            name: "the expected offset is the polled one", file: "StreamMachine+Delivery.swift",
            original: "let expected = partitions[partition]?.ledger.deliveredOffset,",
            replacement: "let expected = partitions[partition]?.ledger.dueOffset,"),
        Mutant(
            name: "records overtake each other", file: "PartitionLedger.swift",
            original: "while taken.count < min(recordLimit, readyPrefix) {",
            replacement: "while taken.count < min(recordLimit, entries.count) {"),
        Mutant(
            name: "a cancelled delivery keeps its records", file: "PartitionLedger.swift",
            original: "package mutating func cancelDelivery() { deliveringCount = 0 }",
            replacement: "package mutating func cancelDelivery() {}"),
        Mutant(
            name: "a fenced owner never claims again", file: "StreamMachine+Partitions.swift",
            original: "fresh.phase = .waitingToClaim(until: now + wait)",
            replacement: "fresh.phase = .blocked(until: now + wait + .seconds(1_000_000))"),
        Mutant(
            name: "a failed claim is never tried again", file: "StreamMachine+Partitions.swift",
            original: "case .waitingToClaim(let time) where time <= now, .blocked(let time) where time <= now:",
            replacement: "case .blocked(let time) where time <= now:"),
        Mutant(
            name: "no suspect is noted", file: "StreamMachine+Isolation.swift",
            original: "actions.append(.markSuspect(claim, reference.tag, offset: entry.offset))",
            replacement: "isolationTurn = .running(reference)\n        startPreparing([reference])"),
        Mutant(
            name: "no suspect is condemned", file: "StreamMachine+Isolation.swift",
            original: "suspect.attempts >= limits.suspectAttempts,",
            replacement: "suspect.attempts >= 1_000_000,"),
        Mutant(
            name: "the queues keep what was dropped", file: "StreamMachine+Partitions.swift",
            original: "received = .init(received.filter { isCurrent($0) })", replacement: ""),
        Mutant(
            name: "stale records keep their share of the budget", file: "StreamMachine+Partitions.swift",
            original: "return releaseFlow(partition, .init(records: 1, bytes: byteCount))", replacement: "return"),
        Mutant(
            name: "delivered records keep their share of the budget", file: "StreamMachine+Delivery.swift",
            original: "releaseFlow(share.topicPartition, freed)", replacement: "_ = freed"),
        Mutant(
            name: "a condemned record keeps its content", file: "PartitionLedger.swift",
            original: "entries[index].payload = payload\n        entries[index].isCondemned = true",
            replacement: "entries[index].isCondemned = true"),
        Mutant(
            name: "results of a lost fetch move the new one", file: "StreamMachine+Delivery.swift",
            original: "guard partitions[share.topicPartition]?.tag == share.tag else { continue }",
            replacement: "guard partitions[share.topicPartition] != nil else { continue }"),
        Mutant(
            name: "a drained partition is not let go", file: "StreamMachine+Partitions.swift",
            original: "forget(partition)\n        notice(.drained(partition, abandoned: abandoned))\n        "
                + "actions.append(.releaseToSource([partition]))",
            replacement: "partitions[partition]?.ledger.count ?? 0\n        "
                + "notice(.drained(partition, abandoned: abandoned))"),
    ]
}
