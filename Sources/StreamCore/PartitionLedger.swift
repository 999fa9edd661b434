// The records of one partition between poll and COMMIT, in the order of their offsets. Owned by the partition's state in
// `StreamMachine`; knows nothing of threads, batches or the database.
internal import DequeModule

/// Where a record stands. A record moves from left to right and never back.
package enum RecordStage: UInt8, Sendable, CaseIterable {
    /// Polled, nobody works on it.
    case received
    /// With a worker for decoding, tokenisation and masking.
    case preparing
    /// A post that waits for a micro-batch.
    case waiting
    /// With a worker, in a micro-batch.
    case enriching
    /// Its content is known; it waits for its turn in a delivery.
    case ready
}

/// What the ledger says of a polled record.
package enum LedgerAdmission: Equatable, Sendable {
    case admitted(sequence: Int)
    /// Below the offset that is due: it was polled before.
    case duplicate
}

package struct PartitionLedger<Payload: Sendable>: Sendable {
    package struct Entry: Sendable {
        package let offset: Int64
        package let byteCount: Int
        package var stage: RecordStage
        package var payload: Payload
        package var isCondemned = false
    }

    /// What was dropped: the share of the flow budget that is free again.
    package struct Share: Equatable, Sendable {
        package var records = 0
        package var bytes = 0
    }

    private var entries: Deque<Entry> = []
    /// Sequence of the first entry; sequences rise by one a record, whatever the offsets do.
    package private(set) var firstSequence = 0
    /// `next_offset` as the database has it under our claim.
    package private(set) var deliveredOffset: Int64
    /// The smallest offset that may come next.
    package private(set) var dueOffset: Int64
    /// Entries from the front that are ready, those under delivery included.
    package private(set) var readyPrefix = 0
    /// Entries from the front that are part of a running delivery.
    package private(set) var deliveringCount = 0

    package init(nextOffset: Int64) {
        deliveredOffset = nextOffset
        dueOffset = nextOffset
    }

    package var count: Int { entries.count }
    package var isEmpty: Bool { entries.isEmpty }
    /// Ready and not yet part of a delivery.
    package var deliverableCount: Int { readyPrefix - deliveringCount }

    package mutating func admit(offset: Int64, byteCount: Int, payload: Payload) -> LedgerAdmission {
        guard offset >= dueOffset else { return .duplicate }
        dueOffset = offset + 1
        entries.append(Entry(offset: offset, byteCount: byteCount, stage: .received, payload: payload))
        return .admitted(sequence: firstSequence + entries.count - 1)
    }

    package func contains(_ sequence: Int) -> Bool { entries.indices.contains(sequence - firstSequence) }

    /// Nil where the sequence is delivered or was dropped.
    package func entry(_ sequence: Int) -> Entry? {
        let index = sequence - firstSequence
        return entries.indices.contains(index) ? entries[index] : nil
    }

    /// Moves an entry on. Returns false where it is gone; traps where the move goes backwards, for that is our mistake.
    @discardableResult
    package mutating func advance(_ sequence: Int, to stage: RecordStage, payload: Payload? = nil) -> Bool {
        let index = sequence - firstSequence
        guard entries.indices.contains(index) else { return false }
        precondition(stage.rawValue > entries[index].stage.rawValue, "a record never moves backwards")
        entries[index].stage = stage
        if let payload { entries[index].payload = payload }
        while readyPrefix < entries.count, entries[readyPrefix].stage == .ready { readyPrefix += 1 }
        return true
    }

    /// Replaces the content of an entry by its dead letter, at whatever stage it is; it is ready then.
    package mutating func condemn(_ sequence: Int, payload: Payload) {
        let index = sequence - firstSequence
        guard entries.indices.contains(index) else { return }
        entries[index].payload = payload
        entries[index].isCondemned = true
        entries[index].stage = .ready
        while readyPrefix < entries.count, entries[readyPrefix].stage == .ready { readyPrefix += 1 }
    }

    /// Takes up to `recordLimit` ready records (at least one, whatever its size) for a delivery.
    package mutating func beginDelivery(recordLimit: Int, byteLimit: Int) -> [Entry] {
        precondition(deliveringCount == 0, "one delivery of a partition at a time")
        var taken: [Entry] = []
        var bytes = 0
        while taken.count < min(recordLimit, readyPrefix) {
            let entry = entries[taken.count]
            if !taken.isEmpty, bytes + entry.byteCount > byteLimit { break }
            bytes += entry.byteCount
            taken.append(entry)
        }
        deliveringCount = taken.count
        return taken
    }

    /// The delivery took effect: its records leave.
    package mutating func commitDelivery() -> Share {
        precondition(deliveringCount > 0, "a delivery must be running")
        var share = Share()
        for entry in entries.prefix(deliveringCount) {
            share.records += 1
            share.bytes += entry.byteCount
            deliveredOffset = entry.offset + 1
        }
        entries.removeFirst(deliveringCount)
        firstSequence += deliveringCount
        readyPrefix -= deliveringCount
        deliveringCount = 0
        return share
    }

    /// The delivery took no effect: its records stay, ready.
    package mutating func cancelDelivery() { deliveringCount = 0 }

    /// Drops the first record that no worker has computed or is computing, and all behind it: the end of a drain is near.
    package mutating func dropUnstarted() -> Share {
        var keep = 0
        while keep < entries.count, entries[keep].stage.rawValue >= RecordStage.enriching.rawValue { keep += 1 }
        return drop(from: keep)
    }

    /// Drops everything. A running delivery's result no longer concerns this ledger.
    package mutating func dropAll() -> Share {
        deliveringCount = 0
        readyPrefix = 0
        return drop(from: 0)
    }

    private mutating func drop(from index: Int) -> Share {
        var share = Share()
        for entry in entries[index...] {
            share.records += 1
            share.bytes += entry.byteCount
        }
        entries.removeLast(entries.count - index)
        return share
    }

    /// Sequences of records that nobody works on yet, in order.
    package var receivedSequences: [Int] {
        entries.indices.filter { entries[$0].stage == .received }.map { $0 + firstSequence }
    }
}
