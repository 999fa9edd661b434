// The tables at the end of the demo, from the database alone. Goes to standard output.
import StreamCore

struct DemoReport {
    let database: DemoDatabase
    let style: TerminalStyle

    /// - Parameter expected: records by the outcome each must have, as the feed counted them; nil where records are
    ///   missing because the demo was broken off.
    func print(expected: [String: Int]?) throws(DatabaseFailure) {
        try sentimentByTopic()
        try trendingEntities()
        try maskedPosts()
        try outcomes(expected: expected)
    }

    private func sentimentByTopic() throws(DatabaseFailure) {
        heading("Sentiment by topic")
        var table = TextTable([
            ("topic", .left), ("posts", .right), ("positive", .right), ("neutral", .right), ("negative", .right),
            ("text kept by the mask", .right),
        ])
        for row in try database.sentimentByTopic() { table.append(row) }
        show(table)
    }

    private func trendingEntities() throws(DatabaseFailure) {
        heading("Trending entities: the newer half of the run against the older")
        var table = TextTable([
            ("entity", .left), ("type", .left), ("mentions", .right), ("newer", .right), ("older", .right),
            ("rise", .right),
        ])
        for row in try database.trendingEntities(limit: 12) {
            let difference = (Int(row[3]) ?? 0) - (Int(row[4]) ?? 0)
            let rise = difference > 0 ? "+\(difference)" : "\(difference)"
            table.append([Self.shortened(TerminalStyle.harmless(row[0]))] + row[1...] + [rise])
        }
        show(table)
    }

    private func maskedPosts() throws(DatabaseFailure) {
        heading("Posts as the model read them: struck out is what the mask dropped")
        for row in try database.maskedPosts(limit: 14) {
            let post = StruckPost(text: row[0], dropped: row[1], entities: row[2])
            let mood =
                switch row[3] {
                case "positive": style.green(row[3])
                case "negative": style.red(row[3])
                default: row[3]
                }
            Swift.print("  \(post.rendered(style))")
            let names = row[6].isEmpty ? "" : ": " + TerminalStyle.harmless(row[6])
            Swift.print("      \(mood), \(row[4]), \(row[5])\(names)")
        }
    }

    private func outcomes(expected: [String: Int]?) throws(DatabaseFailure) {
        heading("Every record has one outcome")
        let counted = try database.outcomes()
        var table = TextTable([("outcome", .left), ("fed", .right), ("in the database", .right), ("", .left)])
        var isRight = true
        for outcome in Outcome.Kind.allCases.map(\.rawValue) {
            let (fed, found) = (expected?[outcome] ?? 0, counted[outcome] ?? 0)
            guard fed > 0 || found > 0 else { continue }
            let agrees = fed == found
            isRight = isRight && agrees
            table.append([
                outcome, expected == nil ? "-" : fed.grouped, found.grouped,
                expected == nil ? "" : agrees ? "✓" : "✗",
            ])
        }
        show(table)
        let balance = try database.balance()
        let total = counted.values.reduce(0, +)
        let isBalanced = balance.balanced == balance.partitions
        let verdict = "\(total.grouped) records; the counts of \(balance.balanced) of \(balance.partitions) partitions "
            + "add up to the offsets they moved."
        Swift.print("  " + (isBalanced && (isRight || expected == nil) ? style.green(verdict) : style.red(verdict)))
        let dead = try database.deadLetters().map { "\($0[1]) \($0[0])" }
        if !dead.isEmpty {
            Swift.print("  Dead letters, on purpose in this feed: " + dead.joined(separator: ", ") + ".")
        }
        Swift.print("")
    }

    private static func shortened(_ name: String) -> String {
        name.count <= 40 ? name : name.prefix(39) + "…"
    }

    private func heading(_ text: String) {
        Swift.print("")
        Swift.print(style.bold(text))
        Swift.print("")
    }

    private func show(_ table: TextTable) {
        for line in table.lines(style: style) { Swift.print(line) }
    }
}
