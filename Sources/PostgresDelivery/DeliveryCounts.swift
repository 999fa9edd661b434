// Outcomes that are known before the database is asked. Pure.
internal import StreamCore

enum DeliveryCounts {
    /// Skipped and dead records, and the offsets without a record.
    static func decidedBefore(_ slice: PartitionSlice) -> [Outcome: Int64] {
        var counts: [Outcome: Int64] = [:]
        if slice.gap > 0 { counts[Outcome(.gap)] = slice.gap }
        for record in slice.records {
            switch record.content {
            case .skipped(let reason): counts[Outcome(.skipped, reason: reason.rawValue), default: 0] += 1
            case .dead(let letter):
                counts[Outcome(.dead, reason: letter.rejection.reason.rawValue), default: 0] += 1
            case .post, .delete, .account: break
            }
        }
        return counts
    }
}
