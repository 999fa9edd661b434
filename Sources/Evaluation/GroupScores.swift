// Metrics by a field of the rows, such as the language: each group alone, and the mean over groups as multilingual
// benchmarks report it.

package struct GroupScores: Sendable, Equatable, Codable {
    package struct Group: Sendable, Equatable, Codable {
        package let rows: Int
        package let metrics: [String: Double]
    }

    /// The field of the rows.
    package let field: String
    package let groups: [String: Group]
    /// Each group counts the same.
    package let mean: [String: Double]

    /// Rows without a group, such as posts outside of the classes that came from another file, have no part in it.
    package init(_ answers: RowAnswers, field: String) {
        var rowsOf: [String: [Int]] = [:]
        for case (let row, let group?) in answers.groups.enumerated() { rowsOf[group, default: []].append(row) }
        let names = RowAnswers.metricNames(answers)
        let groups = rowsOf.mapValues { rows in
            Group(
                rows: rows.count,
                metrics: Dictionary(uniqueKeysWithValues: names.map { ($0, answers.metric($0, over: rows)) }))
        }
        self.field = field
        self.groups = groups
        mean = Dictionary(
            uniqueKeysWithValues: names.map { name in
                (name, groups.values.reduce(0) { $0 + ($1.metrics[name] ?? 0) } / Double(max(1, groups.count)))
            })
    }
}
