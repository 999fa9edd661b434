// Conditions of a query that a person puts together: each with its parameter, all joined by AND. Values never become SQL.
internal import Posts

struct SearchConditions {
    private var texts: [String] = []
    private(set) var parameters: [PostgresParameter] = []

    /// - Parameter template: SQL with `?` where the parameter goes.
    mutating func add(_ template: String, _ parameter: PostgresParameter) {
        parameters.append(parameter)
        texts.append(template.replacing("?", with: "$\(parameters.count)"))
    }

    mutating func add(_ template: String, _ value: String?) {
        if let value { add(template, .text(value)) }
    }

    mutating func add(_ template: String, _ value: Timestamp?) {
        if let value { add(template, .timestamp(value)) }
    }

    mutating func add(_ template: String, _ value: Int64?) {
        if let value { add(template, .bigint(value)) }
    }

    mutating func add(_ template: String, _ values: [String]) {
        guard !values.isEmpty else { return }
        var array = BinaryArray(.text)
        for value in values { array.append(value) }
        add(template, array.parameter)
    }

    mutating func add(_ template: String, _ values: [Int64]) {
        guard !values.isEmpty else { return }
        var array = BinaryArray(.bigint)
        for value in values { array.append(value) }
        add(template, array.parameter)
    }

    var sql: String { texts.joined(separator: " AND ") }
}
