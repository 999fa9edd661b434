// Remembers for which weeks the tables have partitions, so that a delivery asks for new ones only when it needs to.
// Owned by one sink. May be wrong after a retention run: the delivery then fails with the class `wait`, and `forget`
// mends it.
internal import Foundation
internal import Posts
internal import StreamCore

struct KnownPartitions {
    private static let weeksAhead: Int32 = 2
    private static let week: Int64 = 7 * 86_400 * 1_000_000
    /// 1970-01-01 was a Thursday: three days after a Monday.
    private static let mondayShift: Int64 = 3 * 86_400 * 1_000_000

    private var weeks: Set<Int64> = []
    private var asksForKeys = false

    mutating func forget() {
        weeks = []
        asksForKeys = true
    }

    /// Statements to run in a transaction before this delivery, nil where nothing is missing.
    func preparation(for delivery: Delivery) -> [Statement]? {
        let posts = Self.posts(of: delivery)
        guard !posts.isEmpty else { return nil }
        let missing = Set(posts.map { Self.weekNumber($0.receivedAt) } + [Self.currentWeek]).subtracting(weeks)
        guard !missing.isEmpty else { return nil }
        var moments = BinaryArray(.timestamp)
        for number in missing { moments.append(Timestamp(microseconds: number &* Self.week &- Self.mondayShift)) }
        var statements = [
            Statement(
                sql: "SELECT winnow.ensure_partitions($1), winnow.make_partitions($2)",
                parameters: [moments.parameter, .integer(Self.weeksAhead)])
        ]
        if asksForKeys {
            var platforms = BinaryArray(.text)
            var keys = BinaryArray(.text)
            for case .post(let post, _) in posts.flatMap(\.content.parts) {
                platforms.append(post.key.platform)
                keys.append(post.key.key)
            }
            statements.append(
                Statement(
                    sql: "SELECT winnow.ensure_partitions_of_keys($1, $2)",
                    parameters: [platforms.parameter, keys.parameter]))
        }
        return statements
    }

    mutating func prepared(for delivery: Delivery) {
        weeks.formUnion(Self.posts(of: delivery).map { Self.weekNumber($0.receivedAt) })
        weeks.insert(Self.currentWeek)
        asksForKeys = false
    }

    private static func posts(of delivery: Delivery) -> [DeliverableRecord] {
        delivery.slices.flatMap { slice in
            slice.records.filter { record in
                record.content.parts.contains { if case .post = $0 { true } else { false } }
            }
        }
    }

    private static var currentWeek: Int64 {
        weekNumber(Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)))
    }

    private static func weekNumber(_ time: Timestamp) -> Int64 {
        // Far from the ends of Int64, where the shift would overflow; the database files such times elsewhere anyway.
        let clamped = min(max(time.microseconds, -(1 << 60)), 1 << 60)
        let shifted = clamped + mondayShift
        return shifted >= 0 ? shifted / week : (shifted - week + 1) / week
    }
}
