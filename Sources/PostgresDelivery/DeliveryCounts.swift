// Outcomes that are known before the database is asked. Pure.
internal import StreamCore

enum DeliveryCounts {
    /// Skipped and dead records, and the offsets without a record.
    static func decidedBefore(_ slice: PartitionSlice) -> [Outcome: Int64] {
        var counts: [Outcome: Int64] = [:]
        if slice.gap > 0 { counts[Outcome(.gap)] = slice.gap }
        for record in slice.records {
            if let outcome = decidedBefore(record.content) { counts[outcome, default: 0] += 1 }
        }
        return counts
    }

    /// Nil where the database decides. Of several documents a dead one decides, and skips only where all are skips.
    static func decidedBefore(_ content: DeliverableContent) -> Outcome? {
        var skipped: Outcome?
        var isOpen = false
        for part in content.parts {
            switch part {
            case .dead(let letter): return Outcome(.dead, reason: letter.rejection.reason.rawValue)
            case .skipped(let reason): skipped = skipped ?? Outcome(.skipped, reason: reason.rawValue)
            case .post, .delete, .account, .several: isOpen = true
            }
        }
        return isOpen ? nil : skipped
    }
}
